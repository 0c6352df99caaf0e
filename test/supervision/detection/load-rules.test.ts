import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { detectionRuleJsonSchema, loadRules, parseRule } from '../../../supervision/index.ts';

const FOLDER = 'supervision/detection/rules';
const good = readFileSync(`${FOLDER}/command-by-no-clinician.yaml`, 'utf8');

function problemsOf(text: string): readonly string[] {
  const parsed = parseRule(text, 'r.yaml');
  return 'problems' in parsed ? parsed.problems : [];
}

/** Line and column at which a text stands in the good rule. */
function placeOf(part: string): string {
  const before = good.slice(0, good.indexOf(part)).split('\n');
  return `r.yaml:${before.length}:${(before.at(-1) ?? '').length + 1}`;
}

it('ships rules that its published schema takes, in files of their names', () => {
  const rules = loadRules(FOLDER);
  const validate = new Ajv2020({ strict: false, formats: { date: true } }).compile(detectionRuleJsonSchema());
  for (const { id } of rules)
    expect(validate(parse(readFileSync(`${FOLDER}/${id}.yaml`, 'utf8'))), id).toBe(true);
});

it('says where a rule is wrong', () => {
  expect(problemsOf(good)).toEqual([]);
  expect(problemsOf(good.replace('level: high', 'level: hihg'))).toEqual([
    expect.stringMatching(`^${placeOf('high')}: level: `),
  ]);
  expect(problemsOf(good.replace('nurse-station', 'nurse-statoin'))[0]).toMatch(
    `${placeOf('[nurse-station')}: detection.clinician.subjectKind: `,
  );
  expect(problemsOf(good.replace('level: high', 'levle: high'))).toHaveLength(2);
  expect(problemsOf(good.replace('level: high', 'by: [object]'))[0]).toMatch(/^r\.yaml:\d+:1: /);
  expect(problemsOf('a: &a [*a]')[0]).toMatch(/^r\.yaml:1:1: /);
  const { length } = problemsOf('['.repeat(50_000));
  expect(length).toBeGreaterThan(0);
  expect(length).toBeLessThanOrEqual(20);
});

it('holds the condition to the selections that there are', () => {
  const place = placeOf('(published or');
  expect(problemsOf(good.replace('and not clinician', 'and not clinicians'))).toEqual([
    `${place}: detection.condition: there is no selection clinicians; there are published, taken, clinician`,
    `${placeOf('subjectKind')}: detection.clinician: no condition speaks of this`,
  ]);
  expect(problemsOf(good.replace('and not clinician', 'and'))).toEqual([
    `${place}: detection.condition: the name of a selection is missing at the end`,
  ]);
});

it('refuses a folder with two rules of one id', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pumprange-rules-'));
  writeFileSync(join(folder, 'a.yaml'), good);
  writeFileSync(join(folder, 'b.yaml'), good);
  expect(() => loadRules(folder)).toThrow(expect.objectContaining({ code: 'PR_DETECTION_INVALID' }));
  rmSync(folder, { recursive: true });
});

it('says what was meant', () => {
  expect(problemsOf(good.replace('level: high', 'level: hgih'))).toEqual([
    `${placeOf('high')}: level: there is no "hgih": did you mean "high"?`,
  ]);
  expect(problemsOf(good.replace('[nurse-station, gateway]', 'pmp'))).toEqual([
    `${placeOf('[nurse-station')}: detection.clinician.subjectKind: there is no "pmp": did you mean "pump"?`,
  ]);
  expect(problemsOf(good.replace('[nurse-station, gateway]', '[nurse-station, pmp]'))[0]).toContain(
    'did you mean "pump"?',
  );
});

it('takes no event that nobody writes, unless it is of a component that is not ours', () => {
  const rule = good.replace('[publish.denied, publish.allowed]', 'publish.dneied');
  expect(problemsOf(rule)).toEqual([
    expect.stringContaining('there is no event publish.dneied: did you mean "publish.denied"?'),
  ]);
  expect(problemsOf(good.replace('[publish.denied, publish.allowed]', 'publish.*'))).toEqual([]);
  expect(problemsOf(rule.replace('    source: broker\n', '    source: their-firewall\n'))).toEqual([]);
});
