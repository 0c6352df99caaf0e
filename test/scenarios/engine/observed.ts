import { type Alert, type EvidenceEvent, type Intent, parseSerial } from '../../../protocol/index.ts';
import type { Observation, PumpObservation } from '../../../scenarios/index.ts';

/** A run to judge: it starts at this instant and lasts an hour. */
export const START_MS = 1_000_000_000;
export const MINUTE_MS = 60_000;

export function observed(parts: Partial<Observation> = {}): Observation {
  return {
    startMs: START_MS,
    endMs: START_MS + 60 * MINUTE_MS,
    pumps: [pump()],
    intents: [],
    evidence: [],
    storedRecords: [],
    steps: [],
    received: [],
    detections: [],
    hardLimits: [],
    station: { board: [], notices: [] },
    believedForgeries: [],
    evidenceLog: { lostLines: 0, noticed: false },
    responses: [],
    undisturbed: null,
    ...parts,
  };
}

export function pump(parts: Partial<PumpObservation> = {}): PumpObservation {
  return {
    serial: 'LVP-0001',
    model: 'lvp',
    channels: ['A'],
    flows: [],
    snapshots: [],
    alarms: [],
    links: [],
    records: [],
    ...parts,
  };
}

/** An alert at the very start, about nobody. */
export function alertOf(rule: string, parts: Partial<Alert> = {}): Alert {
  return {
    rule,
    level: 'medium',
    atMs: START_MS,
    sinceMs: START_MS,
    subject: 'unknown',
    about: {
      identity: null,
      address: null,
      zone: null,
      session: null,
      certificate: null,
      pump: null,
      object: null,
    },
    ...parts,
  };
}

/** `[minute, mL/h]` pairs as flow segments of channel A. */
export function flows(...pairs: [number, number][]) {
  return pairs.map(([minute, flowMlPerH]) => ({
    channel: 'A',
    fromMs: START_MS + minute * MINUTE_MS,
    flowMlPerH,
  }));
}

export function intent(minute: number, rateMlPerH: number, parts: Partial<Intent> = {}): Intent {
  return {
    atMs: START_MS + minute * MINUTE_MS,
    serial: parseSerial('LVP-0001')!,
    channel: 'A',
    orderId: 'order-1',
    drug: 'heparin',
    rateMlPerH,
    ...parts,
  };
}

export function evidence(parts: Partial<EvidenceEvent>): EvidenceEvent {
  return {
    source: 'broker',
    event: 'publish.denied',
    outcome: 'denied',
    deviceTimeMs: null,
    receiptTimeMs: START_MS,
    simulatedMs: 0,
    zone: null,
    address: null,
    session: null,
    subject: null,
    certificateFingerprint: null,
    control: null,
    cause: null,
    object: null,
    visibility: 'blue',
    ...parts,
  };
}
