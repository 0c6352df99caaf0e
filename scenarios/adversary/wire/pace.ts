import type { Clock } from '../../../clock/index.ts';

/** Until the Clock has moved on so far. */
function wait(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

/**
 * Does a number of things in portions of one second, or one by one where it is less than one a second. `portion` is given the numbers of its things, `from` up to but not including `to`, and
 * says whether to go on.
 */
export async function pace(
  clock: Clock,
  count: number,
  perSecond: number,
  portion: (from: number, to: number) => boolean | Promise<boolean>,
): Promise<void> {
  const size = Math.max(1, Math.floor(perSecond));
  for (let from = 0; from < count; from += size) {
    if (from > 0) await wait(clock, Math.max(1_000, Math.round(1_000 / perSecond)));
    if (!(await portion(from, Math.min(count, from + size)))) return;
  }
}
