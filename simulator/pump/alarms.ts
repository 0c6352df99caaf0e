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
  /** For the display. */
  readonly text: string;
}

const STOPPING = { priority: 'high', stops: true, latching: true, momentary: false } as const;
const ALERT = { priority: 'low', stops: false, latching: false, momentary: false } as const;
const NOTICE = { priority: 'medium', stops: false, latching: true, momentary: true } as const;

/**
 * Every alarm and alert of the pump, after the list of the Generic Infusion Pump requirements. An open door stops here,
 * though GIP lists it as an alert: no mechanism drives a set that it does not hold.
 */
export const ALARM_KINDS = {
  'downstream-occlusion': { ...STOPPING, text: 'OCCLUSION DOWNSTREAM' },
  'air-in-line': { ...STOPPING, text: 'AIR IN LINE' },
  'reservoir-empty': { ...STOPPING, text: 'RESERVOIR EMPTY' },
  'door-open': { ...STOPPING, text: 'DOOR OPEN' },
  'self-test-failed': { ...STOPPING, text: 'SELF-TEST FAILED' },
  'system-failure': { ...STOPPING, text: 'SYSTEM FAILURE' },
  'infusion-complete': { ...ALERT, priority: 'medium', text: 'INFUSION COMPLETE' },
  'programme-cleared': { ...NOTICE, text: 'PROGRAMME CLEARED' },
  'battery-depleted': { ...ALERT, priority: 'high', text: 'BATTERY DEPLETED' },
  'battery-low': { ...ALERT, priority: 'medium', text: 'BATTERY LOW' },
  'near-end': { ...ALERT, text: 'NEAR END' },
  'reservoir-low': { ...ALERT, text: 'RESERVOIR LOW' },
  idle: { ...ALERT, text: 'WAITING FOR INPUT' },
  'input-waiting': { ...ALERT, text: 'INFUSION PAUSED' },
} as const satisfies Record<string, AlarmKind>;

export type AlarmName = keyof typeof ALARM_KINDS;

/** The longest silence, in milliseconds [GIP: at most 2 minutes]. */
export const SILENCE_MS = 120_000;

/** An alarm as the machine keeps it. */
export interface HeldAlarm {
  readonly alarm: AlarmName;
  /** `null` for the pump as a whole. */
  readonly channel: string | null;
  readonly raisedAtMs: number;
  readonly silencedUntilMs: number | null;
  readonly causeGone: boolean;
}

/** The highest priority among alarms, or `none`. */
export function highestPriority(alarms: readonly HeldAlarm[]): AlarmPriority | 'none' {
  const order = ['none', 'low', 'medium', 'high'] as const;
  let highest = 0;
  for (const { alarm } of alarms) highest = Math.max(highest, order.indexOf(ALARM_KINDS[alarm].priority));
  return order[highest] ?? 'none';
}

/** The first stopping alarm that concerns a channel: its own, or one of the whole pump. */
export function stoppingAlarm(alarms: readonly HeldAlarm[], channel: string): HeldAlarm | undefined {
  return alarms.find(
    (held) => ALARM_KINDS[held.alarm].stops && (held.channel === channel || held.channel === null),
  );
}
