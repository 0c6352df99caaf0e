import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { CONTROL_IDS } from '../../protocol/index.ts';
import { detectionScoreJsonSchema, scoreRules, type WatchedRun } from '../../testbed/detection-score.ts';
import { event, rule } from '../supervision/detection/events.ts';

const POSTURE = { id: 'layered', controls: new Set(CONTROL_IDS) };
const onA = rule({ id: 'on-a' });
const onB = rule({ id: 'on-b', detection: { b: { event: 'b' }, condition: 'b' } });
const notice = rule({ id: 'notice', level: 'low' });
const late = rule({ id: 'late', correlation: { type: 'silence', within: '5s' } });

/** A run of a minute in which events happen at these seconds. */
function run(
  parts: Partial<WatchedRun>,
  ...events: readonly (readonly [atS: number, name: string])[]
): WatchedRun {
  return {
    id: 'an-attack',
    title: 'An attack',
    family: 'attack',
    startMs: 0,
    endMs: 60_000,
    evidence: events.map(([atS, name]) => event(atS, { event: name })),
    redMs: [],
    isOfRed: ({ atMs }) => parts.redMs?.[0] !== undefined && atMs >= parts.redMs[0],
    ...parts,
  };
}

const care = (...events: readonly (readonly [number, string])[]) =>
  run({ id: 'ordinary-work', family: 'care' }, ...events);

describe('a score', () => {
  it('gives no credit for an alert about what the adversary had not touched', () => {
    const attack = run({ redMs: [10_000], isOfRed: () => false }, [32, 'a']);
    const { attacks, totals } = scoreRules([attack], [onA], [], POSTURE);
    expect(attacks[0]?.alone.verdict).toBe('missed');
    expect(totals.falseAlerts).toBe(1);
  });

  it('says what is caught, what is missed, and how long after the first that could be seen', () => {
    const attack = run({ redMs: [10_000, 20_000] }, [20, 'c'], [32, 'a']);
    const { attacks, totals } = scoreRules([attack], [onA, onB], [], POSTURE);
    expect(attacks).toMatchObject([
      {
        firstVisibleMs: 20_000,
        alone: { verdict: 'caught', rule: 'on-a', afterMs: 12_000, rules: ['on-a'] },
      },
    ]);
    expect(totals).toMatchObject({ caught: 1, missed: 0, falseAlerts: 0, medianAfterMs: 12_000 });
    expect(scoreRules([attack], [onB], [], POSTURE).attacks[0]?.alone).toEqual({
      verdict: 'missed',
      rule: null,
      afterMs: null,
      rules: [],
    });
  });

  it('counts alerts in ordinary work, and before an attack began, as false', () => {
    const attack = run({ redMs: [30_000] }, [10, 'a'], [30, 'b']);
    const { byRule, totals, care: ordinary } = scoreRules([attack, care([5, 'a'])], [onA], [], POSTURE);
    expect(byRule).toEqual([{ id: 'on-a', level: 'medium', catches: [], falseAlerts: 2, notices: 0 }]);
    expect(totals).toMatchObject({ missed: 1, falseAlerts: 2 });
    expect(ordinary).toMatchObject([{ falseAlerts: [{ rule: 'on-a', atMs: 5_000 }], notices: [] }]);
  });

  it('takes a notice for no false alert, and an attack that only notices tell of for noticed', () => {
    const attack = run({ redMs: [10_000] }, [10, 'a']);
    const score = scoreRules([attack, care([5, 'a'])], [notice], [], POSTURE);
    expect(score.totals).toMatchObject({ caught: 0, noticed: 1, missed: 0, falseAlerts: 0 });
    expect(score.care[0]?.notices).toHaveLength(1);
  });

  it('scores rules beside the shipped ones, of which those with the same id give way', () => {
    const attack = run({ redMs: [10_000] }, [10, 'a']);
    const { attacks, shipped, totals } = scoreRules([attack], [onB], [onA, onB], POSTURE);
    expect(shipped).toEqual(['on-a']);
    expect(attacks[0]).toMatchObject({
      alone: { verdict: 'missed' },
      beside: { verdict: 'caught', rule: 'on-a' },
    });
    expect(totals.besideCaught).toBe(1);
  });

  it('lets time pass until the end of a run', () => {
    const attack = run({ redMs: [10_000] }, [10, 'a']);
    expect(scoreRules([attack], [late], [], POSTURE).attacks[0]?.alone).toMatchObject({ afterMs: 5_000 });
  });

  it('is what its published schema says', () => {
    const validate = new Ajv2020({ strict: false }).compile(detectionScoreJsonSchema());
    const score = scoreRules([run({ redMs: [1] }, [10, 'a']), care([5, 'a'])], [onA, notice], [onB], POSTURE);
    expect(validate(score), JSON.stringify(validate.errors)).toBe(true);
  });
});
