import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { CONTROL_IDS, type ControlId, evidenceEventSchema } from '../../../protocol/index.ts';
import { createDetector, loadRules } from '../../../supervision/index.ts';
import { event } from './events.ts';

const ALL: ReadonlySet<ControlId> = new Set(CONTROL_IDS);
const RULES = loadRules('supervision/detection/rules');
const fileOf = (id: string): string => `test/fixtures/detections/${id}.cases.yaml`;

const caseSchema = z.strictObject({
  name: z.string(),
  /** So many seconds pass in the end. */
  untilS: z.number().default(0),
  events: z.array(evidenceEventSchema.partial().extend({ atS: z.number().default(0) })).min(1),
});
/** Each rule has cases that it is to alert on, and cases that look alike and that it is not. */
const casesSchema = z.strictObject({ alerts: z.array(caseSchema).min(1), quiet: z.array(caseSchema).min(1) });

/** Which rules alert; an event says only what matters, and its control and address are none unless it does. */
function alerting({ events, untilS }: z.infer<typeof caseSchema>): readonly string[] {
  const detector = createDetector(RULES, ALL);
  const seen = events.map(({ atS, ...parts }) =>
    evidenceEventSchema.parse({ ...event(atS, { control: null, address: null }), ...parts }),
  );
  const alerts = [...seen.flatMap((one) => detector.observe(one)), ...detector.advance(untilS * 1_000)];
  return [...new Set(alerts.map(({ rule }) => rule))];
}

describe.each(RULES.map(({ id }) => id))('the rule %s', (id) => {
  expect(existsSync(fileOf(id)), `${fileOf(id)} is there`).toBe(true);
  const { alerts, quiet } = casesSchema.parse(parse(readFileSync(fileOf(id), 'utf8')));

  it.each(alerts.map((one) => [one.name, one] as const))('alerts: %s', (_, one) => {
    expect(alerting(one)).toContain(id);
  });
  it.each(quiet.map((one) => [one.name, one] as const))('keeps quiet: %s', (_, one) => {
    expect(alerting(one)).not.toContain(id);
  });
});

it('ships at least 24 rules, each with a technique or a reason to have none', () => {
  expect(RULES.length).toBeGreaterThanOrEqual(24);
  const untagged = RULES.filter(({ tags }) => tags.length === 0).map(({ id }) => id);
  expect(untagged).toEqual(['blind-judgement']);
});
