import { describe, expect, it } from 'vitest';
import { attackOutcome, isBounded } from '../../../scenarios/engine/attack-outcome.ts';
import { type Attack, attackSchema } from '../../../scenarios/format/attack.ts';
import { stepSchema } from '../../../scenarios/format/steps.ts';
import { flows, intent, observed, pump, START_MS } from './observed.ts';

const listens = {
  ...{ id: 'heard', what: 'Heard', measure: 'messages-received', connection: 'c', filter: '$SYS/#' },
  count: { atLeast: 1 },
};
const doses = { id: 'over', what: 'Over', measure: 'delivered-over-order', pumps: 'all', atLeastMl: 5 };

const attack = (success: object, bound: object): Attack =>
  attackSchema.parse({ success: [success], bound, expected: {} });
const HEARD = observed({ received: [{ connection: 'c', topic: '$SYS/x', atMs: START_MS }] });
/** 40 mL/h too much for an hour. */
const OVERDOSED = observed({ intents: [intent(0, 20)], pumps: [pump({ flows: flows([0, 60]) })] });

const bounded = (one: Attack, seen: typeof HEARD) => isBounded(attackOutcome(one, [], seen));

it('excuses no success by a bound on something else', () => {
  expect(attackOutcome(attack(listens, {}), [], HEARD).succeeded).toBe(true);
  expect(bounded(attack(listens, { underMl: 1 }), HEARD)).toBe(false);
  expect(bounded(attack(doses, { underMl: 1, overMl: 0 }), OVERDOSED)).toBe(false);
});

it('excuses one whose harm is within a bound on just that', () => {
  expect(bounded(attack(doses, { overMl: 50 }), OVERDOSED)).toBe(true);
  expect(bounded(attack(doses, { overMl: 20 }), OVERDOSED)).toBe(false);
});

it('says which bounds let all pass that came of it', () => {
  expect(attackOutcome(attack(doses, { overMl: 999_999, underMl: 3 }), [], OVERDOSED).looseBounds).toEqual([
    'overMl',
  ]);
  expect(attackOutcome(attack(doses, { overMl: 2 }), [], OVERDOSED).looseBounds).toEqual([]);
  expect(attackOutcome(attack(listens, { underMl: 1 }), [], HEARD).looseBounds).toEqual([]);
});

describe('a step of the adversary', () => {
  const listen = stepSchema.parse({
    id: 'listen',
    team: 'red',
    actor: 'somebody',
    trigger: { at: '1m' },
    action: { do: 'subscribe', connection: 'c', filter: '#' },
  });
  const broken = (outcome: 'failed' | 'refused', atMs: number): readonly string[] => {
    const steps = [{ stepId: 'listen', outcome, detail: '', atMs }];
    return attackOutcome(attack(listens, {}), [listen], observed({ steps })).brokenSteps;
  };

  it('that broke down is told, so that nobody takes it for a defence', () => {
    expect(broken('failed', START_MS + 60_000)).toEqual(['listen']);
    expect(broken('refused', START_MS + 60_000)).toEqual([]);
  });

  it('that is not over in the end did not break down: something held it up', () => {
    expect(broken('failed', observed().endMs)).toEqual([]);
  });
});
