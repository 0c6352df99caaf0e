import type pico from 'picocolors';
import { cleanText } from './clean-text.ts';
import type { AttackResult, ExpectationResult, ResponseResult, RunResult } from './run-report.ts';

/** Id of the posture of a bare run. */
const BARE = 'bare';

type Colors = ReturnType<typeof pico.createColors>;

/** The line that counts, below all runs. */
export function totalText(runs: readonly RunResult[], colors: Colors): string {
  const judged = runs.filter((run) => run.judged);
  const failed = judged.filter(({ verdict }) => verdict === 'fail').length;
  const unjudged = runs.length - judged.length;
  const rest = unjudged === 0 ? '' : `, ${unjudged} not judged: nothing is expected under that posture`;
  const wallS = runs.reduce((sum, { wallMs }) => sum + wallMs, 0) / 1_000;
  const text = `${judged.length - failed} of ${judged.length} runs passed${rest}, in ${wallS.toFixed(1)} s`;
  return failed === 0 ? colors.green(text) : colors.red(text);
}

/**
 * One run as a block of lines for a terminal, with a blank line at its end. Whether there is colour is decided by whoever makes
 * `colors`, so that NO_COLOR is respected in one place.
 */
export function runText(run: RunResult, colors: Colors): string {
  const verdict = verdictText(run, colors);
  const list = (names: readonly string[]): string =>
    names.length === 0 ? 'nothing' : names.map(cleanText).join(', ');
  const facts: readonly (readonly [string, string])[] = [
    [
      'harm',
      `${ml(run.harm.overMl)} over, ${ml(run.harm.underMl)} under the order, ${accuracyText(run.harm.assumptions)}`,
    ],
    ...(run.harmWithoutAttack === undefined ? [] : [['', bystanderText(run.harmWithoutAttack)] as const]),
    ...(run.attack === undefined ? [] : [['attack', attackText(run.attack)] as const]),
    ...(run.posture === BARE ? looseBounds(run.attack) : []),
    // What denied something need not have stopped what was meant.
    [run.attack?.succeeded === true ? 'denied by' : 'stopped by', list(run.stoppedBy)],
    ['detected by', list(run.detectedBy)],
    ...(run.response === undefined ? [] : [['answered by', responseText(run.response)] as const]),
    ...(run.response?.lostSessions ?? []).map(
      ({ identity, offlineMinutes }) =>
        [
          'shut out',
          `${cleanText(identity)}, of the hospital itself, for ${Number(offlineMinutes.toFixed(1))} min`,
        ] as const,
    ),
    ...(run.response?.falseResponses ?? []).map(
      ({ playbook, action, whom, atMs }) =>
        ['wrongly', `${action} of ${cleanText(whom)} by ${cleanText(playbook)} at ${minutes(atMs)}`] as const,
    ),
    [
      'time',
      `${minutes(run.simulatedMs)} simulated (${run.timeMode}) in ${(run.wallMs / 1_000).toFixed(2)} s`,
    ],
  ];
  return [
    `${verdict}  ${colors.bold(cleanText(run.id))}  ${cleanText(run.title)}`,
    colors.dim(
      `      posture ${cleanText(run.posture)}, ${run.broker === 'embedded' ? '' : `on ${run.broker}, `}seed ${run.seed}`,
    ),
    ...(!run.judged ? ['      nothing is expected under this posture'] : []),
    ...run.expectations.flatMap((expectation) => expectationText(expectation, colors)),
    ...facts.map(([name, value]) => `      ${colors.dim(name.padEnd(11))} ${value}`),
    '',
  ].join('\n');
}

/** Where nothing was expected nothing was judged, and that is no pass for a reader. */
function verdictText({ verdict, judged }: RunResult, colors: Colors): string {
  if (!judged) return colors.yellow(colors.bold('NOT JUDGED'));
  return verdict === 'pass' ? colors.green(colors.bold('PASS')) : colors.red(colors.bold('FAIL'));
}

function expectationText({ what, expected, actual, held }: ExpectationResult, colors: Colors): string[] {
  const compared = `expected ${cleanText(expected)}; was ${cleanText(actual)}`;
  return [
    `    ${held ? colors.green('✓') : colors.red('✗')} ${cleanText(what)}`,
    `      ${held ? colors.dim(compared) : colors.red(compared)}`,
  ];
}

/** `succeeds; noticed after 0.5 min; ended after 2 min` */
function attackText({ succeeded, bounded, detectedAfterMs, containedAfterMs }: AttackResult): string {
  const came = succeeded ? (bounded ? 'succeeds, within its bound' : 'succeeds') : 'does not succeed';
  const noticed = detectedAfterMs === null ? 'nobody notices' : `noticed after ${minutes(detectedAfterMs)}`;
  const ended = containedAfterMs === null ? [] : [`ended after ${minutes(containedAfterMs)}`];
  return [came, noticed, ...ended].join('; ');
}

function looseBounds(attack: AttackResult | undefined): (readonly [string, string])[] {
  return (attack?.looseBounds ?? []).map((figure) => [
    'bound',
    `${figure} lets all pass: the bare floor gives no more than it allows (${Number(attack?.harm[figure].toFixed(3))})`,
  ]);
}

/** `revoke-identity; 2 staff actions, 0 pump-minutes on manual` */
function responseText({ playbooks, staffActions, manualPumpMinutes }: ResponseResult): string {
  const ids = [...new Set(playbooks.map(({ id }) => cleanText(id)))].join(', ');
  const manual = Number(manualPumpMinutes.toFixed(1));
  return `${ids}; ${staffActions} staff actions, ${manual} pump-minutes on manual`;
}

/** `of which without the attack 0.000 mL over, 1.508 mL under` */
function bystanderText({ overMl, underMl }: NonNullable<RunResult['harmWithoutAttack']>): string {
  return `without the attack ${ml(overMl)} over, ${ml(underMl)} under`;
}

/** `beyond ±5% and 0.1 mL` */
function accuracyText({ accuracyShare, accuracyMl }: RunResult['harm']['assumptions']): string {
  return `beyond ±${accuracyShare * 100}% and ${accuracyMl} mL`;
}

function ml(volumeMl: number): string {
  return `${volumeMl.toFixed(3)} mL`;
}

function minutes(milliseconds: number): string {
  const inMinutes = milliseconds / 60_000;
  return `${Number.isInteger(inMinutes) ? inMinutes : inMinutes.toFixed(1)} min`;
}
