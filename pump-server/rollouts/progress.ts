import { z } from 'zod';
import { PUMP_STAGES, type PumpStage, ROLLOUT_PHASES, type Rollout } from './rollout.ts';

const count = z.int().nonnegative();

/** A rollout as a display or a program wants it. */
export const rolloutProgressSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  model: z.string(),
  version: z.string(),
  phase: z.enum(ROLLOUT_PHASES),
  reason: z.string().nullable().describe('Why it is paused, halted or ended.'),
  wave: z.string().describe('Name of the wave that has begun last.'),
  startedAt: z.iso.datetime({ precision: 3 }),
  changedAt: z.iso.datetime({ precision: 3 }),
  pumps: count,
  passed: count,
  failed: count,
  waves: z.array(
    z.strictObject({
      name: z.string(),
      pumps: count,
      stages: z.record(z.enum(PUMP_STAGES), count),
      offline: count.describe('Of those that are not over yet, so many cannot be reached now.'),
    }),
  ),
  remarks: z
    .array(z.strictObject({ serial: z.string(), reason: z.string() }))
    .describe('Pumps that do not take the update now, and why; the first hundred of them.'),
  failures: z
    .array(z.strictObject({ serial: z.string(), reason: z.string() }))
    .describe('The first hundred of them.'),
});
export type RolloutProgress = z.infer<typeof rolloutProgressSchema>;

/** More failures than anybody reads. */
const MOST_FAILURES = 100;

export function progressOf(rollout: Rollout): RolloutProgress {
  const { plan, pumps } = rollout;
  return {
    id: plan.id,
    title: plan.title,
    model: plan.model,
    version: plan.version,
    phase: rollout.phase,
    reason: rollout.reason,
    wave: plan.waves[rollout.wave]?.name ?? '',
    startedAt: new Date(rollout.startedAtMs).toISOString(),
    changedAt: new Date(rollout.changedAtMs).toISOString(),
    pumps: pumps.length,
    passed: pumps.filter(({ stage }) => stage === 'passed').length,
    failed: pumps.filter(({ stage }) => stage === 'failed').length,
    waves: plan.waves.map(({ name }, index) => {
      const ofWave = pumps.filter(({ wave }) => wave === index);
      const inStage = (stage: PumpStage): number => ofWave.filter((pump) => pump.stage === stage).length;
      return {
        name,
        pumps: ofWave.length,
        stages: {
          waiting: inStage('waiting'),
          offered: inStage('offered'),
          staged: inStage('staged'),
          applying: inStage('applying'),
          observed: inStage('observed'),
          passed: inStage('passed'),
          failed: inStage('failed'),
          reverted: inStage('reverted'),
        },
        offline: ofWave.filter(({ link, stage }) => link === 'offline' && !isOver(stage)).length,
      };
    }),
    remarks: pumps
      .flatMap(({ serial, stage, reason }) =>
        stage !== 'failed' && reason !== null ? [{ serial, reason }] : [],
      )
      .slice(0, MOST_FAILURES),
    failures: pumps
      .flatMap(({ serial, stage, reason }) => (stage === 'failed' ? [{ serial, reason: reason ?? '' }] : []))
      .slice(0, MOST_FAILURES),
  };
}

function isOver(stage: PumpStage): boolean {
  return stage === 'passed' || stage === 'failed' || stage === 'reverted';
}
