import { describe, expect, it } from 'vitest';
import type { BedsideAction } from '../../../simulator/pump/index.ts';
import { HOUR_MS, MINUTE_MS, modelOf, NOREPINEPHRINE, Rig } from './rig.ts';

describe('programming', () => {
  it('takes two steps and a start, and delivers only then', () => {
    const rig = new Rig().on();
    expect(rig.channel().therapy).toBe('standby');
    rig.nurse({ action: 'programme', channel: 'A', programme: NOREPINEPHRINE });
    expect(rig.channel().therapy).toBe('programming');
    expect(rig.nurse({ action: 'start', channel: 'A' })).toMatchObject({ accepted: false });
    rig.nurse({ action: 'confirm', channel: 'A' });
    expect(rig.channel().therapy).toBe('ready');
    expect(rig.channel().flowMlPerH).toBe(0);
    rig.nurse({ action: 'start', channel: 'A' });
    expect(rig.channel()).toMatchObject({ therapy: 'infusing', flowMlPerH: 12, orderId: 'order-1' });
    expect(rig.run(HOUR_MS).channel().deliveredMl).toBeCloseTo(12, 9);
  });

  it('rounds the rate to what the pump can deliver and shows it before the start', () => {
    const rig = new Rig().on();
    rig.nurse({ action: 'programme', channel: 'A', programme: { ...NOREPINEPHRINE, rateMlPerH: 12.345 } });
    expect(rig.channel().programmedRateMlPerH).toBe(12.3);
    expect(rig.pump.reading().display).toContain('12.3 mL/h');
  });

  it('alerts after 5 idle minutes, and clears audibly after 10', () => {
    const rig = new Rig().on();
    rig.nurse({ action: 'programme', channel: 'A', programme: NOREPINEPHRINE });
    expect(rig.run(5 * MINUTE_MS - 1).alarms()).toEqual([]);
    expect(rig.run(1).alarms()).toEqual(['idle']);
    rig.run(5 * MINUTE_MS);
    expect(rig.alarms()).toEqual(['programme-cleared']);
    expect(rig.channel()).toMatchObject({ therapy: 'standby', orderId: null });
    rig.nurse({ action: 'clear' });
    expect(rig.alarms()).toEqual([]);
  });

  it.each([
    ['refused', { action: 'start', channel: 'A' }, false],
    ['not known', { action: 'dance', channel: 'A' }, false],
    ['for another channel', { action: 'start', channel: 'B' }, false],
    ['taken', { action: 'lock' }, true],
  ] as const)('is not idle for 5 minutes after a key that is %s', (_, action, accepted) => {
    const rig = new Rig().on();
    rig.nurse({ action: 'programme', channel: 'A', programme: NOREPINEPHRINE });
    rig.run(4 * MINUTE_MS);
    expect(rig.nurse(action as BedsideAction)).toMatchObject({ accepted });
    expect(rig.run(5 * MINUTE_MS - 1).alarms()).toEqual([]);
    expect(rig.run(1).alarms()).toEqual(['idle']);
    rig.run(5 * MINUTE_MS);
    expect(rig.alarms()).toEqual(['programme-cleared']);
  });

  it('is idle whatever comes over the network, from the button at the bed, or that is no key', () => {
    const rig = new Rig({ model: modelOf('pca') }).on();
    const programme = { ...NOREPINEPHRINE, drug: 'morphine', rateMlPerH: 1 };
    expect(rig.nurse({ action: 'programme', channel: 'A', programme })).toEqual({ accepted: true });
    for (const _ of Array(4)) {
      rig.run(MINUTE_MS);
      rig.pump.remoteRate('A', 2);
      rig.pump.remotePause('A');
      rig.pump.bedside('patient', { action: 'pca-demand', channel: 'A' });
      rig.pump.bedside('nurse', null as unknown as BedsideAction);
    }
    expect(rig.run(MINUTE_MS).alarms()).toEqual(['idle']);
  });

  it('hears no key while its controller hangs, and is idle all the same', () => {
    const rig = new Rig().on();
    rig.nurse({ action: 'programme', channel: 'A', programme: NOREPINEPHRINE });
    rig.run(4 * MINUTE_MS);
    rig.pump.physical({ event: 'controller-hung' });
    expect(rig.nurse({ action: 'start', channel: 'A' })).toMatchObject({ accepted: false });
    expect(rig.run(MINUTE_MS).alarms()).toEqual(['idle']);
  });

  it('refuses to start with an empty reservoir, an open door or air in the line', () => {
    const ready = (rig: Rig): Rig => {
      rig.nurse({ action: 'programme', channel: 'A', programme: NOREPINEPHRINE });
      rig.nurse({ action: 'confirm', channel: 'A' });
      return rig;
    };
    const start = (rig: Rig) => rig.nurse({ action: 'start', channel: 'A' });
    expect(start(ready(new Rig({ reservoirMl: 0 }).on()))).toMatchObject({
      reason: 'the reservoir is empty',
    });
    const door = ready(new Rig().on());
    door.pump.physical({ event: 'door-opened', channel: 'A' });
    expect(start(door)).toMatchObject({ reason: 'the door is open' });
    const air = ready(new Rig().on());
    air.pump.physical({ event: 'air-entered', channel: 'A', volumeMicroL: 300 });
    expect(start(air)).toMatchObject({ reason: 'there is air in the line' });
    air.pump.physical({ event: 'air-purged', channel: 'A' });
    expect(start(air)).toEqual({ accepted: true });
  });

  it('says in the log and in the answer what it does not take', () => {
    const rig = new Rig().on();
    expect(rig.nurse({ action: 'pause', channel: 'A' })).toEqual({
      accepted: false,
      reason: 'not possible in standby: nothing is programmed',
      control: null,
    });
    expect(rig.lastEvent('action-refused')).toMatchObject({
      channel: 'A',
      detail: { action: 'pause', by: 'nurse' },
    });
    expect(rig.nurse({ action: 'stop', channel: 'Z' })).toMatchObject({ reason: 'there is no channel Z' });
    expect(rig.nurse({ action: 'stop', channel: '__proto__' })).toMatchObject({ accepted: false });
    rig.pump.physical({ event: 'line-clamped', channel: 'Z' });
    expect(rig.lastEvent('event-not-taken')).toMatchObject({
      channel: 'Z',
      detail: { event: 'physical.line-clamped' },
    });
    rig.pump.physical({ event: 'reservoir-changed', channel: 'A', volumeMl: Number.NaN });
    rig.pump.physical({ event: 'reservoir-changed', channel: 'A', volumeMl: -3 });
    rig.pump.physical({ event: 'air-entered', channel: 'A', volumeMicroL: -5 });
    expect(rig.story().filter((what) => what === 'event-not-taken')).toHaveLength(4);
    expect(rig.channel().reservoirMl).toBe(1_000);
  });
});

describe('an infusion', () => {
  it('pauses and goes on with what is left', () => {
    const rig = new Rig().on().infuse().run(HOUR_MS);
    rig.nurse({ action: 'pause', channel: 'A' });
    expect(rig.channel()).toMatchObject({ therapy: 'paused', flowMlPerH: 0 });
    expect(rig.run(14 * MINUTE_MS).alarms()).toEqual([]);
    expect(rig.run(MINUTE_MS).alarms()).toEqual(['input-waiting']);
    rig.nurse({ action: 'resume', channel: 'A' });
    expect(rig.alarms()).toEqual([]);
    expect(rig.run(HOUR_MS).channel().deliveredMl).toBeCloseTo(24, 9);
  });

  it('alerts 10 minutes before the end, completes exactly, and keeps the vein open', () => {
    const rig = new Rig().on();
    const startMs = rig.clock.now();
    rig.infuse({ rateMlPerH: 60, volumeToBeInfusedMl: 30 }).run(HOUR_MS);
    expect(rig.raised('near-end')?.atMs).toBe(startMs + 20 * MINUTE_MS);
    expect(rig.raised('infusion-complete')?.atMs).toBe(startMs + 30 * MINUTE_MS);
    expect(rig.lastEvent('infusion-completed')?.detail.deliveredMl).toBe(30);
    expect(rig.channel()).toMatchObject({ therapy: 'keepVeinOpen', flowMlPerH: 5 });
    expect(rig.channel().totalDeliveredMl).toBeCloseTo(32.5, 9);
    expect(rig.alarms()).toEqual(['infusion-complete']);
    rig.nurse({ action: 'stop', channel: 'A' });
    expect(rig.alarms()).toEqual([]);
    expect(rig.channel()).toMatchObject({ therapy: 'standby', flowMlPerH: 0 });
  });

  it('never keeps the vein open faster than it infused', () => {
    const rig = new Rig()
      .on()
      .infuse({ drug: 'heparin', rateMlPerH: 2, volumeToBeInfusedMl: 1 })
      .run(HOUR_MS);
    expect(rig.channel()).toMatchObject({ therapy: 'keepVeinOpen', flowMlPerH: 2 });
  });

  it('ends without flow where the model keeps no vein open', () => {
    const model = modelOf('pca');
    const rig = new Rig({ model })
      .on()
      .infuse({ drug: 'morphine', rateMlPerH: 1.5, volumeToBeInfusedMl: 1.5 })
      .run(2 * HOUR_MS);
    expect(rig.channel()).toMatchObject({ therapy: 'complete', flowMlPerH: 0 });
    expect(rig.channel().totalDeliveredMl).toBeCloseTo(1.5, 9);
  });

  it('follows a new rate from the moment of the key', () => {
    const rig = new Rig().on().infuse().run(HOUR_MS);
    expect(rig.nurse({ action: 'change-rate', channel: 'A', rateMlPerH: 30 })).toEqual({ accepted: true });
    expect(rig.lastEvent('rate-changed')?.detail).toEqual({ fromMlPerH: 12, toMlPerH: 30, by: 'nurse' });
    expect(rig.run(HOUR_MS).channel().deliveredMl).toBeCloseTo(42, 9);
  });

  it('gives a bolus out of the programme and goes on', () => {
    const rig = new Rig()
      .on()
      .infuse({ drug: 'sodium chloride 0.9%', rateMlPerH: 100, volumeToBeInfusedMl: 500 });
    expect(rig.nurse({ action: 'bolus', channel: 'A', volumeMl: 50 })).toEqual({ accepted: true });
    expect(rig.channel().flowMlPerH).toBe(500);
    rig.run(6 * MINUTE_MS);
    expect(rig.channel()).toMatchObject({ therapy: 'infusing', flowMlPerH: 100 });
    expect(rig.channel().deliveredMl).toBeCloseTo(50, 9);
    expect(rig.story()).toContain('bolus-completed');
  });

  it('gives up a bolus that is interrupted', () => {
    const rig = new Rig()
      .on()
      .infuse({ drug: 'sodium chloride 0.9%', rateMlPerH: 100, volumeToBeInfusedMl: 500 });
    rig.nurse({ action: 'bolus', channel: 'A', volumeMl: 50 });
    rig.run(MINUTE_MS);
    rig.nurse({ action: 'pause', channel: 'A' });
    expect(rig.story()).toContain('bolus-cancelled');
    rig.nurse({ action: 'resume', channel: 'A' });
    expect(rig.channel().flowMlPerH).toBe(100);
  });

  it('completes within a bolus if that is all that is left', () => {
    const rig = new Rig()
      .on()
      .infuse({ drug: 'sodium chloride 0.9%', rateMlPerH: 10, volumeToBeInfusedMl: 20 });
    rig.nurse({ action: 'bolus', channel: 'A', volumeMl: 50 });
    rig.run(10 * MINUTE_MS);
    expect(rig.channel().therapy).toBe('keepVeinOpen');
    expect(rig.lastEvent('infusion-completed')?.detail.deliveredMl).toBe(20);
  });
});

describe("the patient's button", () => {
  const pca = () =>
    new Rig({ model: modelOf('pca') })
      .on()
      .infuse({ drug: 'morphine', rateMlPerH: 1, volumeToBeInfusedMl: 60 });
  const press = (rig: Rig) => rig.pump.bedside('patient', { action: 'pca-demand', channel: 'A' });

  it('gives a dose, and none within the lockout', () => {
    const rig = pca();
    expect(press(rig)).toEqual({ accepted: true });
    expect(rig.channel().flowMlPerH).toBe(60);
    rig.run(7 * MINUTE_MS);
    expect(press(rig)).toMatchObject({
      accepted: false,
      control: 'dose-limits',
      reason: expect.stringContaining('lockout'),
    });
    rig.run(MINUTE_MS);
    expect(press(rig)).toEqual({ accepted: true });
    rig.run(2 * MINUTE_MS);
    expect(rig.story().filter((what) => what === 'pca-dose-completed')).toHaveLength(2);
  });

  it('gives no more than the accumulated limit', () => {
    const rig = pca();
    let given = 0;
    for (let minute = 0; minute < 200; minute += 10) {
      if (press(rig).accepted) given += 1;
      rig.run(10 * MINUTE_MS);
    }
    // 15 mL in 4 h, of which 4 mL run continuously.
    expect(given).toBe(11);
    rig.run(4 * HOUR_MS);
    expect(press(rig)).toEqual({ accepted: true });
  });

  it('does nothing on other models, and is the patient’s alone', () => {
    const rig = new Rig().on().infuse();
    expect(press(rig)).toMatchObject({ accepted: false });
    expect(pca().nurse({ action: 'pca-demand', channel: 'A' })).toMatchObject({ accepted: false });
  });
});

describe('what stops an infusion', () => {
  it('is a clamped line, after a time that goes as 1/rate', () => {
    const timeToAlarm = (rateMlPerH: number): number => {
      const rig = new Rig().on().infuse({ drug: null, rateMlPerH });
      const clampedMs = rig.clock.now();
      rig.pump.physical({ event: 'line-clamped', channel: 'A' });
      rig.run(HOUR_MS);
      expect(rig.channel()).toMatchObject({ therapy: 'stopped', flowMlPerH: 0 });
      return rig.raised('downstream-occlusion')!.atMs - clampedMs;
    };
    expect(timeToAlarm(5) / timeToAlarm(50)).toBeCloseTo(10, 2);
  });

  it('is over for an occlusion once the line is open and the alarm cleared, with a bolus of at most 0.5 mL', () => {
    const rig = new Rig().on().infuse({ rateMlPerH: 30 }).run(HOUR_MS);
    rig.pump.physical({ event: 'line-clamped', channel: 'A' });
    rig.run(10 * MINUTE_MS);
    expect(rig.nurse({ action: 'resume', channel: 'A' })).toMatchObject({ accepted: false });
    expect(rig.nurse({ action: 'clear' })).toMatchObject({ reason: 'the cause is still there' });
    const beforeMl = rig.channel().totalDeliveredMl;
    rig.pump.physical({ event: 'line-opened', channel: 'A' });
    rig.run(5_000);
    const bolusMl = rig.channel().totalDeliveredMl - beforeMl;
    expect(bolusMl).toBeGreaterThan(0.1);
    expect(bolusMl).toBeLessThanOrEqual(0.5);
    expect(rig.lastEvent('occlusion-released')?.detail.bolusMl).toBeCloseTo(bolusMl, 3);
    expect(rig.alarms()).toContain('downstream-occlusion');
    rig.nurse({ action: 'clear' });
    expect(rig.nurse({ action: 'resume', channel: 'A' })).toEqual({ accepted: true });
    expect(rig.channel().flowMlPerH).toBe(30);
  });

  it('is an empty reservoir, announced before, and a new bag lets it go on', () => {
    const rig = new Rig({ reservoirMl: 20 }).on();
    const startMs = rig.clock.now();
    rig.infuse({ rateMlPerH: 30, volumeToBeInfusedMl: 200 }).run(HOUR_MS);
    expect(rig.raised('reservoir-low')?.atMs).toBe(startMs + 30 * MINUTE_MS);
    expect(rig.raised('reservoir-empty')?.atMs).toBe(startMs + 40 * MINUTE_MS);
    expect(rig.channel()).toMatchObject({ therapy: 'stopped', reservoirMl: 0 });
    rig.pump.physical({ event: 'reservoir-changed', channel: 'A', volumeMl: 500 });
    rig.nurse({ action: 'clear' });
    rig.nurse({ action: 'resume', channel: 'A' });
    expect(rig.channel()).toMatchObject({ therapy: 'infusing', flowMlPerH: 30 });
    expect(rig.alarms()).toEqual([]);
  });

  it('is air, once more of it is there than the limit', () => {
    const rig = new Rig().on().infuse();
    rig.pump.physical({ event: 'air-entered', channel: 'A', volumeMicroL: 150 });
    expect(rig.run(MINUTE_MS).channel().therapy).toBe('infusing');
    rig.pump.physical({ event: 'air-entered', channel: 'A', volumeMicroL: 60 });
    rig.run(1);
    expect(rig.channel().therapy).toBe('stopped');
    expect(rig.alarms()).toEqual(['air-in-line']);
    rig.pump.physical({ event: 'air-purged', channel: 'A' });
    rig.nurse({ action: 'clear' });
    expect(rig.nurse({ action: 'resume', channel: 'A' })).toEqual({ accepted: true });
  });

  it('is an open door', () => {
    const rig = new Rig().on().infuse();
    rig.pump.physical({ event: 'door-opened', channel: 'A' });
    expect(rig.channel()).toMatchObject({ therapy: 'stopped', flowMlPerH: 0 });
    expect(rig.nurse({ action: 'clear' })).toMatchObject({ accepted: false });
    rig.pump.physical({ event: 'door-closed', channel: 'A' });
    rig.nurse({ action: 'clear' });
    expect(rig.nurse({ action: 'resume', channel: 'A' })).toEqual({ accepted: true });
  });
});

describe('a pump with two channels', () => {
  it('runs them independently', () => {
    const rig = new Rig().on();
    rig.infuse({}, 'A').infuse({ drug: 'heparin', rateMlPerH: 20 }, 'B').run(HOUR_MS);
    rig.pump.physical({ event: 'line-clamped', channel: 'B' });
    rig.run(HOUR_MS);
    expect(rig.channel('A')).toMatchObject({ therapy: 'infusing', flowMlPerH: 12 });
    expect(rig.channel('B')).toMatchObject({ therapy: 'stopped', flowMlPerH: 0 });
    expect(rig.channel('A').totalDeliveredMl).toBeCloseTo(24, 9);
    expect(rig.channel('B').totalDeliveredMl).toBeCloseTo(20, 9);
    expect(new Set(rig.pump.flow().map(({ channel }) => channel))).toEqual(new Set(['A', 'B']));
  });
});
