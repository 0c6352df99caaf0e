import type { PumpContext } from './context.ts';
import type { Fact } from './facts.ts';
import type { LimitVerdict } from './limit-verdict.ts';
import type { Programme } from './programme.ts';
import { eventFact } from './step.ts';
import { micro } from './volumes.ts';

/** The record of a soft limit that somebody passes on purpose. */
export function overrideFacts(atMs: number, id: string, verdict: LimitVerdict, by: string): readonly Fact[] {
  if (verdict.within) return [];
  return [eventFact(atMs, 'soft-limit-overridden', id, { reason: verdict.reason, by })];
}

/** The library in use as `id version`, or `null`. */
export function libraryName(context: PumpContext): string | null {
  const { inUse } = context.library;
  return inUse === null ? null : `${inUse.id} ${inUse.version}`;
}

/** A programme for the log: flat, and without what it does not have. */
export function detailOf(programme: Programme): Readonly<Record<string, string | number | null>> {
  const { orderId, drug, rateMlPerH, volumeToBeInfusedMl, dose, weightKg, loading, pca } = programme;
  return {
    orderId,
    drug,
    rateMlPerH,
    volumeToBeInfusedMl: micro(volumeToBeInfusedMl),
    ...(dose === null ? {} : { dose: Number(dose.value.toPrecision(6)), doseUnit: dose.unit }),
    ...(weightKg === null ? {} : { weightKg }),
    ...(loading === null ? {} : { loadingMl: loading.volumeMl, loadingMlPerH: loading.rateMlPerH }),
    ...(pca === null
      ? {}
      : {
          demandDoseMl: pca.demandDoseMl,
          lockoutMinutes: pca.lockoutMinutes,
          accumulatedLimitMl: pca.accumulatedLimitMl,
          accumulatedWindowHours: pca.accumulatedWindowHours,
        }),
  };
}
