import { describe, expect, it } from 'vitest';
import { firmwareOf, HOUR_MS, MINUTE_MS, modelOf, Rig } from './rig.ts';

describe('power', () => {
  it('comes on through a self-test of at most 70 s, without delivery', () => {
    const rig = new Rig();
    expect(rig.channel().therapy).toBe('off');
    rig.nurse({ action: 'power-on', newPatient: true });
    expect(rig.channel().therapy).toBe('selfTest');
    expect(rig.nurse({ action: 'start', channel: 'A' })).toMatchObject({
      reason: 'not possible while the pump is in its self-test',
    });
    rig.run(70_000);
    expect(rig.channel().therapy).toBe('standby');
    expect(rig.lastEvent('self-test-passed')?.atMs).toBeLessThanOrEqual(70_000);
    expect(rig.nurse({ action: 'power-on', newPatient: true })).toMatchObject({ accepted: false });
  });

  it('fails with an alarm where the self-test fails', () => {
    const firmware = { ...firmwareOf('lvp', '1.0.0'), selfTest: 'fails' } as const;
    const rig = new Rig({ firmware }).on();
    expect(rig.alarms()).toEqual(['self-test-failed']);
    expect(rig.channel().therapy).toBe('off');
    expect(rig.pump.reading().display).toContain('OUT OF ORDER');
    rig.nurse({ action: 'power-off' });
    expect(rig.alarms()).toEqual([]);
  });

  it('does not go off under a running infusion, but does when it is paused', () => {
    const rig = new Rig().on().infuse();
    expect(rig.nurse({ action: 'power-off' })).toMatchObject({ accepted: false });
    rig.nurse({ action: 'pause', channel: 'A' });
    expect(rig.nurse({ action: 'power-off' })).toEqual({ accepted: true });
    expect(rig.channel()).toMatchObject({ therapy: 'off', orderId: null });
    expect(rig.pump.reading()).toMatchObject({ on: false, display: '' });
  });

  it('warns at 15 and 5 minutes of battery, and ends safely when it is empty', () => {
    const rig = new Rig({ batteryPercent: 10 }).on().infuse();
    rig.pump.physical({ event: 'mains-lost' });
    rig.run(2 * HOUR_MS);
    const emptyMs = rig.lastEvent('power-failed')!.atMs;
    expect(rig.raised('battery-low')?.atMs).toBeCloseTo(emptyMs - 15 * MINUTE_MS, -1);
    expect(rig.raised('battery-depleted')?.atMs).toBeCloseTo(emptyMs - 5 * MINUTE_MS, -1);
    expect(rig.pump.reading()).toMatchObject({ on: false, batteryPercent: 0 });
    // From a buzzer with a supply of its own.
    expect(rig.alarms()).toEqual(['no-power']);
    expect(rig.channel().flowMlPerH).toBe(0);
    expect(rig.channel().totalDeliveredMl).toBeCloseTo((12 * (emptyMs - 70_000)) / HOUR_MS, 4);
    expect(rig.nurse({ action: 'power-on', newPatient: false })).toMatchObject({ accepted: false });
    rig.pump.physical({ event: 'mains-restored' });
    expect(rig.alarms()).toEqual([]);
    expect(rig.nurse({ action: 'power-on', newPatient: false })).toEqual({ accepted: true });
  });

  it.each([
    ['battery-failed', 'mains-lost'],
    ['mains-lost', 'battery-failed'],
  ] as const)(
    'says once that it has no supply at all when it is off, without an alarm: %s, %s',
    (first, then) => {
      const rig = new Rig();
      rig.pump.physical({ event: first });
      rig.run(MINUTE_MS);
      expect(rig.story()).not.toContain('power-failed');
      rig.pump.physical({ event: then });
      const atMs = rig.clock.now();
      rig.run(HOUR_MS);
      expect(rig.lastEvent('power-failed')?.atMs).toBe(atMs);
      expect(rig.story().filter((what) => what === 'power-failed')).toHaveLength(1);
      expect(rig.pump.reading()).toMatchObject({ on: false, batteryPercent: 0 });
      expect(rig.alarms()).toEqual([]);
      expect(rig.nurse({ action: 'power-on', newPatient: false })).toMatchObject({ accepted: false });
      // With mains it has a supply, and can lose it again.
      rig.pump.physical({ event: 'mains-restored' });
      rig.run(MINUTE_MS);
      rig.pump.physical({ event: 'mains-lost' });
      rig.run(1);
      expect(rig.story().filter((what) => what === 'power-failed')).toHaveLength(2);
    },
  );

  it('runs empty in a cupboard within months, and says so; a new battery lasts as long again', () => {
    const rig = new Rig();
    rig.pump.physical({ event: 'mains-lost' });
    rig.run(100 * 24 * HOUR_MS);
    expect(rig.story()).not.toContain('power-failed');
    rig.run(200 * 24 * HOUR_MS);
    expect(rig.lastEvent('power-failed')).toBeDefined();
    rig.pump.physical({ event: 'battery-replaced' });
    rig.run(300 * 24 * HOUR_MS);
    expect(rig.story().filter((what) => what === 'power-failed')).toHaveLength(2);
  });

  it('says once that its supply went when it was on', () => {
    const rig = new Rig({ batteryPercent: 1 }).on();
    rig.pump.physical({ event: 'mains-lost' });
    rig.run(24 * HOUR_MS);
    expect(rig.story().filter((what) => what === 'power-failed')).toHaveLength(1);
    expect(rig.alarms()).toEqual(['no-power']);
  });

  it('charges on mains and takes its warnings back', () => {
    const rig = new Rig({ batteryPercent: 1 }).on();
    rig.pump.physical({ event: 'mains-lost' });
    rig.run(1);
    expect(rig.alarms()).toContain('battery-low');
    rig.pump.physical({ event: 'mains-restored' });
    expect(rig.alarms()).toEqual([]);
    expect(rig.run(7 * HOUR_MS).pump.reading()).toMatchObject({ power: 'mains', batteryPercent: 100 });
    rig.pump.physical({ event: 'mains-restored' });
    expect(rig.lastEvent('event-not-taken')?.detail.event).toBe('physical.mains-restored');
  });

  it('drains by what it does from the moment it does it', () => {
    const left = (rateMlPerH: number): number => {
      const rig = new Rig().on();
      rig.pump.physical({ event: 'mains-lost' });
      rig.infuse({ drug: null, rateMlPerH, volumeToBeInfusedMl: 5_000 });
      return rig.run(HOUR_MS).pump.reading().batteryPercent;
    };
    expect(left(10)).toBeCloseTo(100 - 12.5, 0);
    expect(left(900)).toBeLessThan(left(10) - 5);
  });

  it('drains faster the faster it delivers', () => {
    const left = (rateMlPerH: number): number => {
      const rig = new Rig({ model: modelOf('lvp') })
        .on()
        .infuse({ drug: null, rateMlPerH, volumeToBeInfusedMl: 5_000 });
      rig.pump.physical({ event: 'mains-lost' });
      return rig.run(HOUR_MS).pump.reading().batteryPercent;
    };
    expect(left(900)).toBeLessThan(left(10));
  });
});
