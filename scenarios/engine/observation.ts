import type { AlarmPriority, Alert, EvidenceEvent, Intent, TherapyState } from '../../protocol/index.ts';
import type { ASSETS } from '../format/adversary-actions/network.ts';
import type { Secret } from '../format/device-values.ts';
import type { RecordField } from '../format/measures.ts';
import type { StepOutcomeKind } from '../format/steps.ts';

/**
 * All that was seen of one run: the only thing that expectations are judged by. Times are milliseconds of the run's
 * clock; an offset of the scenario is added to `startMs`. The shapes take what pumps and stores have as it is.
 */
export interface Observation {
  readonly startMs: number;
  readonly endMs: number;
  readonly pumps: readonly PumpObservation[];
  /** The intent ledger, in any order. */
  readonly intents: readonly Intent[];
  readonly evidence: readonly EvidenceEvent[];
  /** Records in the order in which the server stored them, for all pumps together. */
  readonly storedRecords: readonly StoredRecord[];
  readonly steps: readonly StepOutcome[];
  /** What arrived on connections that steps opened. */
  readonly received: readonly ReceivedMessage[];
  /** Addresses that the adversary spoke from, in the order in which it got them; absent: none is known. */
  readonly adversaryAddresses?: readonly string[];
  /** Secrets of pumps that the adversary has read, each once. */
  readonly secrets?: readonly DisclosedSecret[];
  /** Services that answered it when it looked for them. */
  readonly reached?: readonly ReachedService[];
  /** Alerts of detection rules, in the order in which they were given. */
  readonly detections: readonly Alert[];
  /** The most that a drug that was ordered may flow at, as the pharmacy released it; drugs without such a limit are absent. */
  readonly hardLimits: readonly HardLimit[];
  /** What the nurses' station showed. */
  readonly station: StationObservation;
  /** What somebody believed of a pump that the pump had not said; ascending. */
  readonly believedForgeries: readonly BelievedForgery[];
  /** What became of the log of the evidence that the hospital keeps. */
  readonly evidenceLog: EvidenceLogObservation;
  /** What defenders did by their playbooks, in the order in which they took them up. */
  readonly responses: readonly Response[];
  /** When the last that an adversary could do was ended by the defenders; absent or `null`: it was not. */
  readonly containedAtMs?: number | null;
  /** The same rehearsal without its white and red steps; `null` where no expectation asked for it. */
  readonly undisturbed: UndisturbedRun | null;
}

export interface HardLimit {
  readonly serial: string;
  readonly channel: string;
  readonly drug: string;
  readonly mlPerH: number;
}

export interface StationObservation {
  /** Alarms that came onto its board and went from it, in order. */
  readonly board: readonly {
    readonly atMs: number;
    readonly serial: string;
    readonly alarm: string;
    readonly channel: string | null;
    readonly change: 'shown' | 'withdrawn';
  }[];
  /** Pumps that somebody was sent to look at, since nothing was heard of them; in order. */
  readonly notices: readonly { readonly atMs: number; readonly serial: string }[];
}

export interface BelievedForgery {
  readonly atMs: number;
  /** Who believed it: `pump-server` or `nurse-station`. */
  readonly by: string;
  readonly topic: string;
}

export interface EvidenceLogObservation {
  /** Lines that are no longer there as they were written. */
  readonly lostLines: number;
  /** Whether whoever verifies the log finds that. */
  readonly noticed: boolean;
}

export interface PumpObservation {
  readonly serial: string;
  readonly model: string;
  /** In the pump's own order; the first is meant where a scenario names none. */
  readonly channels: readonly string[];
  /** Truth of the physics: ascending for each channel, nothing flows before the first. */
  readonly flows: readonly FlowSegment[];
  /** One at each offset of `samplingOffsetsMs`, taken after everything at that instant has settled. */
  readonly snapshots: readonly PumpSnapshot[];
  /** Every change of an alarm at the pump, ascending. */
  readonly alarms: readonly AlarmChange[];
  /** When it was in touch with the broker and when not, as the pump itself has it: ascending. */
  readonly links: readonly { readonly atMs: number; readonly online: boolean }[];
  /** Every record that the pump made for its uplink, in order, sent or not. */
  readonly records: readonly UplinkRecord[];
  /** Records that are neither in the pump's log nor in the server's store, and those that say there what the pump never wrote. */
  readonly log?: { readonly lost: number; readonly altered: number };
  /** Where the rehearsal was asked for them; ascending. */
  readonly samples?: readonly PressureSample[] | undefined;
}

/** The pressure downstream of a channel at an instant, read off the physics. */
export interface PressureSample {
  readonly atMs: number;
  readonly channel: string;
  readonly pressureMmHg: number;
}

/** A stretch of constant flow into the patient, until the channel's next one. */
export interface FlowSegment {
  readonly channel: string;
  readonly fromMs: number;
  readonly flowMlPerH: number;
}

/** The part of a pump's reading that expectations ask for. */
export interface PumpSnapshot {
  readonly atMs: number;
  readonly channels: readonly {
    readonly channel: string;
    readonly therapy: TherapyState;
    readonly occlusionLimitMmHg?: number;
  }[];
  readonly library: { readonly inUse: string | null; readonly pending: string | null };
  readonly configuration: string | null;
  readonly firmware: { readonly running: string };
  /** Advisories that its firmware is exposed to, as the hospital's inventory has it; `null`: the inventory knows nothing of it. */
  readonly exposedTo: readonly string[] | null;
  /** What supervision makes of it, which need not be what the pump itself believes. */
  readonly supervision: 'supervised' | 'unsupervised';
}

export interface AlarmChange {
  readonly atMs: number;
  readonly alarm: string;
  readonly channel: string | null;
  readonly priority: AlarmPriority;
  readonly change: 'raised' | 'silenced' | 'escalated' | 'cleared';
}

export interface UplinkRecord {
  readonly stream: 'alarm' | 'event';
  readonly bootId: string;
  readonly seq: number;
}

export interface StoredRecord extends UplinkRecord {
  readonly serial: string;
}

export interface StepOutcome {
  readonly stepId: string;
  readonly outcome: StepOutcomeKind;
  /** What the actor saw, in words without keys or dates. */
  readonly detail: string;
  /** When it was over. */
  readonly atMs: number;
  /** When it began; absent: at that instant, too. */
  readonly startedAtMs?: number | undefined;
}

export interface ReceivedMessage {
  /** Name given by the `connect` step. */
  readonly connection: string;
  readonly topic: string;
  readonly atMs: number;
  /** What stood in it that names a patient; absent: nothing. */
  readonly found?: readonly FoundRecord[];
}

/** Something in a message that names a patient. Who it is stands here only as a number of the rehearsal. */
export interface FoundRecord {
  /** Serial number of the pump and the number of its patient: `LVP-0001/1`. */
  readonly person: string;
  readonly field: RecordField;
}

export interface ReachedService {
  readonly asset: (typeof ASSETS)[number];
  /** Of the pump; `null` where there is one such asset. */
  readonly serial: string | null;
  readonly name: string;
  readonly atMs: number;
}

export interface DisclosedSecret {
  readonly serial: string;
  readonly kind: Secret;
  readonly atMs: number;
}

/** A playbook that was carried out, or begun. */
export interface Response {
  readonly playbook: string;
  /** Rule whose alert it answers; `null`: somebody said so. */
  readonly rule: string | null;
  readonly alertAtMs: number | null;
  /** Whom it is about, as the alert has it. */
  readonly identity: string | null;
  readonly address: string | null;
  readonly pump: string | null;
  readonly actions: readonly ResponseAction[];
}

export interface ResponseAction {
  readonly action: string;
  readonly outcome: StepOutcomeKind;
  readonly detail: string;
  /** It was done, and changes nothing on this floor. */
  readonly isIdle?: true;
  readonly atMs: number;
  /** Pumps that it took off the network or put back. */
  readonly pumps: readonly string[];
  /** How often somebody of the staff had to do something for it. */
  readonly staffActions: number;
}

export interface UndisturbedRun {
  readonly startMs: number;
  readonly pumps: readonly { readonly serial: string; readonly flows: readonly FlowSegment[] }[];
}
