import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseScenario } from '../../../scenarios/index.ts';

/** Each file ends with a line `# expects <line>:<column>: <message>` for every problem that it must yield, and no other. */
const FOLDER = 'test/fixtures/scenarios/bad';
const known = {
  firmware: { lvp: ['1.0.0', '1.1.0', '1.2.0'] },
  postures: ['layered', 'flat-legacy'],
  detectionRules: ['command-by-no-clinician'],
};
const files = readdirSync(FOLDER).sort();

it('has a bad scenario for each kind of fault', () => {
  expect(files.length).toBeGreaterThanOrEqual(48);
});

it.each(files)('tells every fault of %s at its line and column', (file) => {
  const text = readFileSync(`${FOLDER}/${file}`, 'utf8');
  const expected = [...text.matchAll(/^# expects (.*)$/gm)].map(([, problem]) => problem);
  const parsed = parseScenario(text, file, known);
  const found = 'problems' in parsed ? parsed.problems : [];
  const told = found.map(
    ({ line, column, message, hint }) =>
      `${line}:${column}: ${message}${hint?.startsWith('did you mean') ? ` (${hint})` : ''}`,
  );
  expect(expected.length).toBeGreaterThan(0);
  expect(told).toEqual(expected);
});
