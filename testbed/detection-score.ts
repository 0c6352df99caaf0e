import { z } from 'zod';
import {
  ALERT_LEVELS,
  type Alert,
  type ControlId,
  type EvidenceEvent,
  isAlarming,
} from '../protocol/index.ts';
import { createDetector, type DetectionRule } from '../supervision/index.ts';

/** One rehearsal, as far as it matters to whoever watched it. */
export interface WatchedRun {
  readonly id: string;
  readonly title: string;
  readonly family: 'attack' | 'care';
  readonly startMs: number;
  readonly endMs: number;
  readonly evidence: readonly EvidenceEvent[];
  /** When the adversary acted, ascending; empty in a care scenario. */
  readonly redMs: readonly number[];
  /** Whether an alert may be of the adversary's doing; never in a care scenario. */
  readonly isOfRed: (alert: Alert) => boolean;
}

const time = z.number().nonnegative();

const catchSchema = z
  .strictObject({
    verdict: z
      .enum(['caught', 'noticed', 'missed'])
      .describe('caught: an alert that somebody has to look at; noticed: notices only; missed: nothing.'),
    rule: z.string().nullable().describe('The first rule that told of it.'),
    afterMs: time.nullable().describe('From the first red action that a blue team could see to that alert.'),
    rules: z.array(z.string()).describe('All rules that told of it.'),
  })
  .describe('What a set of rules made of an attack.');
type Catch = z.infer<typeof catchSchema>;

const alertSchema = z.strictObject({
  rule: z.string(),
  level: z.enum(ALERT_LEVELS),
  subject: z.string(),
  atMs: time.describe('From the start of the rehearsal.'),
});

export const detectionScoreSchema = z
  .strictObject({
    version: z.literal(1).describe('Version of this format.'),
    posture: z.string(),
    rules: z.array(z.string()).describe('Ids of the rules that are scored.'),
    shipped: z.array(z.string()).describe('Ids of the shipped rules that stand beside them.'),
    attacks: z.array(
      z.strictObject({
        id: z.string(),
        title: z.string(),
        firstVisibleMs: time
          .nullable()
          .describe('When a blue team could first see something of it; null: it never could.'),
        alone: catchSchema,
        beside: catchSchema.describe('The same with the shipped rules beside them.'),
      }),
    ),
    care: z.array(
      z.strictObject({
        id: z.string(),
        title: z.string(),
        falseAlerts: z.array(alertSchema).describe('Of the scored rules; somebody would have had to look.'),
        notices: z.array(alertSchema).describe('Of the scored rules; for a review, and no false alerts.'),
      }),
    ),
    byRule: z.array(
      z.strictObject({
        id: z.string(),
        level: z.enum(ALERT_LEVELS),
        catches: z.array(z.string()).describe('Attacks that it told of.'),
        falseAlerts: z
          .int()
          .nonnegative()
          .describe('In care scenarios, and in attacks about what the adversary had not touched.'),
        notices: z.int().nonnegative(),
      }),
    ),
    totals: z.strictObject({
      caught: z.int().nonnegative(),
      noticed: z.int().nonnegative(),
      missed: z.int().nonnegative(),
      falseAlerts: z.int().nonnegative(),
      medianAfterMs: time.nullable(),
      besideCaught: z.int().nonnegative(),
    }),
  })
  .describe('What `pumprange detections score --json` prints.');
export type DetectionScore = z.infer<typeof detectionScoreSchema>;

/** The JSON Schema that is published as `supervision/schemas/detection-score.schema.json`. */
export function detectionScoreJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(detectionScoreSchema, { io: 'output' });
  return { $schema, title: 'Pumprange detection score', ...rest };
}

/** Somebody who looks at the evidence within this time of a red action sees what came of it. */
const SETTLES_MS = 1_000;

/** What rules make of runs, alone and beside the shipped ones. A shipped rule of the same id gives way. */
export function scoreRules(
  runs: readonly WatchedRun[],
  rules: readonly DetectionRule[],
  shipped: readonly DetectionRule[],
  posture: { readonly id: string; readonly controls: ReadonlySet<ControlId> },
): DetectionScore {
  const own = new Set(rules.map(({ id }) => id));
  const others = shipped.filter(({ id }) => !own.has(id));
  const watched = runs.map((run) => ({
    run,
    alone: alertsOf(run, rules, posture.controls),
    others: alertsOf(run, others, posture.controls),
  }));
  const attacks = watched
    .filter(({ run }) => run.family === 'attack')
    .map(({ run, alone, others: besides }) => ({
      id: run.id,
      title: run.title,
      firstVisibleMs: offset(firstVisibleMs(run), run),
      alone: catchOf(run, alone),
      beside: catchOf(
        run,
        [...alone, ...besides].sort((a, b) => a.atMs - b.atMs),
      ),
    }));
  const care = watched
    .filter(({ run }) => run.family === 'care')
    .map(({ run, alone }) => ({
      id: run.id,
      title: run.title,
      falseAlerts: alone.filter(({ level }) => isAlarming(level)).map((alert) => told(alert, run)),
      notices: alone.filter(({ level }) => !isAlarming(level)).map((alert) => told(alert, run)),
    }));
  const innocent = watched.flatMap(({ run, alone }) => alone.filter((alert) => !run.isOfRed(alert)));
  const times = attacks.flatMap(({ alone }) => alone.afterMs ?? []);
  const count = (verdict: Catch['verdict']): number =>
    attacks.filter(({ alone }) => alone.verdict === verdict).length;
  return {
    version: 1,
    posture: posture.id,
    rules: rules.map(({ id }) => id),
    shipped: others.map(({ id }) => id),
    attacks,
    care,
    byRule: rules.map(({ id, level }) => {
      const wrong = innocent.filter(({ rule }) => rule === id).length;
      return {
        id,
        level,
        catches: attacks.filter(({ alone }) => alone.rules.includes(id)).map((attack) => attack.id),
        falseAlerts: isAlarming(level) ? wrong : 0,
        notices: isAlarming(level) ? 0 : wrong,
      };
    }),
    totals: {
      caught: count('caught'),
      noticed: count('noticed'),
      missed: count('missed'),
      falseAlerts: innocent.filter(({ level }) => isAlarming(level)).length,
      medianAfterMs: medianOf(times),
      besideCaught: attacks.filter(({ beside }) => beside.verdict === 'caught').length,
    },
  };
}

function alertsOf(
  { evidence, endMs }: WatchedRun,
  rules: readonly DetectionRule[],
  controls: ReadonlySet<ControlId>,
): readonly Alert[] {
  const detector = createDetector(rules, controls);
  return [...evidence.flatMap((event) => detector.observe(event)), ...detector.advance(endMs)];
}

function catchOf(run: WatchedRun, alerts: readonly Alert[]): Catch {
  const after = alerts.filter(run.isOfRed);
  const first = after.find(({ level }) => isAlarming(level)) ?? after[0];
  if (first === undefined) return { verdict: 'missed', rule: null, afterMs: null, rules: [] };
  const sinceMs = firstVisibleMs(run) ?? run.redMs[0] ?? run.startMs;
  return {
    verdict: isAlarming(first.level) ? 'caught' : 'noticed',
    rule: first.rule,
    afterMs: Math.max(0, first.atMs - sinceMs),
    rules: [...new Set(after.map(({ rule }) => rule))],
  };
}

/** The first red action of which something stands in the evidence for a blue team to see. */
function firstVisibleMs({ redMs, evidence }: WatchedRun): number | undefined {
  const seenMs = evidence.filter(({ visibility }) => visibility === 'blue').map((one) => one.receiptTimeMs);
  return redMs.find((atMs) => seenMs.some((one) => one >= atMs && one <= atMs + SETTLES_MS));
}

function told({ rule, level, subject, atMs }: Alert, run: WatchedRun) {
  return { rule, level, subject, atMs: atMs - run.startMs };
}

function offset(atMs: number | undefined, { startMs }: WatchedRun): number | null {
  return atMs === undefined ? null : atMs - startMs;
}

function medianOf(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  const next = sorted[Math.ceil((sorted.length - 1) / 2)];
  return middle === undefined || next === undefined ? null : (middle + next) / 2;
}
