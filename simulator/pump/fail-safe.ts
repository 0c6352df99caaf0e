import { raisedAlarm } from './alarms.ts';
import { type PumpContext, withChannel, withDrive } from './context.ts';

/** The context of a pump whose machine has broken down: no motor moves, one alarm says why, nothing else is promised. */
export function failSafe(context: PumpContext, atMs: number): PumpContext {
  let safe: PumpContext = { ...context, power: { ...context.power, mode: 'failed', busyUntilMs: null } };
  for (const id of context.model.channels) {
    safe = withChannel(withDrive(safe, id, atMs, 0, null), id, { mode: 'stopped', waitingSinceMs: null });
  }
  const failure = raisedAlarm('system-failure', null, atMs);
  return { ...safe, alarms: [...context.alarms, failure] };
}
