import { type Posture, postureOf } from '../../../protocol/index.ts';
import type { CellOrder, CellRun, Scenario } from '../../../scenarios/index.ts';
import { parseScenario } from '../../../scenarios/index.ts';
import { NO_CONSEQUENCES } from '../../helpers/consequences.ts';

type AttackResult = NonNullable<CellRun['result']['attack']>;

export const LAYERED: Posture = postureOf({
  id: 'layered',
  title: 'all',
  description: 'all',
  controls: 'all',
  settings: undefined!,
});

/** What an attack came to: by default it succeeds, does 10 mL of harm and nobody notices. */
export function attackRun(parts: Partial<AttackResult> & { readonly overMl?: number } = {}): AttackResult {
  const { overMl = 10, ...rest } = parts;
  return {
    succeeded: true,
    bounded: false,
    predicates: [],
    brokenSteps: [],
    harm: { overMl, underMl: 0, recordsRead: 0, alarmsMissed: 0, offlinePumpMinutes: 0 },
    withinBound: overMl <= 1,
    detectedAfterMs: null,
    containedAfterMs: null,
    contained: false,
    ...rest,
  };
}

export const STOPPED = attackRun({ succeeded: false, bounded: true, overMl: 0 });

export function cellRun(
  order: CellOrder,
  attack: AttackResult | undefined,
  consulted: CellRun['consulted'],
): CellRun {
  return {
    ...order,
    consulted,
    result: {
      id: order.scenario,
      title: order.scenario,
      family: attack === undefined ? 'care' : 'attack',
      posture: 'x',
      broker: 'embedded',
      seed: 1,
      verdict: 'pass',
      judged: attack === undefined,
      expectations: [],
      timeMode: 'lockstep',
      attack,
      consequences: NO_CONSEQUENCES,
      harm: { overMl: 0, underMl: 0, assumptions: { accuracyShare: 0, accuracyMl: 0 }, channels: [] },
      stoppedBy: [],
      detectedBy: [],
      simulatedMs: 0,
      wallMs: 0,
    },
  };
}

export function scenario(id: string, family: 'attack' | 'care', firmware = ''): Scenario {
  const block =
    family === 'attack'
      ? `attack:
${firmware}  success: [{ id: over, what: over, measure: delivered-over-order, pumps: all, atLeastMl: 5 }]
  bound: { overMl: 1 }
  expected: { layered: bounded }`
      : `postures: [layered]
expectations: [{ id: fed, what: fed, measure: delivered-under-order, pumps: all, atMostMl: 1 }]`;
  const parsed = parseScenario(
    `id: ${id}
title: ${id}
family: ${family}
summary: ${id}
duration: 5m
fleet: [{ model: lvp, careArea: adult-icu, firmware: 1.0.0 }]
steps: []
${block}
`,
    `${id}.yaml`,
  );
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}
