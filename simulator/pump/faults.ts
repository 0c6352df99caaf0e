import type { AlarmName } from './alarms.ts';
import type { PhysicalEvent, SensorName } from './bedside.ts';

/** Something about a channel that keeps it from delivering for as long as it lasts. */
export type Fault =
  | 'door-open'
  | 'set-misloaded'
  | 'barrel-unclamped'
  | 'plunger-disengaged'
  | 'channel-detached'
  | `sensor-${SensorName}`;

interface FaultKind {
  readonly alarm: AlarmName;
  /** Whether it alarms when nothing is being delivered; otherwise it only stands in the way of a start. */
  readonly alarmsAtRest: boolean;
  /** Why nothing starts. */
  readonly text: string;
}

export const FAULT_KINDS: Readonly<Record<Fault, FaultKind>> = {
  'door-open': { alarm: 'door-open', alarmsAtRest: false, text: 'the door is open' },
  'set-misloaded': {
    alarm: 'set-misloaded',
    alarmsAtRest: true,
    text: 'the set is not loaded as it should be',
  },
  'barrel-unclamped': {
    alarm: 'syringe-not-held',
    alarmsAtRest: false,
    text: 'the barrel of the syringe is not clamped',
  },
  'plunger-disengaged': {
    alarm: 'plunger-disengaged',
    alarmsAtRest: false,
    text: 'the plunger of the syringe is not engaged',
  },
  'channel-detached': {
    alarm: 'channel-disconnected',
    alarmsAtRest: true,
    text: 'the channel is disconnected',
  },
  'sensor-pressure': { alarm: 'sensor-failed', alarmsAtRest: true, text: 'the pressure sensor has failed' },
  'sensor-air': { alarm: 'sensor-failed', alarmsAtRest: true, text: 'the air sensor has failed' },
  'sensor-flow': { alarm: 'sensor-failed', alarmsAtRest: true, text: 'the flow sensor has failed' },
};

type FaultEvent = Extract<PhysicalEvent, { readonly channel: string }>;

/** Which fault an event begins or ends, or `null` for an event that is about something else. */
export function faultOf(cause: FaultEvent): { readonly fault: Fault; readonly begins: boolean } | null {
  switch (cause.event) {
    case 'door-opened':
    case 'door-closed':
      return { fault: 'door-open', begins: cause.event === 'door-opened' };
    case 'set-misloaded':
    case 'set-loaded':
      return { fault: 'set-misloaded', begins: cause.event === 'set-misloaded' };
    case 'barrel-unclamped':
    case 'barrel-clamped':
      return { fault: 'barrel-unclamped', begins: cause.event === 'barrel-unclamped' };
    case 'plunger-disengaged':
    case 'plunger-engaged':
      return { fault: 'plunger-disengaged', begins: cause.event === 'plunger-disengaged' };
    case 'channel-detached':
    case 'channel-attached':
      return { fault: 'channel-detached', begins: cause.event === 'channel-detached' };
    case 'sensor-failed':
    case 'sensor-repaired':
      return { fault: `sensor-${cause.sensor}`, begins: cause.event === 'sensor-failed' };
    default:
      return null;
  }
}
