import { clean, type RolloutProgress } from '../../testbed/index.ts';
import { colors } from './terminal.ts';

const BAR_CELLS = 24;

const PAINT: Readonly<Record<RolloutProgress['phase'], (text: string) => string>> = {
  running: colors.cyan,
  paused: colors.yellow,
  halted: colors.red,
  aborted: colors.red,
  'backing-out': colors.yellow,
  'backed-out': colors.yellow,
  completed: colors.green,
};

/** Rollouts for people: a bar a wave, and why it is not further. */
export function rolloutsText(rollouts: readonly RolloutProgress[]): string {
  if (rollouts.length === 0) return 'No rollout has begun here.\n';
  return rollouts.map(rolloutText).join('\n');
}

export function rolloutText(rollout: RolloutProgress): string {
  const { id, model, version, phase, reason, passed, failed, pumps, waves, failures, remarks } = rollout;
  const width = Math.max(...waves.map(({ name }) => name.length));
  const lines = [
    `${colors.bold(id)}  ${model} ${version}  ${PAINT[phase](phase)}${reason === null ? '' : `: ${clean(reason)}`}`,
    `  ${passed} of ${pumps} pumps passed${failed === 0 ? '' : `, ${colors.red(`${failed} failed`)}`}`,
    ...waves.map((wave) => `  ${wave.name.padEnd(width)}  ${bar(wave)}  ${stagesText(wave)}`),
    ...failures
      .slice(0, 10)
      .map(({ serial, reason: why }) => `  ${colors.red('failed')} ${serial}: ${clean(why)}`),
    ...remarks
      .slice(0, 10)
      .map(({ serial, reason: why }) => `  ${serial} does not take it now: ${clean(why)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** `#` passed, `x` failed, `>` under way, `.` still to come. */
function bar({ pumps, stages }: RolloutProgress['waves'][number]): string {
  const cells = (count: number): number => (pumps === 0 ? 0 : Math.round((count / pumps) * BAR_CELLS));
  const { passed, failed, reverted, staged, applying, observed } = stages;
  const text =
    '#'.repeat(cells(passed)) +
    'x'.repeat(cells(failed + reverted)) +
    '>'.repeat(cells(staged + applying + observed));
  return `[${text.slice(0, BAR_CELLS).padEnd(BAR_CELLS, '.')}]`;
}

function stagesText({ pumps, stages, offline }: RolloutProgress['waves'][number]): string {
  const some = Object.entries(stages).flatMap(([stage, count]) => (count > 0 ? [`${count} ${stage}`] : []));
  if (offline > 0) some.push(`${offline} offline`);
  return pumps === 0 ? 'nobody' : some.join(', ');
}
