import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PumprangeError } from '../../../protocol/index.ts';
import {
  loadCatalog,
  loadPostures,
  loadScenario,
  selectPosture,
  selectScenarios,
} from '../../../scenarios/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pumprange-load-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function scenarioText(id: string, family = 'care'): string {
  return `id: ${id}
title: A quiet shift
family: ${family}
summary: Nothing happens.
duration: 10m
fleet:
  - { model: lvp, count: 2, careArea: adult-icu, firmware: 1.0.0 }
postures: [layered]
steps: []
expectations:
  - { id: quiet, what: No alarm, measure: alarm-count, pumps: all, count: { equals: 0 } }
`;
}

function write(path: string, text: string | Buffer): string {
  const file = join(folder, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function errorOf(action: () => unknown): PumprangeError {
  try {
    action();
  } catch (error) {
    if (error instanceof PumprangeError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

it('reads a folder at any depth and fills in what is absent', () => {
  write('care/quiet-shift.yaml', scenarioText('quiet-shift'));
  const [scenario] = loadCatalog([folder], { postures: ['layered'] });
  expect(scenario).toMatchObject({ id: 'quiet-shift', seed: 1, references: [], steps: [] });
});

it('shares parts through anchors, aliases and merge keys', () => {
  const text = scenarioText('quiet-shift').replace(
    '  - { model: lvp, count: 2, careArea: adult-icu, firmware: 1.0.0 }',
    '  - &pump { model: lvp, careArea: adult-icu, firmware: 1.0.0 }\n  - *pump\n  - { <<: *pump, firmware: 1.1.0 }',
  );
  expect(loadScenario(write('quiet-shift.yaml', text)).fleet.map(({ firmware }) => firmware)).toEqual([
    '1.0.0',
    '1.0.0',
    '1.1.0',
  ]);
});

it('tells the faults of all files, each with file, line and column', () => {
  const first = write('a.yaml', scenarioText('a').replace('duration: 10m', 'duration: soon'));
  const second = write('b.yaml', scenarioText('b').replace('title', 'titel'));
  const error = errorOf(() => loadCatalog([folder]));
  expect(error.code).toBe('PR_SCENARIO_INVALID');
  expect(error.message.split('\n')).toEqual([
    expect.stringContaining(`${first}:5:11: duration: expected a duration`),
    expect.stringContaining(`${second}:1:1: missing key "title"`),
    `${second}:2:1: unknown key "titel" in the document (did you mean "title"?)`,
  ]);
});

it('wants a scenario in a file of its name, a folder of its family, and once', () => {
  write('attack/quiet-shift.yaml', scenarioText('quiet-shift'));
  write('care/other.yaml', scenarioText('quiet-shift'));
  const message = errorOf(() => loadCatalog([folder])).message;
  expect(message).toContain('1:5: family "care" stands in the folder "attack"');
  expect(message).toContain('1:5: id "quiet-shift" stands in a file named "other"');
  expect(message).toContain('is in ');
});

it('refuses a file that is too large or not UTF-8 before it is parsed', () => {
  const large = write('large.yaml', `${scenarioText('large')}${'#'.repeat(300_000)}\n`);
  expect(errorOf(() => loadScenario(large)).message).toContain('too large');
  const latin = write('latin.yaml', Buffer.from([0x69, 0x64, 0x3a, 0x20, 0xe9]));
  expect(errorOf(() => loadScenario(latin)).message).toContain('not UTF-8');
});

it('survives nesting that exhausts a parser', () => {
  const error = errorOf(() => loadScenario(write('deep.yaml', '['.repeat(100_000))));
  expect(error.code).toBe('PR_SCENARIO_INVALID');
  expect(error.message.split('\n').length).toBeLessThanOrEqual(20);
});

it('tells a file that is not there from one that is wrong', () => {
  expect(errorOf(() => loadScenario(join(folder, 'none.yaml'))).code).toBe('PR_FILE_UNREADABLE');
});

it('says of a posture where it is wrong, and which control was meant', () => {
  const file = write(
    'p.yaml',
    'id: p\ntitle: P\ndescription: P\ncontrols:\n  - mutual-tls\n  - signed-comands\n',
  );
  const error = errorOf(() => loadPostures([folder]));
  expect(error.code).toBe('PR_POSTURE_INVALID');
  expect(error.message).toBe(
    `${file}:6:5: controls[1]: there is no "signed-comands" (did you mean "signed-commands"?)`,
  );
});

it('finds scenarios by id, family and file, each once, and suggests the nearest for another name', () => {
  write('quiet-shift.yaml', scenarioText('quiet-shift'));
  write('busy-shift.yaml', scenarioText('busy-shift'));
  const catalog = loadCatalog([folder]);
  const ids = (...names: string[]) => selectScenarios(catalog, names).map(({ id }) => id);
  expect(ids()).toEqual(['busy-shift', 'quiet-shift']);
  expect(ids('quiet-shift', 'care')).toEqual(['quiet-shift', 'busy-shift']);
  expect(ids(join(folder, 'quiet-shift.yaml'))).toEqual(['quiet-shift']);
  const error = errorOf(() => ids('quite-shift'));
  expect(error.code).toBe('PR_SCENARIO_UNKNOWN');
  expect(error.message).toBe('There is no scenario "quite-shift": did you mean "quiet-shift"?');
  expect(errorOf(() => selectPosture(loadPostures(['scenarios/postures']), 'layerd')).message).toContain(
    'layered',
  );
});
