import type pico from 'picocolors';
import { cleanText } from './clean-text.ts';
import type { ExpectationResult, RunReport, RunResult } from './run-report.ts';

type Colors = ReturnType<typeof pico.createColors>;

/**
 * A run report for a terminal: a block for each run and a last line that counts. Whether there is colour is decided by
 * whoever makes `colors`, so that NO_COLOR is respected in one place.
 */
export function reportText({ runs }: RunReport, colors: Colors): string {
  const failed = runs.filter(({ verdict }) => verdict === 'fail').length;
  const total = `${counted(runs.length, 'run')}, ${failed === 0 ? 'all as expected' : `${failed} not as expected`}`;
  return [
    ...runs.map((run) => runText(run, colors)),
    failed === 0 ? colors.green(total) : colors.red(total),
    '',
  ].join('\n');
}

/** One run as a block of lines, with a blank line at its end. */
export function runText(run: RunResult, colors: Colors): string {
  const verdict =
    run.verdict === 'pass' ? colors.green(colors.bold('PASS')) : colors.red(colors.bold('FAIL'));
  const list = (names: readonly string[]): string =>
    names.length === 0 ? 'nothing' : names.map(cleanText).join(', ');
  const facts: readonly (readonly [string, string])[] = [
    ['harm', `${ml(run.harm.overMl)} over, ${ml(run.harm.underMl)} under the order`],
    ['stopped by', list(run.stoppedBy)],
    ['detected by', list(run.detectedBy)],
    [
      'time',
      `${minutes(run.simulatedMs)} simulated (${run.timeMode}) in ${(run.wallMs / 1_000).toFixed(2)} s`,
    ],
  ];
  return [
    `${verdict}  ${colors.bold(cleanText(run.id))}  ${cleanText(run.title)}`,
    colors.dim(`      posture ${cleanText(run.posture)}, seed ${run.seed}`),
    ...(run.expectations.length === 0 ? ['      nothing is expected under this posture'] : []),
    ...run.expectations.flatMap((expectation) => expectationText(expectation, colors)),
    ...facts.map(([name, value]) => `      ${colors.dim(name.padEnd(11))} ${value}`),
    '',
  ].join('\n');
}

function expectationText({ what, expected, actual, held }: ExpectationResult, colors: Colors): string[] {
  const compared = `expected ${cleanText(expected)}; was ${cleanText(actual)}`;
  return [
    `    ${held ? colors.green('✓') : colors.red('✗')} ${cleanText(what)}`,
    `      ${held ? colors.dim(compared) : colors.red(compared)}`,
  ];
}

function ml(volumeMl: number): string {
  return `${volumeMl.toFixed(3)} mL`;
}

function minutes(milliseconds: number): string {
  const inMinutes = milliseconds / 60_000;
  return `${Number.isInteger(inMinutes) ? inMinutes : inMinutes.toFixed(1)} min`;
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
