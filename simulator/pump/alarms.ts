import type { AlarmPriority } from '../../protocol/index.ts';

/** What an alarm means for the pump. Priorities after IEC 60601-1-8. */
interface AlarmKind {
  readonly priority: AlarmPriority;
  /** Whether delivery stops. */
  readonly stops: boolean;
  /** Stays until somebody clears it, even when its cause has gone. */
  readonly latching: boolean;
  /** Its cause is over the moment it is raised: it reports something that has happened. */
  readonly momentary: boolean;
  /** Becomes more urgent when nobody has seen to it after so long. */
  readonly escalates: { readonly afterMs: number; readonly to: AlarmPriority } | null;
  /** For the display. */
  readonly text: string;
}

const MINUTE_MS = 60_000;
const STOPPING = {
  priority: 'high',
  stops: true,
  latching: true,
  momentary: false,
  escalates: null,
} as const;
const ALERT = { priority: 'low', stops: false, latching: false, momentary: false, escalates: null } as const;
const NOTICE = {
  priority: 'medium',
  stops: false,
  latching: true,
  momentary: true,
  escalates: null,
} as const;

/**
 * Every alarm and alert of the pump, after the list of the Generic Infusion Pump requirements. An open door stops here,
 * though GIP lists it as an alert: no mechanism drives a set that it does not hold. A bolus over its limit is refused and
 * alarms, and the infusion below it goes on.
 */
export const ALARM_KINDS = {
  'downstream-occlusion': { ...STOPPING, text: 'OCCLUSION DOWNSTREAM' },
  'upstream-occlusion': { ...STOPPING, text: 'OCCLUSION UPSTREAM' },
  'air-in-line': { ...STOPPING, text: 'AIR IN LINE' },
  'reservoir-empty': { ...STOPPING, text: 'RESERVOIR EMPTY' },
  'door-open': { ...STOPPING, text: 'DOOR OPEN' },
  'syringe-not-held': { ...STOPPING, text: 'SYRINGE NOT HELD' },
  'plunger-disengaged': { ...STOPPING, text: 'PLUNGER NOT ENGAGED' },
  'channel-disconnected': { ...STOPPING, text: 'CHANNEL DISCONNECTED' },
  'sensor-failed': { ...STOPPING, text: 'SENSOR FAILED' },
  'flow-error': { ...STOPPING, text: 'FLOW ERROR' },
  'key-stuck': { ...STOPPING, text: 'KEY STUCK' },
  watchdog: { ...STOPPING, text: 'WATCHDOG' },
  overheated: { ...STOPPING, text: 'OVERHEATED' },
  'battery-defective': { ...STOPPING, text: 'BATTERY DEFECTIVE' },
  'self-test-failed': { ...STOPPING, text: 'SELF-TEST FAILED' },
  'system-failure': { ...STOPPING, text: 'SYSTEM FAILURE' },
  /** From a buzzer with a supply of its own: the pump itself is off. */
  'no-power': { ...STOPPING, latching: false, text: 'NO POWER' },
  'dose-limit': { ...NOTICE, priority: 'high', text: 'DOSE LIMIT' },
  'infusion-complete': { ...ALERT, priority: 'medium', text: 'INFUSION COMPLETE' },
  'programme-cleared': { ...NOTICE, text: 'PROGRAMME CLEARED' },
  'limits-failed': { ...ALERT, priority: 'medium', text: 'DRUG LIMITS FAILED' },
  'battery-depleted': { ...ALERT, priority: 'high', text: 'BATTERY DEPLETED' },
  'battery-low': { ...ALERT, priority: 'medium', text: 'BATTERY LOW' },
  'set-misloaded': { ...ALERT, priority: 'medium', text: 'SET MISLOADED' },
  'near-end': { ...ALERT, text: 'NEAR END' },
  'reservoir-low': { ...ALERT, text: 'RESERVOIR LOW' },
  'dose-out-of-range': { ...ALERT, text: 'DOSE OUT OF RANGE' },
  idle: { ...ALERT, text: 'WAITING FOR INPUT' },
  'input-waiting': {
    ...ALERT,
    escalates: { afterMs: 5 * MINUTE_MS, to: 'medium' },
    text: 'INFUSION PAUSED',
  },
} as const satisfies Record<string, AlarmKind>;

export type AlarmName = keyof typeof ALARM_KINDS;

/** What the display calls an alarm; a name that there is not stays as it is. */
export function alarmText(alarm: string): string {
  return isAlarm(alarm) ? ALARM_KINDS[alarm].text : alarm;
}

function isAlarm(name: string): name is AlarmName {
  return Object.hasOwn(ALARM_KINDS, name);
}

/** The longest silence, in milliseconds [GIP: at most 2 minutes]. */
export const SILENCE_MS = 120_000;

/** An alarm as the machine keeps it. */
export interface HeldAlarm {
  readonly alarm: AlarmName;
  /** `null` for the pump as a whole. */
  readonly channel: string | null;
  readonly raisedAtMs: number;
  readonly priority: AlarmPriority;
  /** When it becomes more urgent; `null`: it does not, or has. */
  readonly escalatesAtMs: number | null;
  readonly silencedUntilMs: number | null;
  readonly causeGone: boolean;
}

/** An alarm as it is raised. */
export function raisedAlarm(alarm: AlarmName, channel: string | null, atMs: number): HeldAlarm {
  const { priority, escalates, momentary } = ALARM_KINDS[alarm] satisfies AlarmKind as AlarmKind;
  return {
    alarm,
    channel,
    raisedAtMs: atMs,
    priority,
    escalatesAtMs: escalates === null ? null : atMs + escalates.afterMs,
    silencedUntilMs: null,
    causeGone: momentary,
  };
}

/** The same alarm, more urgent; a silence does not hold for it. */
export function escalatedAlarm(held: HeldAlarm): HeldAlarm {
  const { escalates }: AlarmKind = ALARM_KINDS[held.alarm];
  return { ...held, priority: escalates?.to ?? held.priority, escalatesAtMs: null, silencedUntilMs: null };
}

/** The highest priority among alarms, or `none`. */
export function highestPriority(alarms: readonly HeldAlarm[]): AlarmPriority | 'none' {
  let highest: AlarmPriority | 'none' = 'none';
  for (const { priority } of alarms) {
    if (priority === 'high') return 'high';
    if (priority === 'medium' || highest === 'none') highest = priority;
  }
  return highest;
}

/** The first stopping alarm that concerns a channel: its own, or one of the whole pump. */
export function stoppingAlarm(alarms: readonly HeldAlarm[], channel: string): HeldAlarm | undefined {
  return alarms.find(
    (held) => ALARM_KINDS[held.alarm].stops && (held.channel === channel || held.channel === null),
  );
}
