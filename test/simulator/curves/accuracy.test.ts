import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../clock/index.ts';
import { type CurveSetup, startUpCurve, trumpetCurve } from '../../../simulator/curves/index.ts';
import { drawMechanism, EXACT_MECHANISM, type Mechanism } from '../../../simulator/physics/index.ts';

const LINE = {
  complianceMlPerMmHg: 0.0008,
  backPressureMmHg: 15,
  resistanceMmHgPerMlPerH: 0.12,
  stallMmHg: 1_034,
  supplyMl: 0.25,
};

const setup = (mechanism: Partial<Mechanism>, rateMlPerH = 25): CurveSetup => ({
  mechanism: { ...EXACT_MECHANISM, ...mechanism },
  line: LINE,
  rateMlPerH,
});

describe('a start-up curve', () => {
  it('lasts two hours in 30 s samples, at the rate if nothing errs', () => {
    const samples = startUpCurve(setup({}));
    expect(samples).toHaveLength(240);
    expect(samples[0]?.atMs).toBe(30_000);
    expect(samples.at(-1)?.atMs).toBe(7_200_000);
    for (const { flowMlPerH } of samples) expect(flowMlPerH).toBeCloseTo(25, 8);
  });

  it('begins low and rises while a new set takes up its play', () => {
    const flows = startUpCurve(setup({ slackMl: 0.05 }, 1)).map(({ flowMlPerH }) => flowMlPerH);
    expect(flows[0]).toBeLessThan(0.2);
    for (const [index, flow] of flows.slice(1, 60).entries()) expect(flow).toBeGreaterThan(flows[index] ?? 9);
    expect(flows.at(-1)).toBeCloseTo(1, 6);
  });
});

describe('a trumpet curve', () => {
  it('is a line at the steady error if there is no other', () => {
    const { points, meanErrorPercent } = trumpetCurve(setup({ biasShare: -0.02 }));
    expect(points.map(({ windowMinutes }) => windowMinutes)).toEqual([2, 5, 11, 19, 31]);
    expect(meanErrorPercent).toBeCloseTo(-2, 8);
    for (const { largestErrorPercent, smallestErrorPercent } of points) {
      expect(largestErrorPercent).toBeCloseTo(-2, 7);
      expect(smallestErrorPercent).toBeCloseTo(-2, 7);
    }
  });

  it('closes as the window grows, and holds the mean within', () => {
    // A turn of 36 min: every window is shorter than it.
    const { points, meanErrorPercent } = trumpetCurve(setup({ periodicShare: 0.05, turnMl: 0.6 }, 1));
    for (const [index, point] of points.slice(1).entries()) {
      expect(point.largestErrorPercent).toBeLessThan(points[index]?.largestErrorPercent ?? 0);
      expect(point.smallestErrorPercent).toBeGreaterThan(points[index]?.smallestErrorPercent ?? 0);
    }
    expect(points[0]?.largestErrorPercent).toBeGreaterThan(4.9);
    expect(points[0]?.largestErrorPercent).toBeLessThanOrEqual(5);
    expect(Math.abs(meanErrorPercent)).toBeLessThan(1);
  });

  it('agrees with the mean of a sine over a window, worked out by hand', () => {
    // Over a window w of a turn p the largest mean of a·cos is a · |sin(πw/p)| / (πw/p); here p is 18 min.
    const { points } = trumpetCurve(setup({ periodicShare: 0.05, turnMl: 0.3 }, 1));
    for (const { windowMinutes, largestErrorPercent } of points) {
      const half = (Math.PI * windowMinutes) / 18;
      expect(largestErrorPercent).toBeCloseTo((5 * Math.abs(Math.sin(half))) / half, 1);
    }
  });

  it('does not see the start, which is in the first hour', () => {
    const { points } = trumpetCurve(setup({ slackMl: 0.05 }));
    for (const { smallestErrorPercent } of points) expect(smallestErrorPercent).toBeCloseTo(0, 6);
  });

  it('lies between the extremes of the flow of any mechanism', () => {
    const accuracy = { biasShare: 0.03, periodicShare: 0.08, turnMl: 0.9, slackMl: 0.05 };
    for (let seed = 1; seed <= 50; seed++) {
      const mechanism = drawMechanism(accuracy, seededRandom(seed));
      const { points, meanErrorPercent } = trumpetCurve({ mechanism, line: LINE, rateMlPerH: 25 });
      for (const { largestErrorPercent, smallestErrorPercent } of points) {
        expect(largestErrorPercent).toBeGreaterThanOrEqual(smallestErrorPercent);
        expect(largestErrorPercent).toBeLessThanOrEqual(11);
        expect(smallestErrorPercent).toBeGreaterThanOrEqual(-11);
      }
      expect(meanErrorPercent / 100).toBeCloseTo(mechanism.biasShare, 2);
    }
  });
});
