import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advance,
  type ChannelPhysics,
  flowMlPerH,
  flowStretches,
  integrateMl,
  type LineParameters,
  MS_PER_H,
  pressureMmHg,
  restingChannel,
  whenBudgetSpent,
  whenOccluded,
  whenReservoirEmpty,
} from '../../../simulator/physics/index.ts';

const LINE: LineParameters = {
  complianceMlPerMmHg: 0.0008,
  backPressureMmHg: 15,
  resistanceMmHgPerMlPerH: 0.12,
  stallMmHg: 1_034,
  supplyMl: 0.25,
};
const LIMIT_MMHG = 525;

const driving = (change: Partial<ChannelPhysics>): ChannelPhysics => ({
  ...restingChannel(0, 500),
  ...change,
});

/** An independent model: small steps, one mechanism at a time, no closed form. */
function integrateFinely(start: ChannelPhysics, durationMs: number, stepMs: number): ChannelPhysics {
  const state = { ...start };
  const stallMl = (LINE.stallMmHg - LINE.backPressureMmHg) * LINE.complianceMlPerMmHg;
  for (let elapsedMs = 0; elapsedMs < durationMs; elapsedMs += stepMs) {
    const lengthMs = Math.min(stepMs, durationMs - elapsedMs);
    let pushMl = (state.driveMlPerH * lengthMs) / MS_PER_H;
    if (pushMl > state.reservoirMl) pushMl = state.reservoirMl;
    if (state.budgetMl !== null && pushMl > state.budgetMl) pushMl = state.budgetMl;
    if (state.clamped && state.trappedMl + pushMl > stallMl) pushMl = Math.max(0, stallMl - state.trappedMl);
    state.reservoirMl -= pushMl;
    state.drivenMl += pushMl;
    if (state.budgetMl !== null) state.budgetMl -= pushMl;
    if (state.clamped) {
      state.trappedMl += pushMl;
    } else {
      const outMl = Math.min(state.trappedMl, (1_800 * lengthMs) / MS_PER_H);
      state.trappedMl -= outMl;
      state.deliveredMl += pushMl + outMl;
    }
  }
  return { ...state, sinceMs: start.sinceMs + durationMs };
}

const change = fc.record({
  durationMs: fc.integer({ min: 1, max: 4 * MS_PER_H }),
  driveMlPerH: fc.oneof(fc.constant(0), fc.double({ min: 0.1, max: 999, noNaN: true })),
  budgetMl: fc.option(fc.double({ min: 0, max: 300, noNaN: true })),
  clamped: fc.boolean(),
  newReservoirMl: fc.option(fc.double({ min: 0, max: 1_000, noNaN: true })),
});

describe('a channel', () => {
  it('agrees with a fine-step integrator within 0.01 mL over 72 hours of random changes', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 18, maxLength: 18 }), (changes) => {
        let exact = restingChannel(0, 500);
        let fine = restingChannel(0, 500);
        for (const { durationMs, driveMlPerH, budgetMl, clamped, newReservoirMl } of changes) {
          const set = {
            driveMlPerH,
            budgetMl,
            clamped,
            ...(newReservoirMl === null ? {} : { reservoirMl: newReservoirMl }),
          };
          exact = advance({ ...exact, ...set }, LINE, exact.sinceMs + durationMs);
          // Fine where a release runs (it lasts at most 2 s), coarser behind it, or 72 h would take too long.
          const shortMs = Math.min(3_000, durationMs);
          fine = integrateFinely({ ...fine, ...set }, shortMs, 5);
          fine = integrateFinely(fine, durationMs - shortMs, 20_000);
          expect(Math.abs(exact.deliveredMl - fine.deliveredMl)).toBeLessThan(0.01);
          expect(Math.abs(exact.reservoirMl - fine.reservoirMl)).toBeLessThan(0.01);
          expect(Math.abs(pressureMmHg(exact, LINE) - pressureMmHg(fine, LINE))).toBeLessThan(15);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is the same in one jump and in many', () => {
    const state = driving({ driveMlPerH: 87.3, budgetMl: 40 });
    let small = state;
    for (let atMs = 1; atMs <= MS_PER_H; atMs += 977) small = advance(small, LINE, atMs);
    const jump = advance(state, LINE, small.sinceMs);
    expect(small.deliveredMl).toBeCloseTo(jump.deliveredMl, 9);
    expect(small.reservoirMl).toBeCloseTo(jump.reservoirMl, 9);
  });

  it('does not go back in time', () => {
    const state = driving({ sinceMs: 1_000, driveMlPerH: 10 });
    expect(advance(state, LINE, 500)).toBe(state);
  });

  it('stops of itself at its budget and at an empty reservoir', () => {
    const budget = advance(driving({ driveMlPerH: 100, budgetMl: 10 }), LINE, MS_PER_H);
    expect(budget.deliveredMl).toBe(10);
    expect(flowMlPerH(budget, LINE)).toBe(0);
    const empty = advance(driving({ driveMlPerH: 100, reservoirMl: 25 }), LINE, MS_PER_H);
    expect(empty.deliveredMl).toBe(25);
    expect(empty.reservoirMl).toBe(0);
  });

  it('knows when budget and reservoir end', () => {
    expect(whenBudgetSpent(driving({ driveMlPerH: 100, budgetMl: 50 }), LINE)).toBe(MS_PER_H / 2);
    expect(whenReservoirEmpty(driving({ driveMlPerH: 100, reservoirMl: 25 }), LINE)).toBe(MS_PER_H / 4);
    expect(whenBudgetSpent(driving({ driveMlPerH: 0, budgetMl: 50 }), LINE)).toBeNull();
    expect(whenBudgetSpent(driving({ driveMlPerH: 100, budgetMl: 50, reservoirMl: 20 }), LINE)).toBeNull();
  });
});

describe('a clamped line', () => {
  it('reaches the limit in a time that goes as 1/rate', () => {
    const timeAt = (driveMlPerH: number) =>
      whenOccluded(driving({ driveMlPerH, clamped: true }), LINE, LIMIT_MMHG);
    expect(timeAt(1)! / timeAt(10)!).toBeCloseTo(10, 9);
    expect(timeAt(10)! / timeAt(100)!).toBeCloseTo(10, 9);
    expect(whenOccluded(driving({ driveMlPerH: 10 }), LINE, LIMIT_MMHG)).toBeNull();
  });

  it('gives nothing to the patient, and at most 0.5 mL when it is opened at the limit', () => {
    const clamped = driving({ driveMlPerH: 125, clamped: true });
    const atLimit = advance(clamped, LINE, whenOccluded(clamped, LINE, LIMIT_MMHG)!);
    expect(pressureMmHg(atLimit, LINE)).toBeCloseTo(LIMIT_MMHG, 6);
    expect(atLimit.deliveredMl).toBe(0);
    const opened = advance({ ...atLimit, driveMlPerH: 0, clamped: false }, LINE, atLimit.sinceMs + 2_000);
    expect(opened.deliveredMl).toBeGreaterThan(0.3);
    expect(opened.deliveredMl).toBeLessThanOrEqual(0.5);
    expect(pressureMmHg(opened, LINE)).toBeCloseTo(LINE.backPressureMmHg, 9);
  });

  it('stalls the motor if nothing stops it before', () => {
    const stalled = advance(driving({ driveMlPerH: 999, clamped: true }), LINE, MS_PER_H);
    expect(pressureMmHg(stalled, LINE)).toBeCloseTo(LINE.stallMmHg, 6);
    expect(stalled.reservoirMl).toBeCloseTo(500 - stalled.trappedMl, 9);
  });
});

describe('the flow history', () => {
  it('integrates to what was delivered, for any state and time', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 999, noNaN: true }),
        fc.option(fc.double({ min: 0, max: 100, noNaN: true })),
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: 0, max: 0.8, noNaN: true }),
        fc.boolean(),
        fc.integer({ min: 0, max: 10 * MS_PER_H }),
        (driveMlPerH, budgetMl, reservoirMl, trappedMl, clamped, untilMs) => {
          const state = driving({ driveMlPerH, budgetMl, reservoirMl, trappedMl, clamped });
          const volumeMl = integrateMl(flowStretches(state, LINE, untilMs), untilMs);
          expect(volumeMl).toBeCloseTo(advance(state, LINE, untilMs).deliveredMl, 6);
        },
      ),
    );
  });
});
