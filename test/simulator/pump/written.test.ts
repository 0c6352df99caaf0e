import { describe, expect, it } from 'vitest';
import type { Written } from '../../../simulator/pump/index.ts';
import { HOUR_MS, MINUTE_MS, NOREPINEPHRINE, Rig, sampleLibrary } from './rig.ts';

const limit = (value: number, whileRunning: boolean): Written => ({
  type: 'setting.written',
  channel: 'A',
  setting: { name: 'occlusionLimitMmHg', value },
  ...{ whileRunning, by: 'console' },
});
const calibration = (share: number, channel = 'A'): Written => ({
  type: 'calibration.written',
  ...{ channel, share, by: 'console' },
});

function infusing(rig: Rig): Rig {
  rig.nurse({ action: 'programme', channel: 'A', programme: NOREPINEPHRINE });
  rig.nurse({ action: 'confirm', channel: 'A' });
  rig.nurse({ action: 'start', channel: 'A' });
  return rig;
}
const deliveredMl = (rig: Rig, ms: number): number => {
  const before = rig.pump.totalDeliveredMl('A', rig.clock.now());
  rig.run(ms);
  return rig.pump.totalDeliveredMl('A', rig.clock.now()) - before;
};

describe('a setting that is written past the keys', () => {
  it('holds within the ranges of the model, and is in the log', () => {
    const rig = new Rig().on().run(MINUTE_MS);
    expect(rig.pump.write(limit(100, false))).toEqual({ accepted: true });
    expect(rig.pump.reading().channels[0]?.occlusionLimitMmHg).toBe(100);
    expect(rig.facts.at(-1)).toMatchObject({
      event: 'setting-changed',
      detail: { value: 100, by: 'console' },
    });
    expect(rig.pump.write(limit(9_000, false)).accepted).toBe(false);
    expect(rig.pump.write(calibration(1, 'Z'))).toMatchObject({ reason: 'there is no channel Z' });
  });

  it('is taken during a therapy only by firmware that does so', () => {
    const rig = infusing(new Rig().on().run(MINUTE_MS));
    expect(rig.pump.write(limit(50, false))).toMatchObject({ reason: 'a therapy is programmed' });
    expect(rig.pump.write(limit(50, true))).toEqual({ accepted: true });
  });
});

describe('a calibration that is written in standby', () => {
  it('makes the next dose wrong, and the watchdog of the flow stops it after a quarter of an hour', () => {
    const rig = new Rig().on().run(MINUTE_MS);
    expect(rig.pump.write(calibration(2))).toEqual({ accepted: true });
    infusing(rig);
    expect(deliveredMl(rig, 10 * MINUTE_MS)).toBeCloseTo(2 * (12 / 6), 6);
    rig.run(10 * MINUTE_MS);
    expect(rig.pump.alarms.map(({ alarm }) => alarm)).toContain('flow-error');
    expect(deliveredMl(rig, HOUR_MS)).toBe(0);
  });

  it('changes nothing of a therapy, and lasts until another one is written', () => {
    const rig = infusing(new Rig().on().run(MINUTE_MS));
    expect(rig.pump.write(calibration(2))).toMatchObject({ accepted: false });
    rig.nurse({ action: 'stop', channel: 'A' });
    rig.pump.write(calibration(0.95));
    rig.pump.write(calibration(1));
    infusing(rig);
    expect(deliveredMl(rig, 30 * MINUTE_MS)).toBeCloseTo(6, 6);
    expect(rig.pump.write(calibration(3))).toMatchObject({ accepted: false });
  });
});

it('goes by a library that was written into its memory', () => {
  const rig = new Rig().on().run(MINUTE_MS);
  rig.pump.write({ type: 'library.written', library: { ...sampleLibrary(), version: '6.6.6' }, by: 'hands' });
  expect(rig.pump.libraries.inUse?.version).toBe('6.6.6');
  expect(rig.facts.at(-1)).toMatchObject({ event: 'library-written', detail: { replaced: '1.0.0' } });
});
