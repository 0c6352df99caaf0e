import type { RunResult } from '../../scenarios/index.ts';

/** A run that did nothing to anybody. */
export const NO_CONSEQUENCES: RunResult['consequences'] = {
  recordsRead: { persons: 0, fields: 0, topics: 0 },
  alarmsMissed: 0,
  alarmsLateMinutes: 0,
  offlinePumpMinutes: 0,
  interruptedTherapyMinutes: 0,
  minutesAboveHardLimit: 0,
  bedsideVisits: 0,
};
