import type { HeapClock } from './heap-clock.ts';

/** setTimeout cannot wait longer than this; a longer wait is taken in pieces. */
const LONGEST_WAIT_MS = 2_147_483_647;

/**
 * Lets a heap clock run with real time, `speed` times as fast. Real time is read from the monotonic counter, so a
 * host clock that is set back or forward neither stops a ward nor makes it jump.
 *
 * @returns a function that stops the clock where it is.
 */
export function followWall(clock: HeapClock, options: { readonly speed?: number } = {}): () => void {
  const speed = options.speed ?? 1;
  if (!(speed > 0 && Number.isFinite(speed)))
    throw new RangeError(`a speed is a number above 0, not ${speed}`);
  const startMs = clock.now();
  const startedAt = performance.now();
  let wait: NodeJS.Timeout | undefined;
  let stopped = false;

  const reading = (): number => startMs + (performance.now() - startedAt) * speed;

  function fireDue(): void {
    for (
      let dueMs = clock.nextDueMs();
      dueMs !== undefined && dueMs <= clock.now();
      dueMs = clock.nextDueMs()
    ) {
      if (stopped) return;
      clock.fireInstant();
    }
    arm();
  }

  function arm(): void {
    clearTimeout(wait);
    if (stopped) return;
    const dueMs = clock.nextDueMs();
    if (dueMs === undefined) return;
    const waitMs = Math.ceil((dueMs - clock.now()) / speed);
    wait = setTimeout(fireDue, Math.min(Math.max(waitMs, 0), LONGEST_WAIT_MS));
  }

  clock.follow(reading, arm);
  arm();
  return () => {
    if (stopped) return;
    stopped = true;
    clearTimeout(wait);
    clock.follow(undefined, undefined);
  };
}
