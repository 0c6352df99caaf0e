import type { Clock, Random } from '../../clock/index.ts';
import type { Pump } from '../pump/index.ts';
import { Bed } from './bed.ts';
import type { Caregiver } from './caregiver.ts';

/**
 * Forks with alike labels begin with alike numbers (measured: the first draws of four serials that differ in the last digit
 * lay within 3% of their range), and part after a few draws. Without these the beds of one model would begin in step.
 */
const WARM_UP_DRAWS = 24;

/**
 * Works a shift: pumps are switched on with a new patient within the first minutes, orders are programmed and started, rates
 * are titrated, bags are changed, lines are pinched off now and then, and alarms are answered after a while. It only sets
 * timers of the clock, so it can be fast-forwarded and then go on live. Each bed draws from a fork of `random` by serial: a
 * pump more or less changes nothing for the others.
 *
 * @returns `stop`: nobody comes any more, and nothing happens to the lines; the pumps go on by themselves
 */
export function startShift(options: {
  readonly clock: Clock;
  readonly random: Random;
  readonly pumps: readonly Pump[];
  readonly caregiver: Caregiver;
}): { stop(): void } {
  const { clock, random, pumps, caregiver } = options;
  const beds = pumps.map((pump) => {
    const own = random.fork(pump.serial);
    for (let draw = 0; draw < WARM_UP_DRAWS; draw++) own.next();
    return new Bed({ pump, clock, random: own, caregiver });
  });
  return {
    stop() {
      for (const bed of beds) bed.leave();
    },
  };
}
