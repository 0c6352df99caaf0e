import { z } from 'zod';
import { type Advisory, isModelled, SEVERITIES } from './advisory.ts';
import { exposureOfPumps, type InventoriedPump, type PumpExposure } from './exposure.ts';
import { type AvailableBuild, afterRollout, patchPlan } from './patch-plan.ts';

const count = z.int().nonnegative();
const exposureSchema = z.strictObject({
  advisory: z.string(),
  severity: z.enum(SEVERITIES),
  because: z.string(),
});
const exposures = z.array(exposureSchema).nullable().describe('null: nobody knows what is in that version.');
const totalsSchema = z.strictObject({
  exposedPumps: count,
  unknownPumps: count.describe('Of whose firmware there is neither a personality nor a bill of materials.'),
  exposures: count.describe('Pairs of a pump and an advisory.'),
  bySeverity: z.strictObject({ critical: count, high: count, medium: count, low: count }),
});
const stepSchema = z.strictObject({
  model: z.string(),
  from: z.string(),
  to: z.string(),
  pumps: z.array(z.string()),
  closes: z.array(z.string()),
  leaves: z.array(z.string()),
  reasons: z.array(z.string()),
});

const reportSchema = z.strictObject({
  format: z.literal('pumprange-exposure'),
  version: z.literal(1),
  notice: z.literal('TEST ONLY'),
  plan: z
    .record(z.string(), z.string())
    .describe('Model → the firmware version after the rollout that is looked ahead to.'),
  before: totalsSchema,
  after: totalsSchema,
  patchFirst: z.array(stepSchema).describe('In the order in which to do it.'),
  advisories: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      severity: z.enum(SEVERITIES),
      illustrates: z.array(z.string()),
      modelled: z.boolean().describe('Whether an attack on it can be rehearsed in this testbed.'),
      pumpsBefore: count,
      pumpsAfter: count,
    }),
  ),
  pumps: z.array(
    z.strictObject({
      serial: z.string(),
      model: z.string(),
      careArea: z.string().nullable(),
      firmware: z.string(),
      exposedTo: exposures,
      firmwareAfter: z.string(),
      exposedAfter: exposures,
    }),
  ),
});

export type ExposureReport = z.infer<typeof reportSchema>;

/** The JSON Schema that is published as `pump-server/schemas/exposure-report.schema.json`. */
export function exposureReportJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(reportSchema);
  return { $schema, title: 'Pumprange exposure report', ...rest };
}

/**
 * Which pumps are exposed to what, before and after a rollout, and what to patch first.
 *
 * @param plan model → version; `undefined`: each model to where the most urgent of its updates leads
 */
export function exposureReport(
  pumps: readonly InventoriedPump[],
  builds: readonly AvailableBuild[],
  advisories: readonly Advisory[],
  plan?: ReadonlyMap<string, string>,
): ExposureReport {
  const now = exposureOfPumps(pumps, builds, advisories);
  const steps = patchPlan(now, builds, advisories);
  const planned = plan ?? new Map([...steps].reverse().map(({ model, to }) => [model, to]));
  const then = exposureOfPumps(afterRollout(pumps, planned, builds), builds, advisories);
  const pumpsOf = (all: readonly PumpExposure[], id: string): number =>
    all.filter(({ exposedTo }) => exposedTo?.some(({ advisory }) => advisory === id)).length;
  return {
    format: 'pumprange-exposure',
    version: 1,
    notice: 'TEST ONLY',
    plan: Object.fromEntries(planned),
    before: totalsOf(now),
    after: totalsOf(then),
    patchFirst: steps.map(({ pumps: serials, closes, leaves, reasons, ...step }) => ({
      ...step,
      pumps: [...serials],
      closes: [...closes],
      leaves: [...leaves],
      reasons: [...reasons],
    })),
    advisories: advisories.map((advisory) => ({
      id: advisory.id,
      title: advisory.title,
      severity: advisory.severity,
      illustrates: [...advisory.illustrates],
      modelled: isModelled(advisory),
      pumpsBefore: pumpsOf(now, advisory.id),
      pumpsAfter: pumpsOf(then, advisory.id),
    })),
    pumps: now.map(({ exposedTo, ...pump }, index) => ({
      ...pump,
      exposedTo: exposedTo === null ? null : [...exposedTo],
      firmwareAfter: then[index]?.firmware ?? pump.firmware,
      exposedAfter: then[index]?.exposedTo == null ? null : [...then[index].exposedTo],
    })),
  };
}

function totalsOf(pumps: readonly PumpExposure[]): z.infer<typeof totalsSchema> {
  const all = pumps.flatMap(({ exposedTo }) => exposedTo ?? []);
  const of = (severity: (typeof SEVERITIES)[number]): number =>
    all.filter((one) => one.severity === severity).length;
  return {
    exposedPumps: pumps.filter(({ exposedTo }) => exposedTo !== null && exposedTo.length > 0).length,
    unknownPumps: pumps.filter(({ exposedTo }) => exposedTo === null).length,
    exposures: all.length,
    bySeverity: { critical: of('critical'), high: of('high'), medium: of('medium'), low: of('low') },
  };
}
