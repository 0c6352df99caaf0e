import { PumprangeError, type RolloutPlan } from '../../protocol/index.ts';
import type { InventoryEntry } from '../inventory.ts';
import type { KnownPump } from './rollout.ts';

/**
 * The pumps of the inventory that a rollout is about.
 *
 * @throws PumprangeError `PR_ROLLOUT_INVALID` if the plan names a pump of another model: it would never take the update, and hold up its wave
 */
export function knownOf(plan: RolloutPlan, inventory: readonly InventoryEntry[]): readonly KnownPump[] {
  const named = new Set(plan.waves.flatMap(({ pumps }) => pumps ?? []));
  return inventory.flatMap(({ serial, status }) => {
    if (status?.model === plan.model) return [{ serial, link: status.link, firmware: status.firmware }];
    if (status !== undefined && status !== null && named.has(serial)) {
      throw new PumprangeError(
        'PR_ROLLOUT_INVALID',
        `${serial} is a pump of the model ${status.model}, not ${plan.model}`,
      );
    }
    return [];
  });
}
