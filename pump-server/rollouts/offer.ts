import type { Serial } from '../../protocol/index.ts';
import { hasUpdate, type Rollout, type RolloutPump } from './rollout.ts';
import { type Opening, openingAt } from './windows.ts';

/** What the server has to say to the pumps of a model now. */
export type Offer =
  | {
      /** Which release: the one of the plan, or what ran before. */
      readonly what: 'update' | 'previous';
      readonly serials: readonly Serial[];
      /** When they may apply it; `null`: at any time. */
      readonly window: Opening | null;
    }
  /** Nobody may take anything; what is staged is given up. */
  | { readonly what: 'nothing' };

/** Who may have which release, as a rollout stands at a time. It follows from the rollout alone, so that a server that restarts says the same. */
export function offerOf(rollout: Rollout, atMs: number): Offer {
  const { plan, phase, pumps } = rollout;
  const window = openingAt(plan.windows, atMs);
  switch (phase) {
    case 'running':
    case 'completed':
      return update(pumps.filter(({ wave }) => wave <= rollout.wave));
    case 'paused':
    case 'halted':
      // What is under way is finished: a pump in the middle of an update is not left without its package.
      return update(pumps.filter(({ stage }) => stage !== 'waiting' && stage !== 'offered'));
    case 'aborted':
      return update(pumps.filter(({ stage }) => stage === 'applying' || stage === 'observed'));
    case 'backing-out':
    case 'backed-out':
      return {
        what: 'previous',
        serials: pumps
          .filter((pump) => pump.stage === 'reverted' || hasUpdate(pump, plan))
          .map(({ serial }) => serial),
        window,
      };
  }

  function update(entitled: readonly RolloutPump[]): Offer {
    // A pump that failed does not try again by itself, and loop.
    const serials = entitled.filter(({ stage }) => stage !== 'failed').map(({ serial }) => serial);
    return serials.length === 0 ? { what: 'nothing' } : { what: 'update', serials, window };
  }
}
