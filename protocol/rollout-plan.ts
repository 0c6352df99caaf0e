import { z } from 'zod';
import { serialSchema } from './identity.ts';

const share = z.number().min(0).max(1);
/** `HH:MM`, UTC. */
const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'not HH:MM');

const waveSchema = z
  .strictObject({
    name: z.string().min(1).max(64).describe('As operators speak of it: canary, ring-1, all.'),
    pumps: z.array(serialSchema).min(1).optional().describe('Serial numbers of this wave.'),
    share: share
      .optional()
      .describe('Share of the pumps that no wave before has taken, in the order of their serial numbers.'),
  })
  .refine((wave) => (wave.pumps === undefined) !== (wave.share === undefined), 'either pumps or share');

/** What has to hold before the next wave begins. */
const gatesSchema = z
  .strictObject({
    linkBackWithinS: z
      .int()
      .min(1)
      .default(900)
      .describe('A pump that applies the update is back online within so long, in s, or has failed.'),
    observeForS: z
      .int()
      .min(0)
      .default(600)
      .describe('How long a pump is watched on the new version before it counts as passed, in s.'),
    newAlarmsAtMost: z
      .int()
      .min(0)
      .default(0)
      .describe('Alarms of medium or high priority that a pump may raise while it is watched.'),
    failuresAtMost: z
      .int()
      .min(0)
      .default(0)
      .describe('Error budget: pumps of the whole rollout that may fail before it halts.'),
    passedShareAtLeast: share
      .default(1)
      .describe('Share of the reachable pumps of a wave that have passed before the next one begins.'),
  })
  .prefault({})
  .describe('What has to hold before the next wave begins, and what halts the rollout.');

/** When pumps may apply an update, each day; `to` before `from` goes past midnight. */
const windowSchema = z.strictObject({ from: timeOfDay, to: timeOfDay });

/** A rollout as its file has it: who gets the update when, and what stops it. */
export const rolloutPlanSchema = z.strictObject({
  $schema: z.string().optional(),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  title: z.string().min(1),
  model: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'not major.minor.patch'),
  waves: z
    .array(waveSchema)
    .min(1)
    .max(32)
    .refine((waves) => new Set(waves.map(({ name }) => name)).size === waves.length, 'a wave is named twice')
    .refine((waves) => {
      const named = waves.flatMap(({ pumps }) => pumps ?? []);
      return new Set(named).size === named.length;
    }, 'a pump is in two waves'),
  gates: gatesSchema,
  backOutTo: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/, 'not major.minor.patch')
    .optional()
    .describe('Version that pumps are offered when it is backed out.'),
  windows: z.array(windowSchema).max(7).default([]).describe('Maintenance windows, UTC; none: at any time.'),
});

export type RolloutPlan = Readonly<z.infer<typeof rolloutPlanSchema>>;
export type MaintenanceWindow = z.infer<typeof windowSchema>;
export type Gates = RolloutPlan['gates'];
