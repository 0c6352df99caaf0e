import type { Clock } from '../../../clock/index.ts';

/** Until the Clock has moved on so far. */
function wait(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

/**
 * Does a number of things in portions of one second. `portion` is given the numbers of its things, `from` up to but not including `to`, and
 * says whether to go on.
 */
export async function pace(
  clock: Clock,
  count: number,
  perSecond: number,
  portion: (from: number, to: number) => boolean | Promise<boolean>,
): Promise<void> {
  for (let from = 0; from < count; from += perSecond) {
    if (from > 0) await wait(clock, 1_000);
    if (!(await portion(from, Math.min(count, from + perSecond)))) return;
  }
}
