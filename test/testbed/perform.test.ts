import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RunResult } from '../../scenarios/index.ts';
import { loadExercise, runScenarios } from '../../testbed/index.ts';
import { tempFolder } from '../helpers/command.ts';

const STARTS_MS = Date.UTC(2026, 0, 5);
const exercise = loadExercise();

/** A rehearsal on one large-volume pump with nobody but its nurse. */
async function rehearsed(steps: string, expectations: string): Promise<RunResult> {
  const file = join(tempFolder(), 'hands.yaml');
  writeFileSync(
    file,
    `id: hands
title: Hands at the bedside
family: resilience
summary: What hands do is done to the channel that is named, or to the first one.
references: []
duration: 12m
seed: 3
fleet:
  - { model: lvp, serial: LVP-0001, careArea: adult-icu, firmware: 1.1.0 }
postures: [layered]
steps:
${steps}
expectations:
${expectations}
`,
  );
  const selection = { what: [file], posture: 'layered', startMs: STARTS_MS };
  const { report } = await runScenarios(exercise, selection);
  expect(report.runs[0]?.expectations.filter(({ held }) => !held)).toEqual([]);
  return report.runs[0]!;
}

const step = (id: string, at: string, action: string) =>
  `  - { id: ${id}, team: care, actor: nurse, trigger: { at: ${at} }, action: { ${action}, pump: LVP-0001 } }`;
const start = (id: string, channel: string) =>
  step(id, '2m', `do: programme-and-start${channel}, drug: heparin, rateMlPerH: 60, volumeToBeInfusedMl: 50`);
const rate = (id: string, channel: string, at: string, mlPerH: number) =>
  `  - { id: ${id}, what: ${id}, measure: pump-rate, pump: LVP-0001${channel}, at: ${at}, equalsMlPerH: ${mlPerH}, withinMlPerH: 4 }`;

it('acts on the channel that is named, and on the first one where none is', async () => {
  const run = await rehearsed(
    [start('first', ''), start('second', ', channel: B'), step('hold', '6m', 'do: pause, channel: B')].join(
      '\n',
    ),
    [
      rate('a-runs', '', '5m', 60),
      rate('b-runs', ', channel: B', '5m', 60),
      rate('a-goes-on', ', channel: A', '8m', 60),
      rate('b-is-paused', ', channel: B', '8m', 0),
    ].join('\n'),
  );
  expect(run.harm.channels.map(({ channel }) => channel)).toEqual(['A', 'B']);
  expect(run.harm.channels.every(({ deliveredMl }) => deliveredMl > 3)).toBe(true);
  expect(run.harm).toMatchObject({ overMl: 0, underMl: 0 });
});

it('clamps and opens the line of one channel; opened soon after its alarm, the pump goes on by itself', async () => {
  const run = await rehearsed(
    [
      start('first', ''),
      start('second', ', channel: B'),
      step('pinch', '4m', 'do: clamp-line, channel: B'),
      `  - { id: free, team: care, actor: nurse, trigger: { when: { condition: alarm-active, pump: LVP-0001, alarm: downstream-occlusion }, after: 20s }, action: { do: open-line, channel: B, pump: LVP-0001 } }`,
    ].join('\n'),
    [
      rate('a-runs', ', channel: A', '5m', 60),
      rate('b-is-shut', ', channel: B', '4m30s', 0),
      rate('b-runs-again', ', channel: B', '8m', 60),
      `  - { id: alarmed, what: alarmed, measure: alarm-count, pumps: [LVP-0001], alarm: downstream-occlusion, change: raised, count: { equals: 1 } }`,
      `  - { id: ended, what: ended, measure: alarm-count, pumps: [LVP-0001], alarm: downstream-occlusion, change: cleared, count: { equals: 1 } }`,
    ].join('\n'),
  );
  expect(run.verdict).toBe('pass');
});
