import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { CONTROL_IDS, type ControlId, type EvidenceEvent } from '../../../protocol/index.ts';
import { type DetectionRule, detectionRuleSchema } from '../../../supervision/detection/rule.ts';
import { detect, detectionRuleJsonSchema, loadRules, parseRule } from '../../../supervision/index.ts';

const ALL: ReadonlySet<ControlId> = new Set(CONTROL_IDS);
const FOLDER = 'supervision/detection/rules';

function event(atS: number, parts: Partial<EvidenceEvent> = {}): EvidenceEvent {
  return {
    source: 'broker',
    event: 'session.refused',
    outcome: 'denied',
    deviceTimeMs: null,
    receiptTimeMs: atS * 1_000,
    simulatedMs: null,
    zone: null,
    address: '127.0.0.1',
    session: null,
    subject: null,
    certificateFingerprint: null,
    control: 'mutual-tls',
    cause: null,
    object: null,
    visibility: 'blue',
    ...parts,
  };
}

function rule(parts: object): DetectionRule {
  return detectionRuleSchema.parse({
    id: 'a-rule',
    title: 'A rule',
    description: 'For a test.',
    severity: 'low',
    by: 'address',
    withinS: 60,
    ...parts,
  });
}

const threeRefusals = rule({ steps: [{ controls: ['mutual-tls'], outcomes: ['denied'], atLeast: 3 }] });
const times = (events: EvidenceEvent[], ...rules: DetectionRule[]) =>
  detect(events, rules, ALL).map(({ atMs }) => atMs / 1_000);

it('alerts at the event that reaches the threshold within the window, and counts anew after it', () => {
  expect(times([event(0), event(30), event(59)], threeRefusals)).toEqual([59]);
  expect(times([event(0), event(30), event(60)], threeRefusals)).toEqual([]);
  expect(times([event(0), event(1), event(2), event(3), event(4), event(5)], threeRefusals)).toEqual([2, 5]);
});

it('counts each subject of its own', () => {
  const other = { address: '127.0.0.2' };
  const alerts = detect(
    [event(0), event(1, other), event(2), event(3, other), event(4), event(5, other)],
    [threeRefusals],
    ALL,
  );
  expect(alerts).toEqual([
    { rule: 'a-rule', atMs: 4_000, subject: '127.0.0.1' },
    { rule: 'a-rule', atMs: 5_000, subject: '127.0.0.2' },
  ]);
});

it('never sees what a blue team could not', () => {
  const hidden = [event(0), event(1, { visibility: 'white' }), event(2, { visibility: 'red' })];
  expect(times(hidden, threeRefusals)).toEqual([]);
});

it('does not watch where anomaly detection is off', () => {
  expect(detect([event(0), event(1), event(2)], [threeRefusals], new Set())).toEqual([]);
});

it('wants the steps of a sequence in their order', () => {
  const denied = { control: 'mutual-tls' } as const;
  const opened = { event: 'session.opened', outcome: 'allowed', control: null } as const;
  const sequence = rule({
    steps: [{ controls: ['mutual-tls'], atLeast: 2 }, { events: ['session.opened'] }],
  });
  expect(times([event(0, denied), event(1, denied), event(2, opened)], sequence)).toEqual([2]);
  expect(times([event(0, opened), event(1, denied), event(2, denied)], sequence)).toEqual([]);
  expect(times([event(0, denied), event(1, opened), event(2, denied), event(3, opened)], sequence)).toEqual([
    3,
  ]);
});

it('keeps quiet about the same subject for as long as the rule says', () => {
  const quiet = rule({ steps: [{ outcomes: ['denied'] }], quietS: 10 });
  expect(times([event(0), event(9), event(10), event(11)], quiet)).toEqual([0, 10]);
});

it('forgets the oldest events of a subject in a flood, rather than grow without end', () => {
  const three = rule({ steps: [{ events: ['a'] }, { events: ['b'] }, { events: ['c'] }] });
  const flooded = (count: number) => [
    event(0, { event: 'a' }),
    ...Array.from({ length: count }, (_, index) => event(1 + index / 1_000, { event: 'c' })),
    event(10, { event: 'b' }),
    event(11, { event: 'c' }),
  ];
  expect(times(flooded(200), three)).toEqual([11]);
  expect(times(flooded(300), three)).toEqual([]);
});

it('ships rules that its published schema takes', () => {
  const rules = loadRules(FOLDER);
  expect(rules.map(({ id }) => id)).toEqual([
    'command-by-no-clinician',
    'rejected-release',
    'repeated-refused-connections',
    'revoked-certificate-used',
  ]);
  const validate = new Ajv2020({ strict: false }).compile(detectionRuleJsonSchema());
  for (const { id } of rules)
    expect(validate(parse(readFileSync(`${FOLDER}/${id}.yaml`, 'utf8'))), id).toBe(true);
});

it('tells a stranger who commands from a clinician whose command was refused', () => {
  const command = {
    event: 'publish.denied',
    control: 'topic-authorization',
    object: 'pumps/LVP-0001/command',
  } as const;
  const by = (subject: string | null) =>
    detect([event(0, { ...command, subject })], loadRules(FOLDER), ALL).map((alert) => alert.rule);
  expect(by('urn:pumprange:pump:LVP-0009')).toEqual(['command-by-no-clinician']);
  expect(by(null)).toEqual(['command-by-no-clinician']);
  expect(by('urn:pumprange:nurse-station:ns-01')).toEqual([]);
  const telemetry = {
    ...command,
    object: 'pumps/LVP-0001/telemetry',
    subject: 'urn:pumprange:pump:LVP-0009',
  };
  expect(detect([event(0, telemetry)], loadRules(FOLDER), ALL)).toEqual([]);
});

it('says where a rule is wrong', () => {
  const good = readFileSync(`${FOLDER}/rejected-release.yaml`, 'utf8');
  const problemsOf = (text: string) => {
    const parsed = parseRule(text, 'r.yaml');
    return 'problems' in parsed ? parsed.problems : [];
  };
  expect(problemsOf(good)).toEqual([]);
  expect(problemsOf(good.replace('signed-library', 'signed-librari'))).toEqual([
    expect.stringMatching(/^r\.yaml:13:9: steps\.0\.controls\.0: /),
  ]);
  expect(problemsOf(good.replace('severity: high', 'severety: high'))).toHaveLength(2);
  expect(problemsOf(good.replace('severity: high', 'by: object'))[0]).toMatch(/^r\.yaml:\d+:1: /);
  expect(problemsOf(good.replace(/steps:[\s\S]*withinS/, 'steps:\n  - atLeast: 2\nwithinS'))).toEqual([
    'r.yaml:11:5: steps.0: a step that names nothing would fit every event',
  ]);
  expect(problemsOf('a: &a [*a]')[0]).toMatch(/^r\.yaml:1:1: /);
  const { length } = problemsOf('['.repeat(50_000));
  expect(length).toBeGreaterThan(0);
  expect(length).toBeLessThanOrEqual(20);
});

it('refuses a folder with two rules of one id', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pumprange-rules-'));
  const text = readFileSync(`${FOLDER}/rejected-release.yaml`, 'utf8');
  writeFileSync(join(folder, 'a.yaml'), text);
  writeFileSync(join(folder, 'b.yaml'), text);
  expect(() => loadRules(folder)).toThrow(expect.objectContaining({ code: 'PR_DETECTION_INVALID' }));
  rmSync(folder, { recursive: true });
});
