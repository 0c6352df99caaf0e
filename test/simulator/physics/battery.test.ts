import { describe, expect, it } from 'vitest';
import { batteryAt, MS_PER_H, slopePercentPerH, whenMinutesLeft } from '../../../simulator/physics/index.ts';

const BATTERY = { minutes: 480, chargeMinutes: 360 };

describe('a battery', () => {
  it('lasts its minutes at a slow delivery, longer at rest, less at full speed', () => {
    const at = (load: Parameters<typeof slopePercentPerH>[2]) => -slopePercentPerH(BATTERY, false, load);
    const slow = at({ load: 'delivering', effort: 0 });
    expect(slow).toBeCloseTo(100 / 8, 9);
    expect(at({ load: 'idle' })).toBeLessThan(slow);
    expect(at({ load: 'delivering', effort: 1 })).toBeGreaterThan(slow);
    expect(at({ load: 'off' })).toBeLessThan(slow / 100);
  });

  it('charges on mains and never goes beyond full or empty', () => {
    const charging = {
      sinceMs: 0,
      percent: 50,
      slopePercentPerH: slopePercentPerH(BATTERY, true, { load: 'idle' }),
    };
    expect(batteryAt(charging, 3 * MS_PER_H).percent).toBeCloseTo(100, 9);
    expect(batteryAt(charging, 30 * MS_PER_H).percent).toBe(100);
    expect(batteryAt({ ...charging, slopePercentPerH: -10 }, 30 * MS_PER_H).percent).toBe(0);
  });

  it('knows when so many minutes are left', () => {
    const draining = { sinceMs: 0, percent: 50, slopePercentPerH: -50 };
    expect(whenMinutesLeft(draining, 0)).toBe(MS_PER_H);
    expect(whenMinutesLeft(draining, 15)).toBe(MS_PER_H * 0.75);
    expect(whenMinutesLeft({ ...draining, slopePercentPerH: 1 }, 15)).toBeNull();
  });
});
