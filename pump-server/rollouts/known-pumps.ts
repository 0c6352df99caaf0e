import { PumprangeError, type RolloutPlan } from '../../protocol/index.ts';
import type { PumpFacts } from '../adoption/adoption-store.ts';
import type { InventoryEntry } from '../inventory.ts';
import type { KnownPump } from './rollout.ts';

/**
 * The pumps that a rollout is about: those of the inventory, and those that only an earlier run of the server has heard, which are away.
 *
 * @throws PumprangeError `PR_ROLLOUT_INVALID` if the plan names a pump of another model: it would never take the update, and hold up its wave
 */
export function knownOf(
  plan: RolloutPlan,
  inventory: readonly InventoryEntry[],
  heardBefore: readonly PumpFacts[],
): readonly KnownPump[] {
  const heard = inventory.flatMap(({ serial, status }) =>
    status === null ? [] : [{ serial, model: status.model, link: status.link, firmware: status.firmware }],
  );
  const serials = new Set(heard.map(({ serial }) => serial));
  const before = heardBefore
    .filter(({ serial }) => !serials.has(serial))
    .map(({ serial, model, firmware }) => ({ serial, model, link: 'offline' as const, firmware }));
  const named = new Set(plan.waves.flatMap(({ pumps }) => pumps ?? []));
  return [...heard, ...before].flatMap(({ model, ...pump }) => {
    if (model === plan.model) return [pump];
    if (!named.has(pump.serial)) return [];
    throw new PumprangeError(
      'PR_ROLLOUT_INVALID',
      `${pump.serial} is a pump of the model ${model}, not ${plan.model}`,
    );
  });
}
