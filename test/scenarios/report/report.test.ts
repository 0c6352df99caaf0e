import { Ajv2020 } from 'ajv/dist/2020.js';
import pico from 'picocolors';
import { expect, it } from 'vitest';
import {
  denyingControls,
  junitXml,
  publishedSchemas,
  type RunReport,
  type RunResult,
  runReportSchema,
  runText,
  totalText,
} from '../../../scenarios/index.ts';
import { NO_CONSEQUENCES } from '../../helpers/consequences.ts';
import { evidence } from '../engine/observed.ts';

function run(parts: Partial<RunResult> = {}): RunResult {
  return {
    id: 'spoofed-command',
    title: 'A forged command',
    family: 'attack',
    posture: 'layered',
    seed: 7,
    verdict: 'fail',
    judged: true,
    expectations: [
      { id: 'rate', what: 'The rate stays', expected: '20 mL/h at 8m', actual: '20 mL/h', held: true },
      {
        id: 'over',
        what: 'No more than ordered',
        expected: 'at most 0 mL',
        actual: '19.333 mL',
        held: false,
      },
    ],
    broker: 'embedded',
    timeMode: 'lockstep',
    consequences: NO_CONSEQUENCES,
    harm: {
      overMl: 19.333333,
      underMl: 0,
      assumptions: { accuracyShare: 0.05, accuracyMl: 0.1 },
      channels: [],
    },
    stoppedBy: ['mutual-tls'],
    detectedBy: [],
    simulatedMs: 1_200_000,
    wallMs: 1_234,
    ...parts,
  };
}

function report(...runs: RunResult[]): RunReport {
  return { version: 1, runs };
}

it('follows its own published schema', () => {
  const validate = new Ajv2020({ strict: false }).compile(publishedSchemas()['run-report']);
  expect(validate(JSON.parse(JSON.stringify(runReportSchema.parse(report(run())))))).toBe(true);
  expect(validate({ ...report(run()), version: 2 })).toBe(false);
});

it('writes a suite for each run and a case for each expectation', () => {
  const xml = junitXml(report(run(), run({ posture: 'flat-legacy', wallMs: 766 })));
  expect(xml).toContain(
    '<testsuites name="pumprange" tests="4" failures="2" errors="0" skipped="0" time="2.000">',
  );
  expect(xml).toContain('<testsuite name="spoofed-command [layered]" tests="2" failures="1"');
  expect(xml).toContain(
    '<testcase classname="pumprange.attack.spoofed-command.layered" name="rate: The rate stays" time="0"/>',
  );
  expect(xml).toContain('<failure type="expectation" message="expected at most 0 mL, was 19.333 mL"/>');
});

it('stays well-formed whatever a scenario says', () => {
  const what = 'A & B <script> "quoted" \u0000\u001b[31m\u0085 lone \ud800 \uffff\nsecond line ]]>';
  const xml = junitXml(
    report(
      run({ posture: '"<&>', expectations: [{ id: 'x', what, expected: what, actual: what, held: false }] }),
    ),
  );
  // Only the characters of XML 1.0, no markup within an attribute, every tag closed.
  expect(xml).toMatch(/^[\n\u0020-\u007e\u00a0-\ufffd]*$/);
  expect(xml).not.toMatch(/\p{Cs}/u);
  const rest = xml.replace(/<\/?[a-z]+(?: [a-zA-Z]+="[^"<]*")*\/?>|<\?xml [^>]*\?>/g, '');
  expect(rest.trim()).toBe('');
  expect(xml.match(/&(?!(?:amp|lt|gt|quot);)/)).toBeNull();
  const open = xml.match(/<[a-z]+(?: [a-zA-Z]+="[^"<]*")*>/g)?.length;
  expect(xml.match(/<\/[a-z]+>/g)?.length).toBe(open);
});

it('shows a run as a block that can be read without colour', () => {
  expect(runText(run(), pico.createColors(false))).toBe(
    [
      'FAIL  spoofed-command  A forged command',
      '      posture layered, seed 7',
      '    ✓ The rate stays',
      '      expected 20 mL/h at 8m; was 20 mL/h',
      '    ✗ No more than ordered',
      '      expected at most 0 mL; was 19.333 mL',
      '      harm        19.333 mL over, 0.000 mL under the order, beyond ±5% and 0.1 mL',
      '      stopped by  mutual-tls',
      '      detected by nothing',
      '      time        20 min simulated (lockstep) in 1.23 s',
      '',
    ].join('\n'),
  );
});

it('counts what passed, and does not call passed what was not judged', () => {
  const passed = run({ verdict: 'pass' });
  const unjudged = run({ verdict: 'pass', judged: false, expectations: [] });
  const plain = pico.createColors(false);
  expect(totalText([passed, run()], plain)).toMatch(/^1 of 2 runs passed, in /);
  expect(totalText([passed, unjudged], plain)).toMatch(/^1 of 1 runs passed, 1 not judged: /);
  expect(runText(unjudged, plain)).toMatch(/^NOT JUDGED {2}/);
});

it('colours where it may, and never lets a scenario write control sequences', () => {
  const coloured = runText(run({ title: 'a\u001b[2Jb' }), pico.createColors(true));
  expect(coloured).toContain('\u001b[31m');
  expect(coloured).not.toContain('\u001b[2J');
});

it('names each control that denied something once, in order', () => {
  expect(
    denyingControls([
      evidence({ control: 'topic-authorization' }),
      evidence({ control: 'mutual-tls' }),
      evidence({ control: 'signed-commands', outcome: 'allowed' }),
      evidence({ control: 'topic-authorization' }),
    ]),
  ).toEqual(['topic-authorization', 'mutual-tls']);
});

it('says of an attack that succeeded who denied something, and not who stopped it', () => {
  const attack = {
    ...{ bounded: false, predicates: [], withinBound: false, detectedAfterMs: null, containedAfterMs: null },
    ...{
      brokenSteps: [],
      contained: false,
      harm: { overMl: 9, underMl: 0, recordsRead: 0, alarmsMissed: 0, offlinePumpMinutes: 0 },
    },
  };
  const text = (succeeded: boolean) =>
    runText(run({ attack: { ...attack, succeeded } }), pico.createColors(false));
  expect(text(true)).toMatch(/denied by +mutual-tls/);
  expect(text(true)).not.toContain('stopped by');
  expect(text(false)).toMatch(/stopped by +mutual-tls/);
});

it('says under the bare floor which bound lets all pass, and nowhere else', () => {
  const attack: RunResult['attack'] = {
    ...{ succeeded: true, bounded: true, predicates: [], withinBound: true, looseBounds: ['overMl'] },
    brokenSteps: [],
    ...{ detectedAfterMs: null, containedAfterMs: null, contained: false },
    harm: { overMl: 9, underMl: 0, recordsRead: 0, alarmsMissed: 0, offlinePumpMinutes: 0 },
  };
  const text = (posture: string) => runText(run({ posture, attack }), pico.createColors(false));
  expect(text('bare')).toContain('overMl lets all pass');
  expect(text('layered')).not.toContain('lets all pass');
});

it('counts a run in which nothing was expected as skipped, and not as passed', () => {
  const xml = junitXml(report(run({ judged: false, verdict: 'pass', expectations: [] })));
  expect(xml).toContain('tests="1" failures="0" errors="0" skipped="1"');
  expect(xml).toContain('<skipped message="nothing is expected under this posture"/>');
});

it('shows what harm there would have been without the attack', () => {
  const text = runText(run({ harmWithoutAttack: { overMl: 0, underMl: 1.508 } }), pico.createColors(false));
  expect(text).toContain('without the attack 0.000 mL over, 1.508 mL under');
});

it("shows whom of the hospital's own the defenders shut out, and for how long", () => {
  const station = 'urn:pumprange:nurse-station:station-01';
  const response: RunResult['response'] = {
    ...{ staffActions: 2, manualPumpMinutes: 0, playbooks: [] },
    falseResponses: [{ playbook: 'revoke-identity', action: 'revoke', whom: station, atMs: 180_000 }],
    lostSessions: [{ identity: station, offlineMinutes: 4 }],
  };
  const text = runText(run({ response }), pico.createColors(false));
  expect(text).toContain(`shut out    ${station}, of the hospital itself, for 4 min`);
  expect(text).toContain(`wrongly     revoke of ${station} by revoke-identity at 3 min`);
});
