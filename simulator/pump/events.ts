import type { DrugLibrary } from '../../protocol/drug-library/index.ts';
import type { FirmwarePersonality } from '../../protocol/firmware/index.ts';
import type { ControlId } from '../../protocol/index.ts';
import type { AlarmName } from './alarms.ts';
import type { BedsideAction, BedsideRole, PhysicalEvent } from './bedside.ts';
import type { HeldConfiguration } from './context.ts';
import type { ApplyWindow } from './firmware-slots.ts';
import type { PumpSetting } from './settings.ts';

type BedsideEventOf<A extends BedsideAction> = A extends BedsideAction
  ? { readonly type: `bedside.${A['action']}`; readonly role: BedsideRole; readonly press: A }
  : never;

type PhysicalEventOf<P extends PhysicalEvent> = P extends PhysicalEvent
  ? { readonly type: `physical.${P['event']}`; readonly cause: P }
  : never;

/** One event type for each name, so that each name finds its own. */
type Each<T extends string, Rest> = T extends string ? { readonly type: T } & Rest : never;

/** What the pump's own time brings; `nextDue` says which comes next. */
type DueEvent =
  | Each<
      | 'due.self-test-ended'
      | 'due.firmware-staged'
      | 'due.firmware-window'
      | 'due.firmware-applied'
      | 'due.firmware-confirmed'
      | 'due.silence-ended'
      | 'due.escalated'
      | 'due.lockout-ended'
      | 'due.key-stuck'
      | 'due.watchdog-barks'
      | 'due.watchdog'
      | 'due.battery-low'
      | 'due.battery-depleted'
      | 'due.battery-empty',
      unknown
    >
  | Each<
      | 'due.near-end'
      | 'due.budget-spent'
      | 'due.reservoir-low'
      | 'due.reservoir-empty'
      | 'due.occluded'
      | 'due.supply-drawn'
      | 'due.air-limit'
      | 'due.flow-off'
      | 'due.idle'
      | 'due.idle-too-long'
      | 'due.input-waiting',
      { readonly channel: string }
    >;

/** What one region tells the others. */
type InternalEvent =
  | Each<'power.switched-on', { readonly newPatient: boolean }>
  /** `ready`: the self-test has passed. `suspended`: out of use for an update, without being switched off. */
  | Each<'power.ready' | 'power.lost' | 'power.suspended' | 'firmware.apply', unknown>
  /** Something is wrong with the whole pump: every channel stops. */
  | Each<'device.failed', { readonly alarm: AlarmName }>
  /** `dismiss`: the pump itself has seen to it, whether it latches or not. */
  | Each<
      'alarm.raise' | 'alarm.cause-gone' | 'alarm.dismiss',
      { readonly alarm: AlarmName; readonly channel: string | null }
    >;

type NetworkEvent =
  | Each<'link.offline' | 'link.connecting' | 'link.online', unknown>
  | Each<'remote.set-rate', { readonly channel: string; readonly rateMlPerH: number }>
  | Each<'remote.pause', { readonly channel: string }>
  | Each<'remote.bolus', { readonly channel: string; readonly volumeMl: number }>
  | Each<'remote.set-alarm-limit', { readonly channel: string; readonly occlusionLimitMmHg: number }>
  | Each<`${'library' | 'firmware'}.${'download-started' | 'download-ended'}`, { readonly version: string }>
  | Each<
      `${'library' | 'firmware'}.refused`,
      { readonly version: string; readonly reason: string; readonly control: ControlId | null }
    >
  | Each<'library.offered', { readonly library: DrugLibrary }>
  /** A ceiling that no longer lets a library pass: one that waits is dropped, one in use is only told of. */
  | Each<'library.ruled-out', { readonly place: 'pending' | 'inUse'; readonly reason: string }>
  | Each<'ceiling.taken', { readonly version: string; readonly sequence: number }>
  | Each<'configuration.taken', { readonly configuration: HeldConfiguration }>
  | Each<
      'ceiling.refused' | 'configuration.refused',
      { readonly version: string; readonly reason: string; readonly control: ControlId | null }
    >
  | Each<
      'firmware.offered',
      { readonly personality: FirmwarePersonality; readonly window: ApplyWindow | null }
    >
  /** When what waits may be applied; `null`: at any time. */
  | Each<'firmware.window', { readonly version: string; readonly window: ApplyWindow | null }>
  | Each<'firmware.withdrawn', { readonly version: string }>;

/** Written past the keys: through a service, or into the memory of a pump that somebody holds. `by` says which. */
type WrittenEvent =
  | Each<
      'setting.written',
      {
        readonly channel: string;
        readonly setting: PumpSetting;
        /** Whether the firmware takes it while something is programmed. */
        readonly whileRunning: boolean;
        readonly by: string;
      }
    >
  /** How much the set is said to deliver of what is programmed; the next infusion goes by it. */
  | Each<'calibration.written', { readonly channel: string; readonly share: number; readonly by: string }>
  | Each<'library.written', { readonly library: DrugLibrary; readonly by: string }>;

type AccessEvent =
  /** Somebody pressed a key that does nothing now: it is not theirs to press, the keypad is locked, or there is no such key. */
  | Each<
      'access.denied',
      {
        readonly reason: string;
        readonly control: ControlId | null;
        readonly action: string;
        readonly role: BedsideRole;
        readonly channel: string | null;
      }
    >
  /** Somebody is at the keypad, whatever becomes of the key. */
  | Each<'keypad.touched', unknown>;

/** Every event of the machine; each carries the time at which it happens, so the machine needs no clock. */
export type PumpEvent = { readonly atMs: number } & (
  | BedsideEventOf<BedsideAction>
  | PhysicalEventOf<PhysicalEvent>
  /** Told by a socket, and no event at all. */
  | Each<'physical.unknown', unknown>
  | DueEvent
  | InternalEvent
  | NetworkEvent
  | WrittenEvent
  | AccessEvent
);

export type EventOf<T extends PumpEvent['type']> = Extract<PumpEvent, { readonly type: T }>;

export function bedsideEvent(atMs: number, role: BedsideRole, press: BedsideAction): PumpEvent {
  // The compiler does not follow that type and press come from one action.
  return { type: `bedside.${press.action}`, atMs, role, press } as PumpEvent;
}

export function deniedEvent(
  atMs: number,
  role: BedsideRole,
  press: BedsideAction,
  denied: { readonly reason: string; readonly control: ControlId | null },
): PumpEvent {
  const [action, channel] = [textOf(press, 'action') ?? 'unknown', textOf(press, 'channel')];
  return { type: 'access.denied', atMs, role, action, channel, ...denied };
}

export function physicalEvent(atMs: number, cause: PhysicalEvent): PumpEvent {
  // A name that only reads like a text, such as a list of one, would be taken and then not understood.
  if (textOf(cause, 'event') === null) return { type: 'physical.unknown', atMs };
  return { type: `physical.${cause.event}`, atMs, cause } as PumpEvent;
}

/** What something calls itself, or its channel, if that is a text: keys and events come from sockets, which bring anything. */
export function textOf(what: unknown, name: 'action' | 'event' | 'channel'): string | null {
  if (typeof what !== 'object' || what === null) return null;
  const value: unknown = Reflect.get(what, name);
  return typeof value === 'string' ? value : null;
}
