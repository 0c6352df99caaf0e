import type { Clock, Random } from '../../clock/index.ts';
import type { Pump } from '../pump/index.ts';
import { Bed } from './bed.ts';
import type { Caregiver } from './caregiver.ts';

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
  const beds = pumps.map((pump) => new Bed({ pump, clock, random: random.fork(pump.serial), caregiver }));
  return {
    stop() {
      for (const bed of beds) bed.leave();
    },
  };
}
