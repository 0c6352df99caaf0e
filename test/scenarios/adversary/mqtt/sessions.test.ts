import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../../../scenarios/index.ts';
import { loadExercise, runScenarios } from '../../../../testbed/index.ts';
import { tempFolder } from '../../../helpers/command.ts';

const STARTS_MS = Date.UTC(2026, 0, 5);
const exercise = loadExercise();

interface Tried {
  readonly steps: readonly string[];
  /** `<step> <outcome>` for each that is expected. */
  readonly outcomes: readonly string[];
  readonly expectations?: readonly string[];
  readonly posture?: string;
  readonly firmware?: string;
}

/** Rehearses on one pump that infuses 20 mL/h from 1m on; each step ends as expected, and everything else holds. */
async function tried({ steps, outcomes, expectations = [], ...rest }: Tried): Promise<RunResult> {
  const { posture = 'flat-legacy', firmware = '1.0.0' } = rest;
  const file = join(tempFolder(), 'tried.yaml');
  const judged = outcomes.map((text, index) => {
    const [id, outcome] = text.split(' ');
    return `  - { id: outcome-${index}, what: as said, measure: step-outcome, step: ${id}, outcome: ${outcome} }`;
  });
  const therapy = '{ drug: sodium chloride 0.9%, rateMlPerH: 20, volumeToBeInfusedMl: 250, startAt: 1m }';
  writeFileSync(
    file,
    `id: tried
title: What an adversary tries
family: resilience
summary: One thing at a time.
duration: 6m
telemetryEvery: 60s
fleet:
  - { model: lvp, serial: LVP-0001, careArea: adult-icu, firmware: ${firmware}, therapy: ${therapy} }
postures: [${posture}]
steps:
${steps.join('\n')}
expectations:
${[...judged, ...expectations.map((text, index) => `  - { id: other-${index}, what: as said, ${text} }`)].join('\n')}
`,
  );
  const { report } = await runScenarios(exercise, { what: [file], posture, startMs: STARTS_MS });
  const [run] = report.runs;
  expect(run?.expectations.filter(({ held }) => !held)).toEqual([]);
  return run!;
}

const step = (id: string, at: string, action: string, team = 'red') =>
  `  - { id: ${id}, team: ${team}, actor: somebody, trigger: { at: ${at} }, action: { ${action} } }`;
const connect = (at: string, as: string, more = '', name = 'way-in') =>
  step(
    `connect-${name}`,
    at,
    `do: connect, connection: ${name}, as: { ${as} }, to: broker, listener: any${more}`,
  );
const stolen = (kind: string, id: string) =>
  `credential: stolen-certificate, of: { kind: ${kind}, id: ${id} }`;
const command = (id: string, at: string, what: string, more = '') =>
  step(id, at, `do: publish-command, connection: way-in, pump: LVP-0001, ${what}${more}`);
const ACCEPTED = 'measure: evidence, event: command.accepted, count: { equals: 1 }';
const rateAt = (at: string, mlPerH: number) =>
  `measure: pump-rate, pump: LVP-0001, at: ${at}, equalsMlPerH: ${mlPerH}, withinMlPerH: ${mlPerH * 0.12}`;

describe('a credential', () => {
  const bad = (defect: string): [string, string, string] => [
    defect,
    `credential: bad-certificate, defect: ${defect}, of: { kind: pump, id: LVP-0009 }`,
    'refused',
  ];
  test.each<[string, string, string]>([
    ['stolen', stolen('nurse-station', 'station-09'), 'succeeded'],
    ['forged', 'credential: forged-certificate, of: { kind: vendor, id: vendor-01 }', 'succeeded'],
    ['that runs out later', expiring('5m'), 'succeeded'],
    ...['expired', 'revoked', 'self-signed', 'wrong-ca', 'wrong-usage'].map(bad),
    ['of nobody', 'credential: none', 'refused'],
  ])('%s is let in as its certificate deserves', async (_, as, outcome) => {
    await tried({ posture: 'layered', steps: [connect('2m', as)], outcomes: [`connect-way-in ${outcome}`] });
  });

  test('that claims another name is believed where nobody compares, and else comes back under its own', async () => {
    const as = `${stolen('observer', 'watch-01')}, claims: { kind: nurse-station, id: station-09 }`;
    const steps = [connect('2m', as), command('forge', '3m', 'command: set-rate, rateMlPerH: 40')];
    await tried({
      posture: 'mutual-tls-only',
      steps,
      outcomes: ['connect-way-in succeeded', 'forge succeeded'],
      expectations: [rateAt('4m', 40)],
    });
    await tried({
      posture: 'layered',
      steps,
      outcomes: ['connect-way-in succeeded', 'forge refused'],
      expectations: [rateAt('4m', 20)],
    });
  });

  test('that runs out ends its session where certificates are asked for', async () => {
    const steps = [connect('2m', expiring('90s')), command('late', '4m', 'command: identify')];
    await tried({ posture: 'layered', steps, outcomes: ['connect-way-in succeeded', 'late skipped'] });
    await tried({ steps, outcomes: ['connect-way-in succeeded', 'late succeeded'] });
  });
});

describe('a command of the adversary', () => {
  test.each([
    ['set-rate', 'command: set-rate, rateMlPerH: 40', rateAt('3m', 40)],
    ['bolus', 'command: bolus, volumeMl: 2', rateAt('2m35s', 500)],
    ['pause', 'command: pause', 'measure: therapy-state, pumps: [LVP-0001], equals: paused'],
    ['set-alarm-limit', 'command: set-alarm-limit, occlusionLimitMmHg: 50', ACCEPTED],
    ['identify', 'command: identify', ACCEPTED],
  ])('`%s` is carried out by a pump whose firmware asks for nothing', async (_, what, then) => {
    await tried({
      posture: 'layered',
      steps: [connect('2m', stolen('nurse-station', 'station-09')), command('forge', '2m30s', what)],
      outcomes: ['forge succeeded'],
      expectations: [then],
    });
  });

  test("with a nurse's stolen key passes a pump that looks for a signature", async () => {
    const steps = (more: string) => [
      connect('2m', stolen('nurse-station', 'station-09')),
      command('forge', '3m', 'command: identify', more),
    ];
    const answered = (event: string) => [`measure: evidence, event: ${event}, count: { equals: 1 }`];
    const rest = { posture: 'layered', firmware: '1.2.0', outcomes: ['forge succeeded'] };
    const signed = steps(', signedBy: { kind: nurse, id: nurse-01 }');
    await tried({ ...rest, steps: signed, expectations: answered('command.accepted') });
    await tried({ ...rest, steps: steps(''), expectations: answered('command.refused') });
    const other = steps(', signedBy: { kind: pharmacist, id: pharmacist-01 }');
    await tried({ ...rest, steps: other, expectations: answered('command.refused') });
  });
});

describe('over a connection', () => {
  test('anything is published, retained where asked, and read by whoever subscribes', async () => {
    const publish = (id: string, at: string, topic: string, payload: string, more = '') =>
      step(id, at, `do: publish, connection: way-in, topic: ${topic}, payload: { ${payload} }${more}`);
    await tried({
      steps: [
        connect('2m', 'credential: none'),
        publish('text', '2m10s', 'a/text', 'text: hello', ', retain: true'),
        publish('bytes', '2m20s', 'a/bytes', 'base64: "AAEC"', ', retain: true, qos: 0'),
        publish('message', '2m30s', 'a/message', 'message: { type: status, body: {} }', ', retain: true'),
        publish('gone', '2m40s', 'a/gone', 'text: once'),
        connect('3m', 'credential: none, clientId: "observer:other"', '', 'other'),
        step('read', '3m10s', 'do: subscribe, connection: other, filter: "a/#"'),
      ],
      outcomes: ['text succeeded', 'bytes succeeded', 'message succeeded', 'read succeeded'],
      expectations: ['measure: messages-received, connection: other, filter: "a/#", count: { equals: 3 }'],
    });
  });

  test('a will is published when it is lost, and not after a goodbye', async () => {
    const will =
      ', will: { topic: pumps/LVP-0001/command, payload: { command: { pump: LVP-0001, command: set-rate, rateMlPerH: 40 } } }';
    const steps = (more: string) => [
      connect('2m', 'credential: none', will),
      step('leave', '3m', `do: disconnect, connection: way-in${more}`),
    ];
    const outcomes = ['leave succeeded'];
    await tried({ steps: steps(', abruptly: true'), outcomes, expectations: [rateAt('4m', 40)] });
    await tried({ steps: steps(''), outcomes, expectations: [rateAt('4m', 20)] });
  });

  test('somebody else is thrown out again and again, and what was meant for him is kept and played back later', async () => {
    const back = (times: number) => `, comesBack: { times: ${times}, after: 0s }`;
    const steps = (times: number) => [
      connect('2m', 'credential: none, clientId: "pump:LVP-0001"', back(times)),
      step('listen', '2m1s', 'do: subscribe, connection: way-in, filter: pumps/LVP-0001/command'),
      step('order', '2m20s', 'do: command, pump: LVP-0001, command: set-rate, rateMlPerH: 40', 'care'),
      step('leave', '3m', 'do: disconnect, connection: way-in'),
      connect('4m', 'credential: none', '', 'later'),
      step('late', '4m10s', 'do: replay, connection: later, capturedOn: way-in'),
      step('none', '4m20s', 'do: replay, connection: later, capturedOn: way-in, message: 2'),
    ];
    await tried({
      steps: steps(100),
      outcomes: ['order refused', 'late succeeded', 'none skipped'],
      expectations: [rateAt('3m30s', 20), rateAt('5m', 40)],
    });
    // It gives up after as many times as it was told.
    await tried({ steps: steps(2), outcomes: ['order succeeded', 'late skipped'] });
  });

  test('nothing is done that was never opened or is closed', async () => {
    await tried({
      posture: 'layered',
      steps: [
        connect('2m', 'credential: none'),
        command('forge', '3m', 'command: identify'),
        step('read', '3m10s', 'do: subscribe, connection: way-in, filter: "#"'),
        connect('4m', stolen('observer', 'watch-01'), '', 'other'),
        step('leave', '4m10s', 'do: disconnect, connection: other'),
        step('after', '4m20s', 'do: publish, connection: other, topic: a, payload: { text: a }'),
      ],
      outcomes: ['forge skipped', 'read skipped', 'leave succeeded', 'after skipped'],
    });
  });
});

describe("a nurse's command from the station", () => {
  test('is ordered no more once the nurse has sent another one, whichever the pump carries out last', async () => {
    const order = (id: string, at: string, rateMlPerH: number) =>
      step(id, at, `do: command, pump: LVP-0001, command: set-rate, rateMlPerH: ${rateMlPerH}`, 'care');
    const back = ', comesBack: { times: 40, after: 0s }';
    const run = await tried({
      steps: [
        connect('1m55s', 'credential: none, clientId: "pump:LVP-0001"', back),
        step('listen', '1m56s', 'do: subscribe, connection: way-in, filter: pumps/LVP-0001/command'),
        order('mistake', '2m', 60),
        order('correction', '2m5s', 22),
        step('leave', '2m8s', 'do: disconnect, connection: way-in'),
        connect('2m15s', 'credential: none', '', 'later'),
        step('second', '2m20s', 'do: replay, connection: later, capturedOn: way-in, message: 2'),
        step('first', '2m21s', 'do: replay, connection: later, capturedOn: way-in'),
        `  - { id: look, team: care, actor: nurse, trigger: { when: { condition: step-done, step: mistake, outcome: refused } }, action: { do: pause, pump: LVP-0001 } }`,
      ],
      outcomes: ['mistake succeeded', 'correction succeeded', 'first succeeded', 'look skipped'],
      expectations: [rateAt('4m', 60)],
    });
    expect(run.harm.overMl).toBeGreaterThan(1);
  });

  test('is carried out by a pump that checks the signature, and is ordered from then on', async () => {
    const run = await tried({
      posture: 'layered',
      firmware: '1.1.0',
      steps: [step('order', '2m', 'do: command, pump: LVP-0001, command: set-rate, rateMlPerH: 40', 'care')],
      outcomes: ['order succeeded'],
      expectations: [rateAt('4m', 40)],
    });
    expect(run.harm.overMl).toBe(0);
  });

  test('is refused by a pump that waits for the bedside, where the nurse then goes', async () => {
    const run = await tried({
      posture: 'layered',
      firmware: '1.2.0',
      steps: [
        step('order', '2m', 'do: command, pump: LVP-0001, command: set-rate, rateMlPerH: 40', 'care'),
        step('go', '3m', 'do: change-rate, pump: LVP-0001, rateMlPerH: 40', 'care'),
      ],
      outcomes: ['order refused', 'go succeeded'],
      expectations: [rateAt('4m', 40)],
    });
    expect(run.harm).toMatchObject({ overMl: 0, underMl: 0 });
  });
});

function expiring(validFor: string): string {
  return `credential: expiring-certificate, of: { kind: nurse-station, id: station-09 }, validFor: ${validFor}`;
}
