import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeContinuous, judgeDemand, type PcaDose } from '../../../simulator/pump/pca-limits.ts';
import type { PcaSettings } from '../../../simulator/pump/programme.ts';
import { HOUR_MS, MINUTE_MS } from './rig.ts';

const WITHIN = { within: true };
const SETTINGS: PcaSettings = {
  demandDoseMl: 1,
  lockoutMinutes: 10,
  accumulatedLimitMl: 5,
  accumulatedWindowHours: 1,
};
const press = (doses: readonly PcaDose[], atMinutes: number, continuousMlPerH = 1) =>
  judgeDemand(SETTINGS, 'PCA pump', { continuousMlPerH, doses }, atMinutes * MINUTE_MS);
const given = (...minutes: number[]): PcaDose[] =>
  minutes.map((minute) => ({ atMs: minute * MINUTE_MS, volumeMl: 1 }));

describe('the patient’s button', () => {
  it('is locked for a while after each dose, in whatever order they are told', () => {
    expect(press([], 0)).toEqual(WITHIN);
    expect(press(given(0), 9.9)).toMatchObject({ limit: 'hard', reason: 'within the lockout of 10 min' });
    expect(press(given(0), 10)).toEqual(WITHIN);
    expect(press(given(20, 0), 25)).toMatchObject({ reason: 'within the lockout of 10 min' });
    expect(press(given(20), 15)).toMatchObject({ reason: 'within the lockout of 10 min' });
    expect(press([], Number.NaN)).toMatchObject({ limit: 'hard' });
  });

  it('gives no more than the limit within the window, with what runs continuously', () => {
    expect(press(given(0, 10, 20), 30)).toEqual(WITHIN);
    expect(press(given(0, 10, 20, 30), 40)).toMatchObject({ limit: 'hard', reason: 'over 5 mL in 1 h' });
    expect(press(given(0, 10, 20, 30), 60)).toMatchObject({ limit: 'hard' });
    expect(press(given(0, 10, 20, 30), 60.1)).toEqual(WITHIN);
    expect(press(given(0, 10, 20), 30, 1.1)).toMatchObject({ limit: 'hard' });
  });

  it('counts a dose until the last of it has left the window', () => {
    const slow = given(0, 10, 20, 30).map((dose) => ({ ...dose, untilMs: dose.atMs + 2 * MINUTE_MS }));
    expect(press(slow, 61.9)).toMatchObject({ limit: 'hard' });
    expect(press(slow, 62.1)).toEqual(WITHIN);
  });

  it('does not forget a higher rate that ran within the window', () => {
    const therapy = {
      continuousMlPerH: 0.1,
      doses: given(0),
      earlierRates: [{ untilMs: 5 * MINUTE_MS, rateMlPerH: 4.5 }],
    };
    expect(judgeDemand(SETTINGS, 'PCA pump', therapy, 60 * MINUTE_MS)).toMatchObject({ limit: 'hard' });
    expect(judgeDemand(SETTINGS, 'PCA pump', therapy, 66 * MINUTE_MS)).toEqual(WITHIN);
  });

  it('is not there on another pump', () => {
    expect(judgeDemand(null, 'Syringe pump', { continuousMlPerH: 0, doses: [] }, 0)).toMatchObject({
      limit: 'hard',
      reason: "a Syringe pump has no patient's button",
    });
    expect(judgeContinuous(null, given(0), 99, 0)).toEqual(WITHIN);
  });

  it('keeps its promise when the continuous rate is raised', () => {
    expect(judgeContinuous(SETTINGS, given(0, 10), 3, 20 * MINUTE_MS)).toEqual(WITHIN);
    expect(judgeContinuous(SETTINGS, given(0, 10), 3.1, 20 * MINUTE_MS)).toMatchObject({ limit: 'hard' });
    expect(judgeContinuous(SETTINGS, given(0, 10), 3.1, 61 * MINUTE_MS)).toEqual(WITHIN);
    expect(judgeContinuous(SETTINGS, [], Number.NaN, 0)).toMatchObject({ limit: 'hard' });
  });
});

interface Spell {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly mlPerH: number;
}

/** What flows in the window that ends at an instant, in mL. */
function inWindowMl(spells: readonly Spell[], endMs: number, windowMs: number): number {
  return spells.reduce((sum, { fromMs, untilMs, mlPerH }) => {
    const ms = Math.min(untilMs, endMs) - Math.max(fromMs, endMs - windowMs);
    return sum + (Math.max(0, ms) * mlPerH) / HOUR_MS;
  }, 0);
}

describe('over any sequence of presses and changes of the rate', () => {
  const steps = fc.array(
    fc.record({
      waitMs: fc.oneof(fc.integer({ min: 0, max: 20 * MINUTE_MS }), fc.integer({ min: 0, max: 3 * HOUR_MS })),
      // Mostly presses; now and then another continuous rate.
      rateMlPerH: fc.oneof(
        { weight: 6, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.double({ min: 0.1, max: 6, noNaN: true }) },
      ),
    }),
    { maxLength: 60, size: 'large' },
  );
  const settings = fc.record({
    demandDoseMl: fc.double({ min: 0.1, max: 3, noNaN: true }),
    lockoutMinutes: fc.integer({ min: 5, max: 30 }),
    accumulatedLimitMl: fc.double({ min: 3, max: 15, noNaN: true }),
    accumulatedWindowHours: fc.constantFrom(1 as const, 2 as const, 4 as const),
  });
  const DOSE_ML_PER_H = 60;

  it('no window holds more than the limit', () => {
    let granted = 0;
    let refused = 0;
    fc.assert(
      fc.property(settings, steps, (pca, sequence) => {
        const doses: PcaDose[] = [];
        const earlierRates: { untilMs: number; rateMlPerH: number }[] = [];
        const spells: Spell[] = [];
        let nowMs = 0;
        let sinceMs = 0;
        let continuousMlPerH = 0;
        for (const { waitMs, rateMlPerH } of sequence) {
          nowMs += waitMs;
          if (rateMlPerH === null) {
            const verdict = judgeDemand(pca, 'PCA pump', { continuousMlPerH, doses, earlierRates }, nowMs);
            if (!verdict.within) refused += 1;
            if (!verdict.within) continue;
            granted += 1;
            const untilMs = nowMs + (pca.demandDoseMl / DOSE_ML_PER_H) * HOUR_MS;
            doses.push({ atMs: nowMs, volumeMl: pca.demandDoseMl, untilMs });
            spells.push({ fromMs: nowMs, untilMs, mlPerH: DOSE_ML_PER_H });
          } else if (judgeContinuous(pca, doses, rateMlPerH, nowMs).within) {
            spells.push({ fromMs: sinceMs, untilMs: nowMs, mlPerH: continuousMlPerH });
            earlierRates.push({ untilMs: nowMs, rateMlPerH: continuousMlPerH });
            continuousMlPerH = rateMlPerH;
            sinceMs = nowMs;
          }
        }
        const windowMs = pca.accumulatedWindowHours * HOUR_MS;
        const endMs = nowMs + 2 * windowMs;
        spells.push({ fromMs: sinceMs, untilMs: endMs, mlPerH: continuousMlPerH });
        // What a window holds is piecewise linear in its end: it is greatest at one of the bends.
        const bends = spells.flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]);
        for (const atMs of bends.flatMap((bend) => [bend, bend + windowMs])) {
          expect(inWindowMl(spells, atMs, windowMs)).toBeLessThanOrEqual(pca.accumulatedLimitMl * (1 + 1e-9));
        }
      }),
      { numRuns: 500 },
    );
    expect(granted).toBeGreaterThan(200);
    expect(refused).toBeGreaterThan(200);
  });
});
