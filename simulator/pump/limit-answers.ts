import type { LimitVerdict } from './limit-verdict.ts';
import { refuse } from './refusal.ts';

/** Whether somebody may go on: within all limits, or past a soft one on purpose. */
export function passes(verdict: LimitVerdict, overrideSoftLimit: boolean | undefined): boolean {
  return verdict.within || (verdict.limit === 'soft' && overrideSoftLimit === true);
}

export function refuseByLimits(event: Parameters<typeof refuse>[0], verdict: LimitVerdict) {
  return refuse(event, verdict.within ? 'not possible now' : verdict.reason, 'dose-limits');
}
