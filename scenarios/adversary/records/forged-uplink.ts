import type { AlarmMessage, EventMessage, StatusMessage, TelemetryMessage } from '../../../protocol/index.ts';
import type { ActionOf } from '../../format/actions.ts';
import type { HeardOfPump } from './heard-of-pump.ts';

export type Say = ActionOf<'forge-uplink'>['say'];

/** A message that is to be said in the name of a pump. */
export interface Forged {
  readonly topic: 'status' | 'telemetry' | 'alarm' | 'event';
  readonly seq: number;
  readonly retain: boolean;
  readonly body:
    | StatusMessage['body']
    | TelemetryMessage['body']
    | AlarmMessage['body']
    | EventMessage['body'];
}

/** The messages by which a forger says something, in their order. */
export function forgeriesOf(say: Say, heard: HeardOfPump, nowMs: number): readonly Forged[] {
  const happenedAt = new Date(nowMs).toISOString();
  switch (say.what) {
    case 'all-well':
      return [allWellStatus(heard), allWellTelemetry(heard)];
    case 'alarm': {
      const { alarm, channel = null, change } = say;
      const body: AlarmMessage['body'] = { alarm, channel, priority: 'high', change, happenedAt };
      return [{ topic: 'alarm', seq: heard.next('log'), retain: false, body }];
    }
    case 'event': {
      const body: EventMessage['body'] = { event: say.event, channel: null, happenedAt, detail: {} };
      return [{ topic: 'event', seq: heard.next('log'), retain: false, body }];
    }
  }
}

function allWellStatus(heard: HeardOfPump): Forged {
  const body = { ...(heard.status ?? SOME_PUMP), link: 'online', activeAlarms: [] } as const;
  return { topic: 'status', seq: heard.next('status'), retain: true, body: { ...body, activeAlarms: [] } };
}

function allWellTelemetry(heard: HeardOfPump): Forged {
  const channels = (heard.channels ?? [SOME_CHANNEL]).map((one) => ({
    ...one,
    therapy: 'infusing' as const,
  }));
  return {
    topic: 'telemetry',
    seq: heard.next('telemetry'),
    retain: false,
    body: { channels, power: 'mains', batteryPercent: 100 },
  };
}

/** What a forger says who has heard nothing. */
const SOME_PUMP: StatusMessage['body'] = {
  link: 'online',
  model: 'lvp',
  hardwareRevision: 'A',
  udi: '(01)00000000000000',
  careArea: 'adult-icu',
  firmware: '1.0.0',
  library: null,
  libraryPending: null,
  activeAlarms: [],
  capabilities: [],
  schemaVersions: {},
};
const SOME_CHANNEL: TelemetryMessage['body']['channels'][number] = {
  channel: 'A',
  therapy: 'infusing',
  drug: null,
  rateMlPerH: 20,
  deliveredMl: 1,
  volumeToBeInfusedMl: 100,
  reservoirMl: 100,
  pressureMmHg: 30,
};
