import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rehearse } from '../../scenarios/index.ts';
import { loadExercise, traceScenario } from '../../testbed/index.ts';
import { stageBuilder } from '../../testbed/stage.ts';
import { pumprange, tempFolder } from '../helpers/command.ts';

const TRUMPET = ['pump', 'trumpet', '--model', 'lvp', '--rate', '25'];

describe('pumprange pump trumpet', () => {
  test('prints the windows as a table, and the same ones for the same seed', async () => {
    const { code, stdout, stderr } = await pumprange(TRUMPET);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('figures of the standard not checked');
    for (const window of [2, 5, 11, 19, 31]) {
      expect(stdout).toMatch(new RegExp(`^ +${window} +[+−]\\d+\\.\\d\\d% +[+−]\\d+\\.\\d\\d% .*[━┿│]`, 'm'));
    }
    expect(stdout).toMatch(/^overall +[+−]\d/m);
    expect((await pumprange([...TRUMPET, '--seed', '1', '--serial', 'LVP-0001'])).stdout).toBe(stdout);
    expect((await pumprange([...TRUMPET, '--seed', '2'])).stdout).not.toBe(stdout);
  });

  test('writes a drawing or the values, into a file or to the terminal', async () => {
    const folder = tempFolder();
    const file = join(folder, 'deep', 'curve.svg');
    const written = await pumprange([...TRUMPET, '--svg', file]);
    expect(written).toEqual({ code: 0, stdout: `wrote ${file}\n`, stderr: '' });
    const svg = readFileSync(file, 'utf8');
    expect(svg).toMatch(/^<svg [\s\S]*<title[\s\S]*<\/svg>\n$/);
    expect(await pumprange([...TRUMPET, '--svg', '-'])).toEqual({ code: 0, stdout: svg, stderr: '' });
    const { stdout: csv } = await pumprange([...TRUMPET, '--csv', '-']);
    expect(csv.split('\n')[0]).toBe(
      'curve,minutes,flow_ml_per_h,largest_error_percent,smallest_error_percent',
    );
  });

  test('says what is wrong with what it was asked for', async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, 'taken'));
    const cases: [string[], RegExp][] = [
      [['pump', 'trumpet', '--model', 'lvq', '--rate', '25'], /^PR_MODEL_UNKNOWN: .*lvp/],
      [['pump', 'trumpet', '--model', 'lvp', '--rate', '2000'], /^PR_RATE_OUTSIDE_MODEL: .*999/],
      [['pump', 'trumpet', '--model', 'lvp', '--rate', 'fast'], /^PR_USAGE: /],
      [['pump', 'trumpet', '--model', 'lvp'], /^PR_USAGE: .*--rate/],
      [[...TRUMPET, '--channel', 'Z'], /^PR_CHANNEL_UNKNOWN: .*has no channel Z/],
      [[...TRUMPET, '--svg', '-', '--csv', '-'], /^PR_USAGE: .*--csv/],
      [[...TRUMPET, '--svg', join(folder, 'taken')], /^PR_DISK: /],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await pumprange(args, { cwd: folder });
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
      expect(stderr).toMatch(message);
    }
  });
});

describe('pumprange pump trace', () => {
  const TRACE = ['pump', 'trace', 'spoofed-command', '--posture', 'flat-legacy'];

  test('follows one channel through a scenario, in words, drawing and values', async () => {
    const { code, stdout, stderr } = await pumprange(TRACE);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^spoofed-command under flat-legacy: LVP-0001, channel A, seed 7\n/);
    const [, delivered, ordered] = /delivered ([\d.]+) mL, ordered ([\d.]+) mL/.exec(stdout) ?? [];
    // The forged command raises the rate: more than any error of the mechanism.
    expect(Number(delivered)).toBeGreaterThan(Number(ordered) + 5);

    const file = join(tempFolder(), 'trace.svg');
    expect(await pumprange([...TRACE, '--svg', file])).toMatchObject({ code: 0, stdout: `wrote ${file}\n` });
    expect(readFileSync(file, 'utf8')).toMatch(/<desc[^>]*>Delivered [\d.]+ mL where [\d.]+ mL were ordered/);

    const { stdout: csv } = await pumprange([...TRACE, '--csv', '-']);
    const rows = csv.trimEnd().split('\n');
    expect(rows).toHaveLength(1 + 20 * 12 + 1);
    expect(rows[1]).toMatch(/^0,/);
    expect(rows.at(-1)).toMatch(/^1200,/);
    expect((await pumprange([...TRACE, '--csv', '-'])).stdout).toBe(csv);
  });

  test('takes the pump that was asked for', async () => {
    const { stdout } = await pumprange([
      'pump',
      'trace',
      'spoofed-command',
      '--pump',
      'LVP-0002',
      '--seed',
      '9',
    ]);
    expect(stdout).toMatch(/^spoofed-command under layered: LVP-0002, channel A, seed 9\n/);
  });

  test('says what is wrong with what it was asked for', async () => {
    const cases: [string[], RegExp][] = [
      [['spoofed-comand'], /^PR_SCENARIO_UNKNOWN: .*spoofed-command/],
      [['spoofed-command', '--posture', 'layerd'], /^PR_POSTURE_UNKNOWN: .*layered/],
      [['spoofed-command', '--pump', 'LVP-0099'], /^PR_CHANNEL_UNKNOWN: .*LVP-0001, LVP-0002/],
      [['spoofed-command', '--channel', 'Z'], /^PR_CHANNEL_UNKNOWN: .*it has A/],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await pumprange(['pump', 'trace', ...args]);
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
      expect(stderr).toMatch(message);
    }
  });

  test('does not depend on the date', async () => {
    const exercise = loadExercise();
    const at = (startMs: number) =>
      traceScenario(exercise, { scenario: 'spoofed-command', posture: 'layered', startMs });
    expect(await at(1_700_000_000_000)).toEqual(await at(1_800_000_007_777));
  });

  test('watches without changing what happens', async () => {
    const { data, rules, playbooks, scenarios, postures } = loadExercise();
    const scenario = scenarios.find(({ id }) => id === 'spoofed-command');
    const posture = postures.find(({ id }) => id === 'flat-legacy');
    if (scenario === undefined || posture === undefined) throw new Error('the catalogue lacks it');
    const run = (everyMs: number | undefined) =>
      rehearse({
        scenario,
        posture,
        seed: 5,
        build: stageBuilder(data, rules),
        playbooks,
        startMs: 1_700_000_000_000,
        sampling: everyMs === undefined ? undefined : { serial: 'LVP-0001', everyMs },
      });
    const unwatched = await run(undefined);
    const watched = await run(700);
    expect(watched.transcript).toBe(unwatched.transcript);
    expect(unwatched.observation.pumps.every(({ samples }) => samples === undefined)).toBe(true);
    const [first, second] = watched.observation.pumps;
    expect(first?.samples?.length).toBeGreaterThan(1_700);
    expect(second?.samples).toBeUndefined();
  });
});
