import { describe, expect, it } from 'vitest';
import type { PhysicalEvent } from '../../../simulator/pump/index.ts';
import { HOUR_MS, MINUTE_MS, Rig, sampleLibrary } from './rig.ts';

const running = (): Rig =>
  new Rig().on().infuse().infuse({ drug: 'heparin', weightKg: 80, rateMlPerH: 20 }, 'B');
const happens = (rig: Rig, event: PhysicalEvent): number => {
  rig.pump.physical(event);
  return rig.clock.now();
};
const expectAllStopped = (rig: Rig, alarm: string): void => {
  expect(rig.alarms()).toContain(alarm);
  for (const channel of ['A', 'B'])
    expect(rig.channel(channel)).toMatchObject({ therapy: 'stopped', flowMlPerH: 0 });
};

describe('a key that is stuck', () => {
  it('alarms and stops every channel after 30 s', () => {
    const rig = running();
    const fromMs = happens(rig, { event: 'key-stuck' });
    expect(rig.run(29_999).alarms()).toEqual([]);
    rig.run(1);
    expect(rig.raised('key-stuck')).toMatchObject({ atMs: fromMs + 30_000, priority: 'high' });
    expectAllStopped(rig, 'key-stuck');
    expect(rig.nurse({ action: 'clear' })).toMatchObject({ reason: 'the cause is still there' });
    happens(rig, { event: 'key-released' });
    expect(rig.nurse({ action: 'clear' })).toEqual({ accepted: true });
    expect(rig.nurse({ action: 'resume', channel: 'B' })).toEqual({ accepted: true });
  });

  it('does nothing if it is released before', () => {
    const rig = running();
    happens(rig, { event: 'key-stuck' });
    rig.run(20_000);
    happens(rig, { event: 'key-released' });
    expect(rig.run(HOUR_MS).alarms()).toEqual([]);
  });

  it('fails the self-test', () => {
    const rig = new Rig();
    happens(rig, { event: 'key-stuck' });
    rig.on();
    expect(rig.alarms()).toContain('self-test-failed');
    expect(rig.pump.reading().display).toContain('OUT OF ORDER');
  });
});

describe('a controller that hangs', () => {
  it('is interrupted after 90 s and alarms after 3 min; until then the motor runs on and no key works', () => {
    const rig = running();
    const fromMs = happens(rig, { event: 'controller-hung' });
    rig.run(90_000);
    expect(rig.lastEvent('watchdog-interrupt')?.atMs).toBe(fromMs + 90_000);
    expect(rig.nurse({ action: 'pause', channel: 'A' })).toMatchObject({
      reason: 'the pump does not respond',
    });
    expect(rig.channel().flowMlPerH).toBe(12);
    rig.run(90_000);
    expect(rig.raised('watchdog')).toMatchObject({ atMs: fromMs + 180_000, priority: 'high' });
    expectAllStopped(rig, 'watchdog');
    happens(rig, { event: 'controller-recovered' });
    rig.nurse({ action: 'clear' });
    expect(rig.nurse({ action: 'resume', channel: 'A' })).toEqual({ accepted: true });
  });

  it('that recovers in time is only written down', () => {
    const rig = running();
    happens(rig, { event: 'controller-hung' });
    rig.run(100_000);
    happens(rig, { event: 'controller-recovered' });
    expect(rig.run(HOUR_MS).alarms()).toEqual([]);
    expect(rig.story()).toContain('controller-recovered');
  });
});

describe('heat', () => {
  it('stops every channel above 55 °C, until it is at most 50 °C and cleared', () => {
    const rig = running();
    happens(rig, { event: 'temperature-changed', celsius: 55 });
    expect(rig.alarms()).toEqual([]);
    happens(rig, { event: 'temperature-changed', celsius: 56 });
    expectAllStopped(rig, 'overheated');
    happens(rig, { event: 'temperature-changed', celsius: 51 });
    expect(rig.nurse({ action: 'clear' })).toMatchObject({ accepted: false });
    happens(rig, { event: 'temperature-changed', celsius: 50 });
    expect(rig.nurse({ action: 'clear' })).toEqual({ accepted: true });
  });

  it('that was there before the pump was switched on alarms as soon as it is ready', () => {
    const rig = new Rig();
    happens(rig, { event: 'temperature-changed', celsius: 60 });
    expect(rig.alarms()).toEqual([]);
    expect(rig.on().alarms()).toEqual(['overheated']);
  });
});

describe('a battery that fails', () => {
  it('stops every channel on mains', () => {
    const rig = running();
    happens(rig, { event: 'battery-failed' });
    expectAllStopped(rig, 'battery-defective');
    expect(rig.nurse({ action: 'clear' })).toMatchObject({ accepted: false });
    happens(rig, { event: 'battery-replaced' });
    expect(rig.nurse({ action: 'clear' })).toEqual({ accepted: true });
    expect(rig.pump.reading().batteryPercent).toBe(100);
  });

  it.each(['before', 'after'])('takes the power with it where the mains is lost %s it', (when) => {
    const rig = running();
    const [first, then] =
      when === 'before'
        ? (['mains-lost', 'battery-failed'] as const)
        : (['battery-failed', 'mains-lost'] as const);
    happens(rig, { event: first });
    const atMs = happens(rig, { event: then });
    rig.run(1);
    expect(rig.pump.reading()).toMatchObject({ on: false, batteryPercent: 0 });
    expect(rig.raised('no-power')).toMatchObject({ atMs, priority: 'high' });
    expect(rig.nurse({ action: 'power-on', newPatient: false })).toMatchObject({ accepted: false });
  });

  it('that is replaced on battery begins its warnings anew', () => {
    const rig = new Rig({ batteryPercent: 2 });
    happens(rig, { event: 'mains-lost' });
    rig.on().run(5 * MINUTE_MS);
    expect(rig.alarms()).toEqual(['battery-low']);
    happens(rig, { event: 'battery-replaced' });
    expect(rig.alarms()).toEqual([]);
    rig.run(15 * HOUR_MS);
    expect(rig.alarms()).toEqual(['no-power']);
    expect(rig.story().filter((what) => what === 'battery-low raised')).toHaveLength(2);
    expect(rig.story()).not.toContain('system-failure');
  });

  it('is not replaced under a running infusion', () => {
    const rig = running();
    happens(rig, { event: 'battery-replaced' });
    expect(rig.story().at(-1)).toBe('event-not-taken');
  });
});

describe('the library whose memory fails', () => {
  it('alerts, says so on the display, and leaves the ranges of the model', () => {
    const rig = running();
    happens(rig, { event: 'library-corrupted' });
    expect(rig.raised('limits-failed')).toMatchObject({ priority: 'medium' });
    expect(rig.channel().flowMlPerH).toBe(12);
    expect(rig.pump.reading().display).toContain('LIBRARY NOT IN USE');
    expect(rig.run(5 * MINUTE_MS).alarms()).toEqual(['limits-failed']);
  });

  it('alerts again at every power-on until another library is in use', () => {
    const rig = new Rig().on();
    happens(rig, { event: 'library-corrupted' });
    const offAndOn = (newPatient: boolean): readonly string[] => {
      rig.nurse({ action: 'power-off' });
      expect(rig.alarms()).toEqual([]);
      return rig.on(newPatient).alarms();
    };
    expect(offAndOn(false)).toEqual(['limits-failed']);
    expect(offAndOn(true)).toEqual(['limits-failed']);
    expect(rig.story().filter((what) => what === 'limits-failed raised')).toHaveLength(3);
    expect(rig.pump.offerLibrary(sampleLibrary())).toBe('pending');
    expect(offAndOn(false)).toEqual(['limits-failed']);
    expect(offAndOn(true)).toEqual([]);
    expect(rig.pump.reading().display).not.toContain('LIBRARY NOT IN USE');
  });

  it('says nothing of limits that there never were', () => {
    const rig = new Rig({ library: null }).on();
    rig.nurse({ action: 'power-off' });
    expect(rig.on().alarms()).toEqual([]);
  });
});
