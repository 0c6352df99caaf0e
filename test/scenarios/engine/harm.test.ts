import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seededRandom } from '../../../clock/index.ts';
import { compareFlows } from '../../../scenarios/engine/flow.ts';
import {
  DELIVERY_TOLERANCE,
  deliveredFlow,
  harmOf,
  minutesAboveRate,
  orderedFlow,
} from '../../../scenarios/index.ts';
import { harmSummary } from '../../../scenarios/report/summary.ts';
import { loadModels } from '../../../simulator/models/index.ts';
import { drawMechanism, movedMl } from '../../../simulator/physics/mechanism.ts';
import { flows, intent, observed, pump } from './observed.ts';

/** Of the ordered volume, and in any case. */
const { share: SHARE, volumeMl: VOLUME_ML } = DELIVERY_TOLERANCE;

function harm(delivered: [number, number][], intents: ReturnType<typeof intent>[]) {
  return harmOf(observed({ pumps: [pump({ flows: flows(...delivered) })], intents }))[0];
}

it('finds nothing where all flows as ordered', () => {
  expect(harm([[3, 20]], [intent(3, 20)])).toMatchObject({
    overMl: 0,
    underMl: 0,
    deliveredMl: 19,
    intendedMl: 19,
  });
});

it('counts what a forged rate adds', () => {
  const found = harm(
    [
      [3, 20],
      [6, 60],
      [10, 120],
    ],
    [intent(3, 20)],
  );
  // Ordered were 19 mL.
  expect(found?.overMl).toBeCloseTo((40 * 4 + 100 * 50) / 60 - 19 * SHARE - VOLUME_ML, 9);
  expect(found?.underMl).toBe(0);
});

it('keeps the peak of what was ahead or behind, even if it is made up for later', () => {
  const fast = harm(
    [
      [0, 60],
      [10, 0],
      [20, 30],
    ],
    [intent(0, 30)],
  );
  expect(fast).toMatchObject({ underMl: 0, deliveredMl: 30, intendedMl: 30 });
  // At the peak 5 mL were ordered.
  expect(fast?.overMl).toBeCloseTo(5 - 5 * SHARE - VOLUME_ML, 9);
  const slow = harm(
    [
      [10, 60],
      [20, 30],
    ],
    [intent(0, 30)],
  );
  expect(slow).toMatchObject({ overMl: 0, deliveredMl: 30, intendedMl: 30 });
  expect(slow?.underMl).toBeCloseTo(5 - 5 * SHARE - VOLUME_ML, 9);
});

it('counts a missed delivery as under the order', () => {
  const found = harm([], [intent(0, 60)]);
  expect(found).toMatchObject({ overMl: 0, deliveredMl: 0 });
  expect(found?.underMl).toBeCloseTo(60 - 60 * SHARE - VOLUME_ML, 9);
});

it('counts what flows without any order, and so what a forged start delivers', () => {
  const found = harm([[30, 60]], []);
  expect(found).toMatchObject({ intendedMl: 0 });
  expect(found?.overMl).toBeCloseTo(30 - VOLUME_ML, 9);
});

it('ends an order at its volume and goes on at the keep-vein-open rate', () => {
  const order = intent(0, 60, { volumeToBeInfusedMl: 10, keepVeinOpenMlPerH: 6 });
  expect(
    harm(
      [
        [0, 60],
        [10, 6],
      ],
      [order],
    ),
  ).toMatchObject({ overMl: 0, underMl: 0 });
  expect(
    harm(
      [
        [0, 60],
        [10, 0],
      ],
      [order],
    )?.underMl,
  ).toBeCloseTo(5 - 15 * SHARE - VOLUME_ML, 9);
});

it('lets a later intent cut the volume of an earlier one short, and the last one of an instant count', () => {
  const order = intent(0, 60, { volumeToBeInfusedMl: 10 });
  const pause = intent(5, 0);
  expect(
    harm(
      [
        [0, 60],
        [5, 0],
      ],
      [order, pause],
    ),
  ).toMatchObject({ overMl: 0, underMl: 0 });
  expect(
    harm(
      [
        [0, 60],
        [5, 30],
      ],
      [order, pause, intent(5, 30)],
    ),
  ).toMatchObject({ overMl: 0, underMl: 0 });
});

it('looks no further than the end of the run', () => {
  expect(
    harm(
      [
        [0, 60],
        [120, 999],
      ],
      [intent(0, 60)],
    ),
  ).toMatchObject({ overMl: 0, deliveredMl: 60 });
});

it('is never off by more than the whole volume, and ahead minus behind never hides a difference at the end', () => {
  const minutes = fc.integer({ min: 0, max: 59 });
  const changes = fc.array(fc.tuple(minutes, fc.integer({ min: 0, max: 200 })), { maxLength: 8 });
  fc.assert(
    fc.property(changes, changes, (delivered, ordered) => {
      const sorted = [...delivered].sort(([a], [b]) => a - b);
      const found = harm(
        sorted,
        ordered.map(([minute, rate]) => intent(minute, rate)),
      );
      if (found === undefined) return;
      const difference = found.deliveredMl - found.intendedMl;
      const allowed = found.intendedMl * SHARE + VOLUME_ML;
      expect(found.overMl).toBeGreaterThanOrEqual(difference - allowed - 1e-9);
      expect(found.underMl).toBeGreaterThanOrEqual(-difference - allowed - 1e-9);
      expect(found.overMl).toBeLessThanOrEqual(found.deliveredMl + 1e-9);
      expect(found.underMl).toBeLessThanOrEqual(found.intendedMl + 1e-9);
    }),
  );
});

it('counts only what lies beyond the tolerance, however the order changed, and everything without one', () => {
  const run = observed({
    pumps: [pump({ flows: flows([0, 62], [30, 10.4]) })],
    intents: [intent(0, 60), intent(30, 10)],
  });
  expect(harmOf(run)[0]).toMatchObject({ overMl: 0, underMl: 0 });
  const delivered = deliveredFlow(run.pumps[0]!.flows, 'A');
  const ordered = orderedFlow(run.intents, 'LVP-0001', 'A');
  const { aheadMl } = compareFlows(delivered, ordered, run.startMs, run.endMs);
  expect(aheadMl).toBeCloseTo(1.2, 9);
});

it.each([...loadModels('simulator/models').values()])(
  'finds no harm in any $id that errs as its model does',
  (model) => {
    for (let seed = 1; seed <= 200; seed++) {
      const mechanism = drawMechanism(model.accuracy, seededRandom(seed));
      // A new set at the beginning of its turn; a step is a tenth of one turn.
      const start = { mechanism, share: 1, drivenMl: 0, settledMl: 0 };
      for (let step = 0; step <= 400; step++) {
        const orderedMl = (step * model.accuracy.turnMl) / 10;
        const offMl = Math.abs(movedMl(start, orderedMl) - orderedMl);
        expect(offMl, `seed ${seed} at ${orderedMl} mL`).toBeLessThanOrEqual(orderedMl * SHARE + VOLUME_ML);
      }
    }
  },
);

it('counts the minutes above a rate, and not those at it or within the accuracy of a pump', () => {
  const run = observed({ pumps: [pump({ flows: flows([0, 20], [10, 21.1], [25, 21], [50, 100]) })] });
  expect(minutesAboveRate(run, 'LVP-0001', 'A', 20)).toBe(25);
});

it('takes the worst channel into a report, and leaves out one that did nothing', () => {
  const run = observed({
    pumps: [
      pump({ channels: ['A', 'B'], flows: flows([0, 60]) }),
      pump({ serial: 'LVP-0002', flows: flows([30, 10]) }),
    ],
    intents: [intent(0, 59)],
  });
  const summary = harmSummary(run);
  expect(summary.channels.map(({ serial, channel }) => `${serial}/${channel}`)).toEqual([
    'LVP-0001/A',
    'LVP-0002/A',
  ]);
  expect(summary).toMatchObject({
    overMl: 5 - VOLUME_ML,
    underMl: 0,
    assumptions: { accuracyShare: 0.05, accuracyMl: 0.1 },
  });
});
