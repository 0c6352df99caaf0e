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
  readonly expectations: readonly string[];
  readonly posture?: string;
  readonly firmware?: string;
}

/** Rehearses on a pump that infuses from 1m on and on one in standby; everything that is expected holds. */
async function tried({ steps, expectations, posture, firmware = '1.0.0' }: Tried): Promise<RunResult> {
  const file = join(tempFolder(), 'tried.yaml');
  const id = posture ?? 'flat-legacy';
  const therapy = '{ drug: heparin, rateMlPerH: 20, volumeToBeInfusedMl: 250, startAt: 1m }';
  const pump = (serial: string) =>
    `{ model: lvp, serial: ${serial}, careArea: adult-icu, firmware: ${firmware}`;
  writeFileSync(
    file,
    `id: tried
title: What an adversary tries
family: resilience
summary: One thing at a time.
duration: 8m
telemetryEvery: 60s
fleet:
  - ${pump('LVP-0001')}, therapy: ${therapy} }
  - ${pump('LVP-0002')} }
postures: [${id}]
steps:
${steps.join('\n')}
expectations:
${expectations.map((text, index) => `  - { id: other-${index}, what: as said, ${text} }`).join('\n')}
`,
  );
  const { report } = await runScenarios(exercise, { what: [file], posture: id, startMs: STARTS_MS });
  const [run] = report.runs;
  expect(run?.expectations.filter(({ held }) => !held)).toEqual([]);
  return run!;
}

const step = (id: string, at: string, action: string, team = 'red') =>
  `  - { id: ${id}, team: ${team}, actor: somebody, trigger: { at: ${at} }, action: { ${action} } }`;
const say = (id: string, at: string, command: string, console = 'c') =>
  step(id, at, `do: console-command, console: ${console}, say: { ${command} }`);
const open = (id: string, at: string, pump: string, more = '', console = 'c') =>
  step(id, at, `do: open-console, console: ${console}, pump: ${pump}${more}`);
const ends = (id: string, outcome: string) => `measure: step-outcome, step: ${id}, outcome: ${outcome}`;

describe('a conversation with a pump', () => {
  test('reads, sets and clears what the firmware lets it', async () => {
    await tried({
      steps: [
        open('open', '2m', 'LVP-0001'),
        say('identify', '2m1s', 'command: identify'),
        say('read', '2m2s', 'command: read, stored: [network-key, log]'),
        say('limit', '2m3s', 'command: set-occlusion-limit, mmHg: 50'),
        say('calibrate', '2m4s', 'command: calibrate, share: 2'),
        say('import', '2m5s', 'command: import-configuration, mmHg: 75'),
        say('clear', '2m6s', 'command: clear-log'),
      ],
      expectations: [
        ...['open', 'identify', 'read', 'limit', 'import', 'clear'].map((id) => ends(id, 'succeeded')),
        // A therapy is programmed.
        ends('calibrate', 'refused'),
        'measure: occlusion-limit, pumps: [LVP-0001], atMostMmHg: 75, atLeastMmHg: 75',
        'measure: configuration-in-use, pumps: [LVP-0001], equals: 9.9.9',
        'measure: secrets-disclosed, pumps: all, count: { equals: 1 }',
      ],
    });
  });

  test('does not begin where nobody listens, and nothing is said in one that never began', async () => {
    const run = await tried({
      steps: [
        open('open', '2m', 'LVP-0001'),
        say('say', '2m10s', 'command: identify'),
        step(
          'upload',
          '2m20s',
          'do: upload-package, pump: LVP-0002, file: { kind: firmware, version: 6.6.6 }',
        ),
        step('oversize', '2m30s', 'do: send-oversize, pump: LVP-0001, bytes: 2000'),
      ],
      expectations: [
        ends('open', 'refused'),
        ends('say', 'skipped'),
        ends('upload', 'refused'),
        ends('oversize', 'refused'),
        'measure: evidence, event: service.refused, control: services-off, count: { equals: 3 }',
      ],
      posture: 'layered',
    });
    expect(run.stoppedBy).toContain('services-off');
  });

  test('ends when the code is wrong, and goes on with the one that all pumps share', async () => {
    await tried({
      steps: [
        open('wrong', '2m', 'LVP-0001', ', code: "1234"'),
        open('right', '2m10s', 'LVP-0001', ', code: shared', 'd'),
        say('read', '2m20s', 'command: read, stored: [private-key]', 'd'),
      ],
      // 1.1.0 keeps its key.
      expectations: [ends('wrong', 'refused'), ends('right', 'succeeded'), ends('read', 'succeeded')],
      firmware: '1.1.0',
      posture: 'flat-legacy',
    });
  });
});

describe('a file that is sent', () => {
  test('is installed, and a library that was read before is written back without a limit', async () => {
    await tried({
      steps: [
        step(
          'too-early',
          '1m10s',
          'do: upload-package, pump: LVP-0002, file: { kind: library, version: 9.9.9, drug: heparin }',
        ),
        open('open', '1m20s', 'LVP-0002'),
        say('read', '1m21s', 'command: read, stored: [library]'),
        step(
          'library',
          '1m30s',
          'do: upload-package, pump: LVP-0002, file: { kind: library, version: 9.9.9, drug: heparin }',
        ),
        step(
          'firmware',
          '1m40s',
          'do: upload-package, pump: LVP-0002, file: { kind: firmware, version: 6.6.6 }',
        ),
      ],
      expectations: [
        ends('too-early', 'skipped'),
        ends('library', 'succeeded'),
        ends('firmware', 'succeeded'),
        'measure: library-in-use, pumps: [LVP-0002], equals: 9.9.9, at: 2m',
        'measure: firmware-running, pumps: [LVP-0002], equals: 6.6.6',
      ],
    });
  });
});

describe('a pump in hands', () => {
  const connect = (id: string, at: string, from: string) =>
    step(
      id,
      at,
      `do: connect, connection: ${id}, to: broker, listener: any, as: { credential: extracted-certificate, from: ${from}, claims: { kind: pump, id: LVP-0002 } }`,
    );

  test('gives away a key that then opens a connection, and a key that was not read opens none', async () => {
    await tried({
      steps: [
        step('leave', '1m', 'do: decommission, pump: LVP-0002', 'care'),
        step('half', '2m', 'do: extract-storage, pump: LVP-0002, stored: [certificate], keepAs: half'),
        connect('without', '2m10s', 'half'),
        step('whole', '3m', 'do: extract-storage, pump: LVP-0002, stored: [private-key], keepAs: whole'),
        connect('with', '3m10s', 'whole'),
      ],
      expectations: [
        ends('leave', 'succeeded'),
        ends('without', 'skipped'),
        ends('with', 'succeeded'),
        'measure: secrets-disclosed, pumps: [LVP-0002], kinds: [private-key], count: { equals: 1 }',
        'measure: secrets-disclosed, pumps: [LVP-0001], count: { equals: 0 }',
      ],
    });
  });

  test('gives nothing away after it was wiped, and no pump leaves that treats somebody', async () => {
    await tried({
      steps: [
        step('busy', '2m', 'do: decommission, pump: LVP-0001', 'care'),
        step('leave', '2m', 'do: decommission, pump: LVP-0002', 'care'),
        step('read', '3m', 'do: extract-storage, pump: LVP-0002, stored: [private-key, network-key, log]'),
      ],
      expectations: [
        ends('busy', 'refused'),
        ends('leave', 'succeeded'),
        ends('read', 'refused'),
        'measure: secrets-disclosed, pumps: all, count: { equals: 0 }',
      ],
      posture: 'layered',
    });
  });

  test('has a log that can be struck out, and that can be seen afterwards', async () => {
    await tried({
      steps: [
        step('server-away', '1m30s', 'do: server-stop', 'white'),
        step('pause', '2m', 'do: pause, pump: LVP-0001', 'care'),
        step('resume', '2m10s', 'do: resume, pump: LVP-0001', 'care'),
        step('strike-out', '3m', 'do: alter-storage, pump: LVP-0001, change: { kind: strike-out-log }'),
        step('server-back', '4m', 'do: server-start', 'white'),
      ],
      expectations: [
        'measure: log-records, pumps: [LVP-0001], became: altered, count: { atLeast: 2 }',
        'measure: log-records, pumps: [LVP-0001], became: lost, count: { equals: 0 }',
        'measure: log-records, pumps: [LVP-0002], became: altered, count: { equals: 0 }',
      ],
    });
  });
});

describe('a locked keypad', () => {
  const guess = step('guess', '2m', 'do: guess-keypad, pump: LVP-0001, seen: 2, every: 500ms, tries: 100');
  const lock = step('lock', '1m30s', 'do: lock-keypad, pump: LVP-0001', 'care');
  const change = step('change', '3m', 'do: change-at-bedside, pump: LVP-0001, rateMlPerH: 60');

  test("opens to somebody who tries long enough, and what is keyed in then is nobody else's order", async () => {
    const run = await tried({
      steps: [
        lock,
        step('locked', '1m40s', 'do: change-at-bedside, pump: LVP-0001, rateMlPerH: 60'),
        guess,
        change,
      ],
      expectations: [
        ends('locked', 'refused'),
        ends('guess', 'succeeded'),
        ends('change', 'succeeded'),
        'measure: delivered-over-order, pumps: [LVP-0001], atLeastMl: 2',
      ],
    });
    expect(run.harm.overMl).toBeGreaterThan(2);
  });

  test('locks out whoever tries', async () => {
    await tried({
      steps: [lock, guess, change],
      expectations: [
        ends('change', 'refused'),
        'measure: delivered-over-order, pumps: [LVP-0001], atMostMl: 0.1',
      ],
      posture: 'layered',
    });
  });
});

test('twelve attacks leave no socket and no timer', { timeout: 60_000 }, async () => {
  const resources = (): number =>
    process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout|Pipe/.test(kind)).length;
  const { what, posture } = {
    what: ['open-console', 'oversize-input-silences-pump'],
    posture: 'flat-legacy',
  };
  await runScenarios(exercise, { what, posture, startMs: STARTS_MS });
  await new Promise((resolve) => setTimeout(resolve, 20));
  const before = resources();
  for (let time = 0; time < 6; time += 1) {
    await runScenarios(exercise, { what, posture, startMs: STARTS_MS });
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(resources()).toBeLessThanOrEqual(before);
});
