import { type LibraryEntry, rateFromDose } from '../protocol/drug-library/index.ts';
import type { Intent } from '../protocol/index.ts';
import type { HardLimit } from '../scenarios/index.ts';
import type { Testbed } from './testbed.ts';

/**
 * The hard limits of what was ordered, out of the files that the pharmacy released. Known limit: one per kilogram is left out, since the
 * ledger has no weight.
 */
export function hardLimitsOf(intents: readonly Intent[], testbed: Testbed): readonly HardLimit[] {
  const limits = new Map<string, HardLimit>();
  for (const { serial, channel, drug } of intents) {
    const key = `${serial} ${channel} ${drug}`;
    if (limits.has(key)) continue;
    const careArea = testbed.members.get(serial)?.pump.careArea;
    const shipped = testbed.options.data.libraries.find(({ library }) => library.careArea === careArea);
    const entry = shipped?.library.entries.find((one) => one.drug === drug);
    const mlPerH = entry === undefined ? undefined : hardRate(entry);
    if (mlPerH !== undefined) limits.set(key, { serial, channel, drug, mlPerH });
  }
  return [...limits.values()];
}

function hardRate({ limits, rateLimitsMlPerH, concentration, doseUnit }: LibraryEntry): number | undefined {
  const dose = limits?.hardMax;
  const rates = [
    rateLimitsMlPerH?.hardMax,
    dose === undefined ? undefined : rateFromDose(dose, concentration, doseUnit, null),
  ].filter((rate) => rate !== undefined);
  return rates.length === 0 ? undefined : Math.min(...rates);
}
