import { cleanText } from './clean-text.ts';
import type { ExpectationResult, RunReport, RunResult } from './run-report.ts';

/**
 * A run report as JUnit XML, as CI servers read it: a suite for each scenario and posture, a case for each
 * expectation. The wall time of a run stands at its suite; a single expectation takes none.
 */
export function junitXml({ runs }: RunReport): string {
  const totals = countsOf(
    runs.flatMap(({ expectations }) => expectations),
    runs.filter(({ judged }) => !judged).length,
  );
  const wallMs = runs.reduce((sum, run) => sum + run.wallMs, 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="pumprange"${totals} time="${seconds(wallMs)}">`,
    ...runs.flatMap(suite),
    '</testsuites>',
    '',
  ].join('\n');
}

export interface Case {
  readonly what: string;
  /** Why it does not hold. */
  readonly failure?: string;
  /** Why it does not count. */
  readonly skipped?: string;
}

interface Suite {
  readonly name: string;
  readonly className: string;
  readonly cases: readonly Case[];
}

/**
 * Any suites as a JUnit document.
 *
 * @param type what a failure is called
 */
export function junitDocument(suites: readonly Suite[], type = 'matrix'): string {
  const counts = (cases: readonly Case[]): string =>
    ` tests="${cases.length}" failures="${cases.filter(({ failure }) => failure !== undefined).length}" errors="0" skipped="${cases.filter(({ skipped }) => skipped !== undefined).length}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="pumprange"${counts(suites.flatMap(({ cases }) => cases))}>`,
    ...suites.flatMap(({ name, className, cases }) => [
      `  <testsuite name="${escaped(name)}"${counts(cases)}>`,
      ...cases.flatMap(({ what, failure, skipped }) => {
        const open = `    <testcase classname="${escaped(className)}" name="${escaped(what)}" time="0"`;
        if (failure !== undefined) {
          return [
            `${open}>`,
            `      <failure type="${type}" message="${escaped(failure)}"/>`,
            '    </testcase>',
          ];
        }
        if (skipped !== undefined)
          return [`${open}>`, `      <skipped message="${escaped(skipped)}"/>`, '    </testcase>'];
        return [`${open}/>`];
      }),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

function suite(run: RunResult): string[] {
  const name =
    run.broker === 'embedded' ? `${run.id} [${run.posture}]` : `${run.id} [${run.posture}, ${run.broker}]`;
  return [
    `  <testsuite name="${escaped(name)}"${countsOf(run.expectations, run.judged ? 0 : 1)} time="${seconds(run.wallMs)}">`,
    '    <properties>',
    property('posture', run.posture),
    property('broker', run.broker),
    property('family', run.family),
    property('seed', String(run.seed)),
    property('timeMode', run.timeMode),
    property('simulatedMs', String(run.simulatedMs)),
    property('overMl', String(run.harm.overMl)),
    property('underMl', String(run.harm.underMl)),
    property('stoppedBy', run.stoppedBy.join(' ')),
    property('detectedBy', run.detectedBy.join(' ')),
    '    </properties>',
    ...(run.judged ? [] : notJudged(classNameOf(run))),
    ...run.expectations.flatMap((expectation) => testCase(classNameOf(run), expectation)),
    '  </testsuite>',
  ];
}

function testCase(className: string, { id, what, expected, actual, held }: ExpectationResult): string[] {
  const open = `    <testcase classname="${escaped(className)}" name="${escaped(`${id}: ${what}`)}" time="0"`;
  if (held) return [`${open}/>`];
  return [
    `${open}>`,
    `      <failure type="expectation" message="${escaped(`expected ${expected}, was ${actual}`)}"/>`,
    '    </testcase>',
  ];
}

/** No case at all would be taken for a pass. */
function notJudged(className: string): string[] {
  return [
    `    <testcase classname="${escaped(className)}" name="not judged" time="0">`,
    '      <skipped message="nothing is expected under this posture"/>',
    '    </testcase>',
  ];
}

function classNameOf({ family, id, posture }: RunResult): string {
  return `pumprange.${family}.${id}.${posture}`;
}

function property(name: string, value: string): string {
  return `      <property name="${name}" value="${escaped(value)}"/>`;
}

function countsOf(expectations: readonly ExpectationResult[], skipped: number): string {
  const failures = expectations.filter(({ held }) => !held).length;
  return ` tests="${expectations.length + skipped}" failures="${failures}" errors="0" skipped="${skipped}"`;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(3);
}

/** For an attribute in double quotes. */
function escaped(text: string): string {
  return cleanText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
