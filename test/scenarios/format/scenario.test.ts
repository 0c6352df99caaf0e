import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  expandFleet,
  expectationsFor,
  loadScenario,
  needsUndisturbedRun,
  publishedSchemas,
  samplingOffsetsMs,
  undisturbed,
} from '../../../scenarios/index.ts';

const FILE = 'scenarios/catalog/attack/spoofed-command.yaml';
const scenario = loadScenario(FILE);

it('numbers pumps without a serial past those that have one', () => {
  const pump = { model: 'lvp' as const, careArea: 'adult-icu', firmware: '1.0.0' };
  const named = expandFleet([
    { ...pump, count: 2 },
    { ...pump, model: 'syringe' },
  ]).map(({ serial }) => serial);
  expect(named).toEqual(['LVP-0001', 'LVP-0002', 'SYR-0001']);
  const [, second] = expandFleet(scenario.fleet);
  const mixed = expandFleet([
    { ...pump, count: 2 },
    { ...pump, serial: second!.serial },
  ]);
  expect(mixed.map(({ serial }) => serial)).toEqual(['LVP-0001', 'LVP-0003', 'LVP-0002']);
});

it('expects under a posture what was declared for it, and nothing under another', () => {
  const ids = (posture: string) => expectationsFor(scenario, posture).map(({ id }) => id);
  expect(ids('layered')).toContain('neighbour-unharmed');
  expect(ids('layered')).not.toContain('over-delivery');
  expect(ids('flat-legacy')).toEqual(
    expect.arrayContaining(['neighbour-unharmed', 'over-delivery', 'no-certificate-changes-rate']),
  );
  expect(ids('sp1800-8')).toEqual([]);
});

it('reads pumps whenever an expectation asks, and at the end', () => {
  expect(samplingOffsetsMs(scenario)).toEqual([480_000, 900_000, 1_200_000]);
});

it('leaves the white and red steps out of an undisturbed run, and nothing else', () => {
  expect(needsUndisturbedRun(expectationsFor(scenario, 'layered'))).toBe(true);
  expect(needsUndisturbedRun(scenario.expectations.filter(({ measure }) => measure === 'pump-rate'))).toBe(
    false,
  );
  const outage = loadScenario('scenarios/catalog/resilience/broker-outage.yaml');
  expect(undisturbed(outage).steps.map(({ team }) => team)).toEqual(['care', 'care', 'care', 'care', 'care']);
});

it('publishes schemas that take what the catalogue has, refuse a slip, and explain every verb', () => {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
    publishedSchemas().scenario,
  );
  const data = parse(readFileSync(FILE, 'utf8'));
  expect(validate(data)).toBe(true);
  expect(validate({ ...data, titel: 'x' })).toBe(false);
  const { steps } = publishedSchemas().scenario.properties!;
  const verbs = steps!.items!.properties!.action!.oneOf!;
  expect(verbs.map((verb) => verb.properties!.do!.const)).toContain('publish-command');
  for (const verb of verbs) {
    for (const [key, { description, ...rest }] of Object.entries(verb.properties!)) {
      expect(description ?? JSON.stringify(rest), `${String(verb.properties!.do!.const)}.${key}`).toMatch(
        /^[A-Z`]/,
      );
    }
  }
});
