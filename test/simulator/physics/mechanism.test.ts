import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../clock/index.ts';
import {
  advance,
  type ChannelPhysics,
  drawMechanism,
  drivableMl,
  EXACT_MECHANISM,
  flowMlPerH,
  flowStretches,
  integrateMl,
  type LineParameters,
  type Mechanism,
  MS_PER_H,
  motorMlPerH,
  openSupply,
  pressureMmHg,
  restingChannel,
  whenAirReaches,
  whenBudgetSpent,
  whenOccluded,
  whenReservoirEmpty,
  whenSupplyDrawn,
} from '../../../simulator/physics/index.ts';
import { drivenForMl, movedMl } from '../../../simulator/physics/mechanism.ts';

const LINE: LineParameters = {
  complianceMlPerMmHg: 0.0008,
  backPressureMmHg: 15,
  resistanceMmHgPerMlPerH: 0.12,
  stallMmHg: 1_034,
  supplyMl: 0.25,
};
const LIMIT_MMHG = 525;

/** Evenly spread; `fc.double` gives mostly numbers next to 0, where there is only the rounding of sums. */
const double = (min: number, max: number) =>
  fc.integer({ min: 0, max: 1_000_000 }).map((part) => min + ((max - min) * part) / 1_000_000);

const mechanism: fc.Arbitrary<Mechanism> = fc.record({
  biasShare: double(-0.035, 0.035),
  periodicShare: fc.oneof(fc.constant(0), double(0, 0.5)),
  turnMl: double(0.05, 5),
  phaseRad: double(0, 2 * Math.PI),
  slackMl: fc.oneof(fc.constant(0), double(0.001, 0.3)),
});

/** Any channel: still or fast, slipping or not, with anything closed and anything nearly at its end. */
const channel: fc.Arbitrary<ChannelPhysics> = fc.record({
  sinceMs: fc.integer({ min: 0, max: 1_000_000 }),
  driveMlPerH: fc.oneof(fc.constant(0), double(0.1, 999)),
  budgetMl: fc.option(double(0, 100)),
  clamped: fc.boolean(),
  supplyClamped: fc.boolean(),
  share: fc.oneof(fc.constant(1), fc.constant(0), double(0.01, 1)),
  mechanism,
  reservoirMl: fc.oneof(fc.constant(0), double(0, 1), double(0, 500)),
  drawnMl: double(0, 0.25),
  trappedMl: fc.oneof(fc.constant(0), double(0, 0.8)),
  airMicroL: double(0, 200),
  airMicroLPerMl: fc.oneof(fc.constant(0), double(1, 400)),
  drivenMl: double(0, 5_000),
  settledMl: fc.oneof(fc.constant(0), double(0, 1), double(0, 500)),
  deliveredMl: double(0, 1_000),
});

const running = (change: Partial<ChannelPhysics>): ChannelPhysics => ({
  ...restingChannel(0, 500, drawMechanism(LVP, seededRandom(7))),
  driveMlPerH: 25,
  ...change,
});
const LVP = { biasShare: 0.03, periodicShare: 0.08, turnMl: 0.9, slackMl: 0.05 };

describe('a mechanism', () => {
  it('is drawn within the maxima of its model, and the same for the same seed', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const drawn = drawMechanism(LVP, seededRandom(seed));
      expect(Math.abs(drawn.biasShare)).toBeLessThanOrEqual(0.03);
      expect(drawn.periodicShare).toBeGreaterThanOrEqual(0.3 * 0.08);
      expect(drawn.periodicShare).toBeLessThanOrEqual(0.08);
      expect(drawn.slackMl).toBeGreaterThanOrEqual(0.5 * 0.05);
      expect(drawn.slackMl).toBeLessThanOrEqual(0.05);
      expect(drawn).toEqual(drawMechanism(LVP, seededRandom(seed)));
    }
    const biases = [1, 2, 3, 4, 5].map((seed) => Math.sign(drawMechanism(LVP, seededRandom(seed)).biasShare));
    expect(new Set(biases).size).toBe(2);
  });

  it('lets a slow start be seen, and then its steady error alone', () => {
    const state = running({});
    const whole = { ...state, settledMl: 50 };
    const turnMs = (0.9 / 25) * MS_PER_H;
    expect(flowMlPerH(state, LINE)).toBeLessThan(5);
    expect(advance(whole, LINE, turnMs).deliveredMl).toBeCloseTo(0.9 * (1 + state.mechanism.biasShare), 9);
  });

  it('slips without the pump counting less', () => {
    const half = advance(running({ share: 0.5, settledMl: 50 }), LINE, MS_PER_H);
    const all = advance(running({ settledMl: 50 }), LINE, MS_PER_H);
    expect(half.drivenMl).toBe(25);
    expect(half.deliveredMl).toBeCloseTo(all.deliveredMl / 2, 9);
  });

  it('reaches nothing when it slips altogether', () => {
    const idle = running({
      share: 0,
      clamped: true,
      supplyClamped: true,
      airMicroLPerMl: 100,
      reservoirMl: 1,
    });
    expect(whenReservoirEmpty(idle, LINE)).toBeNull();
    expect(whenOccluded(idle, LINE, LIMIT_MMHG)).toBeNull();
    expect(whenSupplyDrawn(idle, LINE)).toBeNull();
    expect(whenAirReaches(idle, LINE, 50)).toBeNull();
    expect(drivableMl(idle, LINE)).toBe(Number.POSITIVE_INFINITY);
    const later = advance(idle, LINE, 10 * MS_PER_H);
    expect(later.drivenMl).toBe(250);
    expect(later.reservoirMl).toBe(1);
    expect(motorMlPerH(later, LINE)).toBe(25);
  });
});

describe('the inverse of what moves', () => {
  it('is never short, and beyond by no more than the rounding', () => {
    fc.assert(
      fc.property(channel, double(0, 200), (state, volumeMl) => {
        fc.pre(state.share > 0);
        const byMl = drivenForMl(state, volumeMl);
        expect(movedMl(state, byMl)).toBeGreaterThanOrEqual(volumeMl * (1 - 1e-15));
        if (byMl > 1e-9) expect(movedMl(state, byMl - 1.1e-10)).toBeLessThanOrEqual(volumeMl + 1e-13);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is found also where a mechanism hardly moves', () => {
    const stuck = { ...running({}), mechanism: { ...EXACT_MECHANISM, slackMl: 0.3 } };
    const byMl = drivenForMl(stuck, 1e-6);
    expect(movedMl(stuck, byMl)).toBeCloseTo(1e-6, 12);
    expect(byMl).toBeGreaterThan(5e-4);
  });
});

describe('any channel', () => {
  it('loses no volume and never takes any back', () => {
    fc.assert(
      fc.property(channel, fc.integer({ min: 1, max: 20 * MS_PER_H }), (state, durationMs) => {
        const later = advance(state, LINE, state.sinceMs + durationMs);
        for (const volume of ['deliveredMl', 'drivenMl', 'settledMl', 'drawnMl', 'airMicroL'] as const) {
          expect(later[volume], volume).toBeGreaterThanOrEqual(state[volume]);
        }
        expect(later.reservoirMl).toBeLessThanOrEqual(state.reservoirMl);
        expect(later.reservoirMl).toBeGreaterThanOrEqual(0);
        const held = ({ reservoirMl, drawnMl, trappedMl, deliveredMl }: ChannelPhysics) =>
          reservoirMl - drawnMl + trappedMl + deliveredMl;
        expect(held(later)).toBeCloseTo(held(state), 8);
      }),
      { numRuns: 500 },
    );
  });

  it('is the same in one step and in two', () => {
    fc.assert(
      fc.property(
        channel,
        fc.integer({ min: 1, max: 5 * MS_PER_H }),
        fc.integer({ min: 1, max: 5 * MS_PER_H }),
        (state, firstMs, secondMs) => {
          const atMs = state.sinceMs + firstMs + secondMs;
          const one = advance(state, LINE, atMs);
          const two = advance(advance(state, LINE, state.sinceMs + firstMs), LINE, atMs);
          for (const volume of ['deliveredMl', 'drivenMl', 'reservoirMl', 'drawnMl', 'trappedMl'] as const) {
            expect(two[volume], volume).toBeCloseTo(one[volume], 7);
          }
          expect(two.airMicroL).toBeCloseTo(one.airMicroL, 5);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('drives what it said it could, and no more', () => {
    fc.assert(
      fc.property(channel, (state) => {
        fc.pre(state.driveMlPerH > 0);
        const limitMl = drivableMl(state, LINE);
        fc.pre(limitMl < Number.POSITIVE_INFINITY);
        const stopMs = state.sinceMs + (limitMl / state.driveMlPerH) * MS_PER_H;
        const stopped = advance(state, LINE, stopMs + MS_PER_H);
        expect(stopped.drivenMl - state.drivenMl).toBeCloseTo(limitMl, 8);
        expect(motorMlPerH(stopped, LINE)).toBe(0);
        if (stopMs - state.sinceMs > 10) {
          expect(motorMlPerH(advance(state, LINE, stopMs - 1), LINE)).toBe(state.driveMlPerH);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('has its instants where advancing reaches them, and not a moment before', () => {
    const airLimitMicroL = 150;
    const instants = [
      [whenBudgetSpent, (at: ChannelPhysics) => at.budgetMl !== null && at.budgetMl < 1e-12],
      [
        whenReservoirEmpty,
        (at: ChannelPhysics) => at.reservoirMl - (at.supplyClamped ? at.drawnMl : 0) < 1e-12,
      ],
      [whenSupplyDrawn, (at: ChannelPhysics) => at.drawnMl >= LINE.supplyMl - 1e-12],
      [
        (at: ChannelPhysics, line: LineParameters) => whenOccluded(at, line, LIMIT_MMHG),
        (at: ChannelPhysics) => pressureMmHg(at, LINE) >= LIMIT_MMHG - 1e-6,
      ],
      [
        (at: ChannelPhysics, line: LineParameters) => whenAirReaches(at, line, airLimitMicroL),
        (at: ChannelPhysics) => at.airMicroL >= airLimitMicroL - 1e-6,
      ],
    ] as const;
    const seen = instants.map(() => 0);
    fc.assert(
      fc.property(channel, (state) => {
        for (const [index, [when, reached]] of instants.entries()) {
          const atMs = when(state, LINE);
          if (atMs === null) {
            // What never comes has not come a week later, unless it was there from the start.
            const later = advance(state, LINE, state.sinceMs + 168 * MS_PER_H);
            if (!reached(state)) expect(reached(later), `${index} never`).toBe(false);
            continue;
          }
          if (atMs <= state.sinceMs) continue;
          seen[index]!++;
          expect(reached(advance(state, LINE, Math.ceil(atMs))), `${index} at`).toBe(true);
          if (atMs - 100 > state.sinceMs) {
            const before = advance(state, LINE, atMs - 100);
            // Where hardly anything moves at the position of the mechanism, that is within the tolerance above.
            if (flowing(before) > 0.1) expect(reached(before), `${index} before`).toBe(false);
          }
        }
      }),
      { numRuns: 2_000 },
    );
    for (const times of seen) expect(times).toBeGreaterThan(0);
  });
});

/** What the mechanism moves at that instant, whatever is closed, in mL/h. */
function flowing(state: ChannelPhysics): number {
  return flowMlPerH({ ...state, clamped: false, trappedMl: 0 }, LINE);
}

describe('a closed supply', () => {
  it('gives a little, then stops the motor; the bag falls when it is opened', () => {
    const closed = running({ supplyClamped: true, settledMl: 50 });
    const drawnMs = whenSupplyDrawn(closed, LINE);
    const drawn = advance(closed, LINE, drawnMs! + 60_000);
    expect(drawn.drawnMl).toBeCloseTo(0.25, 12);
    expect(drawn.deliveredMl).toBeCloseTo(0.25, 9);
    expect(drawn.reservoirMl).toBe(500);
    expect(motorMlPerH(drawn, LINE)).toBe(0);
    const opened = openSupply(drawn);
    expect(opened.reservoirMl).toBeCloseTo(499.75, 12);
    expect(opened.drawnMl).toBe(0);
    expect(motorMlPerH(opened, LINE)).toBe(25);
    expect(openSupply(opened)).toBe(opened);
  });

  it('is empty before that if the bag held less', () => {
    const closed = running({ supplyClamped: true, reservoirMl: 0.1 });
    expect(whenSupplyDrawn(closed, LINE)).toBeNull();
    const empty = advance(closed, LINE, whenReservoirEmpty(closed, LINE)!);
    expect(empty.drawnMl).toBeCloseTo(0.1, 9);
  });

  it('is never drawn out while it is open', () => {
    expect(whenSupplyDrawn(running({}), LINE)).toBeNull();
  });
});

describe('air', () => {
  it('comes with what is drawn, and not without', () => {
    const airy = running({ airMicroLPerMl: 40, settledMl: 50 });
    const atMs = whenAirReaches(airy, LINE, 175);
    expect(advance(airy, LINE, atMs!).airMicroL).toBeCloseTo(175, 6);
    expect(whenAirReaches(running({}), LINE, 175)).toBeNull();
    expect(whenAirReaches(running({ airMicroL: 200 }), LINE, 175)).toBe(0);
    expect(whenAirReaches({ ...airy, budgetMl: 1 }, LINE, 175)).toBeNull();
  });
});

describe('the flow history of a mechanism that errs', () => {
  it('is exact in volume at each cut and at its end', () => {
    fc.assert(
      fc.property(channel, fc.integer({ min: 1, max: 10 * MS_PER_H }), (state, durationMs) => {
        const untilMs = state.sinceMs + durationMs;
        const stretches = flowStretches(state, LINE, untilMs);
        for (const atMs of [...stretches.slice(1).map(({ fromMs }) => fromMs), untilMs]) {
          const deliveredMl = advance(state, LINE, atMs).deliveredMl - state.deliveredMl;
          expect(integrateMl(stretches, atMs)).toBeCloseTo(deliveredMl, 6);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is wrong in between by no more than it says', () => {
    fc.assert(
      fc.property(
        channel,
        fc.integer({ min: 1, max: 10 * MS_PER_H }),
        double(0, 1),
        (state, durationMs, part) => {
          const { mechanism: own, sinceMs } = state;
          const stretches = flowStretches(state, LINE, sinceMs + durationMs);
          const atMs = sinceMs + part * durationMs;
          const deliveredMl = advance(state, LINE, atMs).deliveredMl - state.deliveredMl;
          const boundMl = (own.periodicShare * own.turnMl) / Math.PI + 0.03 * own.slackMl;
          expect(Math.abs(integrateMl(stretches, atMs) - deliveredMl)).toBeLessThan(boundMl + 1e-6);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('follows the start of a new set within 3% of its play', () => {
    const slackMl = 0.2;
    const fresh = running({ mechanism: { ...EXACT_MECHANISM, slackMl } });
    const stretches = flowStretches(fresh, LINE, MS_PER_H);
    for (let drivenMl = 0; drivenMl < 5 * slackMl; drivenMl += slackMl / 20) {
      const atMs = (drivenMl / 25) * MS_PER_H;
      const wrongMl = integrateMl(stretches, atMs) - advance(fresh, LINE, atMs).deliveredMl;
      expect(Math.abs(wrongMl)).toBeLessThan(0.03 * slackMl);
    }
  });
});
