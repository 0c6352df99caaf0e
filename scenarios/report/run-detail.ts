import type { Flow } from '../engine/flow.ts';
import { deliveredFlow, orderedFlow } from '../engine/harm.ts';
import type { Observation } from '../engine/observation.ts';
import type { Action } from '../format/actions.ts';
import type { Scenario } from '../format/scenario.ts';
import type { RunCell, RunDetail } from './rehearsal-report.ts';
import type { RunResult } from './run-report.ts';

/** What a report shows of one run, out of what was seen of it. `command` carries it out again. */
export function runDetail(options: {
  readonly cell: RunCell;
  readonly command: string;
  readonly scenario: Scenario;
  readonly result: RunResult;
  readonly observation: Observation;
}): RunDetail {
  const { cell, command, scenario, result, observation } = options;
  const { startMs } = observation;
  const offset = (atMs: number): number => Math.round(atMs - startMs);
  const steps = new Map(scenario.steps.map((step) => [step.id, step]));
  return {
    cell,
    command,
    result,
    pumps: observation.pumps.map(({ serial }) => serial),
    steps: observation.steps.flatMap(({ stepId, outcome, detail, atMs }) => {
      const step = steps.get(stepId);
      if (step === undefined) return [];
      const { team, actor, action } = step;
      return {
        id: stepId,
        team,
        actor,
        verb: action.do,
        object: objectOf(action),
        outcome,
        detail,
        atMs: offset(atMs),
      };
    }),
    curves: observation.pumps.flatMap(({ serial, channels, flows }) =>
      channels.flatMap((channel) => {
        const delivered = deliveredFlow(flows, channel);
        const ordered = orderedFlow(observation.intents, serial, channel);
        if (delivered.length === 0 && ordered.length === 0) return [];
        return {
          serial,
          channel,
          delivered: rateChanges(delivered, startMs),
          ordered: rateChanges(ordered, startMs),
        };
      }),
    ),
    reached: [...new Set(observation.received.map(({ topic }) => topic))].sort(),
    alarms: observation.pumps.flatMap(({ serial, alarms }) =>
      alarms.map(({ channel, alarm, priority, change, atMs }) => ({
        serial,
        channel,
        alarm,
        priority,
        change,
        atMs: offset(atMs),
      })),
    ),
    alerts: observation.detections.map(({ rule, level, subject, sinceMs, atMs }) => ({
      ...{ rule, level, subject },
      sinceMs: offset(sinceMs),
      atMs: offset(atMs),
    })),
    evidence: [...observation.evidence],
  };
}

/** To what a step did it: the first of these that it names. */
const OBJECT_KEYS = [
  'pump',
  'topic',
  'filter',
  'connection',
  'release',
  'service',
  'careArea',
  'model',
  'of',
  'to',
] as const;

function objectOf(action: Action): string {
  const named = new Map<string, unknown>(Object.entries(action));
  for (const key of OBJECT_KEYS) {
    const value = named.get(key);
    if (typeof value === 'string') return value;
  }
  return '';
}

function rateChanges(flow: readonly Flow[], startMs: number): [number, number][] {
  return flow.map(({ fromMs, mlPerH }) => [Math.round(fromMs - startMs), Math.max(0, mlPerH)]);
}
