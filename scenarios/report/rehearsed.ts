import type { FirmwareState } from '../format/attack.ts';
import type { Scenario } from '../format/scenario.ts';
import type { Rehearsed, RunDetail } from './rehearsal-report.ts';

/** A scenario with its runs, as a report shows it. `firmware`: `null` where it does not matter. */
export function rehearsedOf(
  { id, title, family, summary, references, attack }: Scenario,
  firmware: FirmwareState | null,
  runs: readonly RunDetail[],
): Rehearsed {
  const success = (attack?.success ?? []).map(({ what }) => what);
  return { id, firmware, title, family, summary, references, success, runs: [...runs] };
}
