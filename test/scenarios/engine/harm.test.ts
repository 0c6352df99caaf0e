import fc from 'fast-check';
import { expect, it } from 'vitest';
import { harmOf, minutesAboveRate } from '../../../scenarios/index.ts';
import { harmSummary } from '../../../scenarios/report/summary.ts';
import { flows, intent, observed, pump } from './observed.ts';

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
  expect(found?.overMl).toBeCloseTo((40 * 4 + 100 * 50) / 60, 9);
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
  expect(fast).toMatchObject({ overMl: 5, underMl: 0, deliveredMl: 30, intendedMl: 30 });
  const slow = harm(
    [
      [10, 60],
      [20, 30],
    ],
    [intent(0, 30)],
  );
  expect(slow).toMatchObject({ overMl: 0, underMl: 5, deliveredMl: 30, intendedMl: 30 });
});

it('counts a missed delivery as under the order', () => {
  expect(harm([], [intent(0, 60)])).toMatchObject({ overMl: 0, underMl: 60, deliveredMl: 0 });
});

it('counts what flows without any order, and so what a forged start delivers', () => {
  expect(harm([[30, 60]], [])).toMatchObject({ overMl: 30, intendedMl: 0 });
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
  ).toBeCloseTo(5, 9);
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
      expect(found.overMl).toBeGreaterThanOrEqual(difference - 1e-9);
      expect(found.underMl).toBeGreaterThanOrEqual(-difference - 1e-9);
      expect(found.overMl).toBeLessThanOrEqual(found.deliveredMl + 1e-9);
      expect(found.underMl).toBeLessThanOrEqual(found.intendedMl + 1e-9);
    }),
  );
});

it('counts the minutes above a rate, and not those at it', () => {
  const run = observed({ pumps: [pump({ flows: flows([0, 20], [10, 21], [25, 20], [50, 100]) })] });
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
  expect(summary).toMatchObject({ overMl: 5, underMl: 0 });
});
