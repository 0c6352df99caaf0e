import { PUMP_STAGES, type PumpStage, type Rollout } from './rollout.ts';

/** How far one wave is. */
export interface WaveProgress {
  readonly name: string;
  readonly pumps: number;
  readonly stages: Readonly<Record<PumpStage, number>>;
  /** Of those that are not over yet, so many cannot be reached now. */
  readonly offline: number;
}

/** A rollout as a display or a program wants it. */
export interface RolloutProgress {
  readonly id: string;
  readonly title: string;
  readonly model: string;
  readonly version: string;
  readonly phase: Rollout['phase'];
  readonly reason: string | null;
  /** Name of the wave that has begun last. */
  readonly wave: string;
  readonly startedAt: string;
  readonly changedAt: string;
  readonly passed: number;
  readonly failed: number;
  readonly pumps: number;
  readonly waves: readonly WaveProgress[];
  readonly failures: readonly { readonly serial: string; readonly reason: string }[];
}

export function progressOf(rollout: Rollout): RolloutProgress {
  const { plan, pumps } = rollout;
  const waves = plan.waves.map(({ name }, index): WaveProgress => {
    const ofWave = pumps.filter(({ wave }) => wave === index);
    const count = (stage: PumpStage) => ofWave.filter((pump) => pump.stage === stage).length;
    return {
      name,
      pumps: ofWave.length,
      stages: Object.fromEntries(PUMP_STAGES.map((stage) => [stage, count(stage)])) as Record<
        PumpStage,
        number
      >,
      offline: ofWave.filter(({ link, stage }) => link === 'offline' && !isOver(stage)).length,
    };
  });
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
    passed: pumps.filter(({ stage }) => stage === 'passed').length,
    failed: pumps.filter(({ stage }) => stage === 'failed').length,
    pumps: pumps.length,
    waves,
    failures: pumps.flatMap(({ serial, stage, reason }) =>
      stage === 'failed' ? [{ serial, reason: reason ?? '' }] : [],
    ),
  };
}

function isOver(stage: PumpStage): boolean {
  return stage === 'passed' || stage === 'failed' || stage === 'reverted';
}
