import type { Clock } from '../../clock/index.ts';
import type { StepResult } from '../engine/port.ts';

/** No step goes on for longer, on the Clock: what a schema lets it do takes ten minutes at most. */
const LONGEST_STEP_MS = 15 * 60_000;

/** Whatever becomes of a step of the adversary, it ends, and it ends alone: a step that hangs or crashes has failed, and the run goes on. */
export class StepGuard {
  readonly #clock: Clock;
  readonly #pending = new Set<(reason: string) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async run(work: () => Promise<StepResult>): Promise<StepResult> {
    let giveUp = (_reason: string): void => undefined;
    const givenUp = new Promise<StepResult>((resolve) => {
      giveUp = (detail) => resolve({ outcome: 'failed', detail });
    });
    const timer = this.#clock.after(LONGEST_STEP_MS, () => giveUp('it did not come to an end'));
    this.#pending.add(giveUp);
    try {
      return await Promise.race([work(), givenUp]);
    } catch (error) {
      return { outcome: 'failed', detail: error instanceof Error ? error.message : String(error) };
    } finally {
      timer.cancel();
      this.#pending.delete(giveUp);
    }
  }

  /** Ends all that is under way. @returns how many steps that were */
  giveUp(reason: string): number {
    const count = this.#pending.size;
    for (const end of this.#pending) end(reason);
    return count;
  }
}
