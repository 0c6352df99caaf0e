import type { Intent } from '../protocol/index.ts';
import { type ActionOf, flowAt, orderedFlow, type StepResult } from '../scenarios/index.ts';
import type { BedsideResult } from '../simulator/pump/index.ts';
import type { Testbed } from './testbed.ts';

/** A display shows a rate to so many mL/h; what differs by less reads the same. */
const READS_THE_SAME_ML_PER_H = 0.05;

/**
 * Somebody compares the displays of pumps with the orders, and puts right what is off: another rate, a therapy that was
 * paused or ended, one that nobody ordered. Known limit: an ended therapy is programmed anew with its rate only by a step
 * of its own; here it stays ended and is told.
 *
 * @param intents what is ordered
 */
export async function bedsideCheck(
  { members, caregiver, options }: Testbed,
  { pumps }: ActionOf<'bedside-check'>,
  intents: readonly Intent[],
): Promise<StepResult> {
  const nowMs = options.clock.now();
  const found: string[] = [];
  let isIdle = true;
  for (const { pump } of members.values()) {
    if (pumps !== 'all' && !pumps.includes(pump.serial)) continue;
    for (const { channel, therapy, programmedRateMlPerH } of pump.reading().channels) {
      const orderedMlPerH = flowAt(orderedFlow(intents, pump.serial, channel), nowMs);
      const off = Math.abs(programmedRateMlPerH - orderedMlPerH) > READS_THE_SAME_ML_PER_H;
      const tell = (what: string, result: BedsideResult): void => {
        if (result.accepted) isIdle = false;
        found.push(`${pump.serial} ${channel} ${what}${result.accepted ? '' : ` (${result.reason})`}`);
      };
      if (orderedMlPerH === 0) {
        if (therapy === 'infusing') tell('stopped: nothing is ordered', caregiver.stop(pump, channel));
      } else if (therapy === 'infusing') {
        const options = { overrideSoftLimit: true };
        if (off) tell('set back to its order', caregiver.changeRate(pump, channel, orderedMlPerH, options));
      } else if (therapy === 'paused') {
        tell('resumed', caregiver.resume(pump, channel));
      } else {
        found.push(`${pump.serial} ${channel} is ${therapy} against its order`);
      }
    }
  }
  const detail = found.length === 0 ? 'all as ordered' : found.join('; ');
  return { outcome: 'succeeded', detail, ...(isIdle && { isIdle: true }) };
}
