import type { ProgrammeEntry } from '../pump/index.ts';
import type { Order } from './order-account.ts';
import type { ShownBack } from './shown-back.ts';

/** The ledger's name for a programme without one. */
const NO_DRUG_NAMED = 'no drug named';

/**
 * The order that an entry states: what was keyed in and, for what the pump works out, what it has shown back. `undefined` if
 * neither says rate and volume.
 *
 * @param orderedRateMlPerH of the order behind the entry, whatever was keyed in for it
 * @param newOrderId names what is keyed in without an order
 */
export function statedOrder(
  entry: ProgrammeEntry | undefined,
  shown: ShownBack | undefined,
  orderedRateMlPerH: number | undefined,
  newOrderId: () => string,
): Order | undefined {
  const rateMlPerH = orderedRateMlPerH ?? entry?.rateMlPerH ?? shown?.rateMlPerH;
  const volumeToBeInfusedMl = entry?.volumeToBeInfusedMl ?? shown?.volumeToBeInfusedMl;
  if (rateMlPerH === undefined || volumeToBeInfusedMl === undefined) return undefined;
  return {
    orderId: entry?.orderId ?? shown?.orderId ?? newOrderId(),
    drug: entry?.drug ?? shown?.drug ?? NO_DRUG_NAMED,
    rateMlPerH,
    volumeToBeInfusedMl,
  };
}
