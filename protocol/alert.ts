/**
 * How much an alert asks of whoever reads it. `informational` and `low` are notices: they belong into a record that is
 * reviewed, wake nobody, and are no false alert where ordinary work causes them. From `medium` on somebody has to look.
 */
export const ALERT_LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export type AlertLevel = (typeof ALERT_LEVELS)[number];

/** Whether a level is at least another one. */
export function isAtLeast(level: AlertLevel, least: AlertLevel): boolean {
  return ALERT_LEVELS.indexOf(level) >= ALERT_LEVELS.indexOf(least);
}

/** Whether somebody has to look: where nothing is wrong, it is a false alert. */
export function isAlarming(level: AlertLevel): boolean {
  return isAtLeast(level, 'medium');
}

/** A rule over the evidence was met. Times are milliseconds of the ward's clock. */
export interface Alert {
  /** Id of the rule. */
  readonly rule: string;
  readonly level: AlertLevel;
  /** Receipt time of the event that completed it, or when it was clear that one does not come. */
  readonly atMs: number;
  /** Receipt time of the first event that counted. */
  readonly sinceMs: number;
  /** What the events have in common, as the rule's `by` has it; `unknown` where they do not say. */
  readonly subject: string;
  /** What the last of the events says, for whoever has to act on it. */
  readonly about: AlertDetails;
}

/** Each is `null` where the event does not say. */
export interface AlertDetails {
  /** Identity URN. */
  readonly identity: string | null;
  readonly address: string | null;
  readonly zone: string | null;
  readonly session: string | null;
  readonly certificate: string | null;
  /** Serial number of the pump that it is about. */
  readonly pump: string | null;
  readonly object: string | null;
}
