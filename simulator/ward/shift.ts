import type { Clock, Random } from '../../clock/index.ts';
import type { Pump } from '../pump/index.ts';
import { Bed } from './bed.ts';
import type { Caregiver } from './caregiver.ts';

/**
 * The shift of a ward. A bed can be handed over to somebody else, who then is its nurse, and its patient and its porter too: nothing of
 * the shift happens there until it is taken back.
 */
export interface Shift {
  /** Nobody comes any more, and nothing happens to the lines; the pumps go on by themselves. */
  stop(): void;
  /** The shift lets go of a bed; does nothing for one that it does not have. */
  handOver(serial: string): void;
  /** The shift looks after a bed again, as it finds it. */
  takeBack(serial: string): void;
}

/**
 * Works a shift: pumps are switched on with a new patient within the first minutes, orders are programmed and started, rates
 * are titrated, bags are changed, lines are pinched off now and then, and alarms are answered after a while. It only sets
 * timers of the clock, so it can be fast-forwarded and then go on live. Each bed draws from a fork of `random` by serial: a
 * pump more or less changes nothing for the others.
 */
export function startShift(options: {
  readonly clock: Clock;
  readonly random: Random;
  readonly pumps: readonly Pump[];
  readonly caregiver: Caregiver;
}): Shift {
  const { clock, random, pumps, caregiver } = options;
  const beds = new Map<string, Bed>();
  let handedOver = 0;
  let stopped = false;
  const lookAfter = (pump: Pump, fork: string): Bed => {
    const bed = new Bed({ pump, clock, random: random.fork(fork), caregiver });
    beds.set(pump.serial, bed);
    return bed;
  };
  for (const pump of pumps) lookAfter(pump, pump.serial);
  return {
    stop() {
      stopped = true;
      for (const bed of beds.values()) bed.leave();
      beds.clear();
    },
    handOver(serial) {
      beds.get(serial)?.leave();
      beds.delete(serial);
    },
    takeBack(serial) {
      const pump = pumps.find((one) => one.serial === serial);
      if (pump === undefined || stopped || beds.has(serial)) return;
      handedOver += 1;
      lookAfter(pump, `${serial}/taken-back-${handedOver}`).lookRound();
    },
  };
}
