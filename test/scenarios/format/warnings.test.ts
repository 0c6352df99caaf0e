import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { scenarioWarnings } from '../../../scenarios/index.ts';

const TEXT = readFileSync('scenarios/templates/attack.yaml', 'utf8');

it('warns of a threshold that always holds, at its place', () => {
  expect(scenarioWarnings(TEXT, 'x.yaml')).toEqual([]);
  const always = TEXT.replace(/atLeastMl: \S+/, 'atLeastMl: 0');
  expect(always).not.toBe(TEXT);
  const line = always.split('\n').findIndex((one) => one.includes('atLeastMl: 0')) + 1;
  expect(scenarioWarnings(always, 'x.yaml')).toMatchObject([
    { file: 'x.yaml', line, message: expect.stringContaining('atLeastMl: 0 holds whatever happens') },
  ]);
});

it('warns of no count that has an upper bound, and of no file that is none', () => {
  const count = (bounds: string) =>
    `attack: { success: [{ id: a, what: a, measure: records-read, count: ${bounds} }] }`;
  expect(scenarioWarnings(count('{ atLeast: 0 }'), 'x.yaml')).toHaveLength(1);
  expect(scenarioWarnings(count('{ atLeast: 0, atMost: 2 }'), 'x.yaml')).toEqual([]);
  expect(scenarioWarnings('- [', 'x.yaml')).toEqual([]);
});
