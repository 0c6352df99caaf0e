import { describe, expect, it } from 'vitest';
import type { PhysicalEvent } from '../../../simulator/pump/index.ts';
import { HOUR_MS, MINUTE_MS, modelOf, Rig, shippedModel } from './rig.ts';

const change = (volumeMl: number, syringeMl?: number): PhysicalEvent => ({
  event: 'reservoir-changed',
  channel: 'A',
  volumeMl,
  ...(syringeMl === undefined ? {} : { syringeMl }),
});

describe('a container', () => {
  // What its name says, and a tenth of overfill.
  it.each([
    ['syringe', 9_999, 1, false],
    ['syringe', 1.1, 1, true],
    ['syringe', 1.2, 1, false],
    ['syringe', 55, 50, true],
    ['syringe', 56, 50, false],
    ['syringe', 6, 7, false],
    ['syringe', 55, undefined, true],
    ['syringe', 56, undefined, false],
    ['pca', 110, undefined, true],
    ['pca', 111, undefined, false],
    ['pca', 9_999, undefined, false],
    ['pca', 20, 20, false],
    ['lvp', 10_000, undefined, true],
    ['lvp', 10_001, undefined, false],
    ['lvp', 20, 20, false],
    ['lvp', -1, undefined, false],
    ['lvp', 0, undefined, true],
  ] as const)('of a %s pump with %d mL and a size of %s: %s', (id, volumeMl, sizeMl, isOne) => {
    const rig = new Rig({ model: modelOf(id) }).on();
    const before = rig.channel();
    rig.pump.physical(change(volumeMl, sizeMl));
    expect(rig.story().at(-1)).toBe(isOne ? 'reservoir-changed' : 'event-not-taken');
    if (isOne) expect(rig.channel().reservoirMl).toBe(volumeMl);
    else expect(rig.channel()).toEqual(before);
  });

  it('without a size is one like that before it', () => {
    const rig = new Rig({ model: modelOf('syringe') }).on();
    rig.pump.physical(change(1, 1));
    rig.pump.physical(change(5));
    expect(rig.story().at(-1)).toBe('event-not-taken');
    rig.pump.physical(change(0.8));
    expect(rig.channel()).toMatchObject({ reservoirMl: 0.8, syringeMl: 1 });
  });

  it.each([
    [10_001, false],
    [-1, false],
    [Number.NaN, false],
    [50, true],
  ])('that hangs second with %d mL: %s', (volumeMl, isOne) => {
    const rig = new Rig().on();
    rig.pump.physical({ event: 'secondary-hung', channel: 'A', volumeMl });
    expect(rig.story().at(-1)).toBe(isOne ? 'secondary-hung' : 'event-not-taken');
  });
});

describe('a bag that holds just what is to be infused', () => {
  const model = shippedModel('lvp');

  it('is announced ten minutes before it ends, whether the mechanism errs upwards or downwards', () => {
    const ends = { 'reservoir-empty': 0, 'infusion-complete': 0 };
    for (let seed = 1; seed <= 24; seed++) {
      const rig = new Rig({ model, seed, reservoirMl: 100 }).on();
      rig.infuse({ rateMlPerH: 60, volumeToBeInfusedMl: 100 }).run(2 * HOUR_MS);
      // The earlier one: what is left in the bag keeps the vein open and may run dry then.
      const [end] = (['reservoir-empty', 'infusion-complete'] as const)
        .filter((alarm) => rig.raised(alarm) !== undefined)
        .sort((one, other) => rig.raised(one)!.atMs - rig.raised(other)!.atMs);
      ends[end!] += 1;
      const endMs = rig.raised(end!)!.atMs;
      const told = (['near-end', 'reservoir-low'] as const).flatMap((alert) => rig.raised(alert)?.atMs ?? []);
      // To the millisecond that the pump's instants are rounded up to.
      expect(endMs - Math.min(...told)).toBeGreaterThanOrEqual(10 * MINUTE_MS - 1);
      expect(endMs - Math.min(...told)).toBeLessThanOrEqual(10 * MINUTE_MS + 1);
    }
    // Both ways of erring were among them.
    expect(Math.min(...Object.values(ends))).toBeGreaterThan(0);
  });
});
