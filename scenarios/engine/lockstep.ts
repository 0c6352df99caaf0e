import { type HeapClock, WireNotQuietError } from '../../clock/index.ts';
import { PumprangeError } from '../../protocol/index.ts';

/** What can tell when everything that was set off has come to rest. */
export interface Wire {
  /** @throws WireNotQuietError */
  settle(): Promise<void>;
}

/**
 * Moves a clock to `untilMs` on real sockets: fires all timers due at an instant, waits until the wire is quiet, calls `settled`, and only
 * then goes on to the next instant. What a reaction sets for the same instant is fired before time moves.
 *
 * @throws PumprangeError `PR_WIRE_NOT_QUIET`, naming what did not come to rest
 */
export async function runLockstep(
  clock: HeapClock,
  wire: Wire,
  untilMs: number,
  settled: () => void,
): Promise<void> {
  await settle(clock, wire);
  settled();
  for (let dueMs = clock.nextDueMs(); dueMs !== undefined && dueMs <= untilMs; dueMs = clock.nextDueMs()) {
    clock.fireInstant();
    await settle(clock, wire);
    settled();
  }
  clock.moveTo(untilMs);
}

async function settle(clock: HeapClock, wire: Wire): Promise<void> {
  try {
    await wire.settle();
  } catch (error) {
    if (!(error instanceof WireNotQuietError)) throw error;
    throw new PumprangeError('PR_WIRE_NOT_QUIET', `${error.message} (at ${clock.now()} ms)`, {
      cause: error,
    });
  }
}
