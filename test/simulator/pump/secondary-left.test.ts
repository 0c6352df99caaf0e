import { describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS, Rig, sampleLibrary } from './rig.ts';

const PRIMARY = { drug: 'sodium chloride 0.9%', rateMlPerH: 60, volumeToBeInfusedMl: 300 } as const;
const SECOND = { orderId: 'order-2', drug: null, rateMlPerH: 100, volumeToBeInfusedMl: 50 } as const;
const ACCEPTED = { accepted: true };

const leave = (rig: Rig) => rig.nurse({ action: 'stop-secondary', channel: 'A' });
const begin = (rig: Rig) => rig.nurse({ action: 'start-secondary', channel: 'A' });
const hang = (rig: Rig) => rig.pump.physical({ event: 'secondary-hung', channel: 'A', volumeMl: 50 });
const programme = (rig: Rig) => rig.nurse({ action: 'programme-secondary', channel: 'A', programme: SECOND });

/** A first bag of 1,000 mL that has run for an hour, and a second one of which 25 mL have run. */
function running(): Rig {
  const rig = new Rig().on().infuse(PRIMARY).run(HOUR_MS);
  hang(rig);
  programme(rig);
  expect(begin(rig)).toEqual(ACCEPTED);
  return rig.run(15 * MINUTE_MS);
}

/** Whatever became of the second bag, the first one goes on as if nothing had been. */
function expectFirstToGoOn(rig: Rig, secondMl: number): void {
  expect(rig.channel()).toMatchObject({
    mode: 'primary',
    flowMlPerH: 60,
    orderId: 'order-1',
    secondary: null,
  });
  expect(rig.channel().deliveredMl).toBeCloseTo(60, 9);
  expect(rig.channel().reservoirMl).toBeCloseTo(940, 9);
  rig.run(HOUR_MS);
  expect(rig.channel().deliveredMl).toBeCloseTo(120, 9);
  expect(rig.channel().reservoirMl).toBeCloseTo(880, 9);
  expect(rig.channel().totalDeliveredMl).toBeCloseTo(120 + secondMl, 9);
  rig.run(4 * HOUR_MS);
  expect(rig.lastEvent('infusion-completed')?.detail).toMatchObject({ orderId: 'order-1', deliveredMl: 300 });
}

describe('a second bag that is given up', () => {
  it('while it runs lets the first one go on at once', () => {
    const rig = running();
    expect(leave(rig)).toEqual(ACCEPTED);
    expect(rig.lastEvent('secondary-stopped')?.detail).toEqual({
      orderId: 'order-2',
      deliveredMl: 25,
      by: 'nurse',
    });
    expect(rig.story()).not.toContain('secondary-completed');
    expect(begin(rig)).toMatchObject({ reason: 'no second bag is programmed' });
    expectFirstToGoOn(rig, 25);
  });

  it('while it is paused leaves the pump paused, and a resume goes on with the first one', () => {
    const rig = running();
    rig.nurse({ action: 'pause', channel: 'A' });
    expect(leave(rig)).toEqual(ACCEPTED);
    expect(rig.run(5 * MINUTE_MS).channel()).toMatchObject({
      mode: 'paused',
      flowMlPerH: 0,
      secondary: null,
    });
    expect(rig.nurse({ action: 'resume', channel: 'A' })).toEqual(ACCEPTED);
    expectFirstToGoOn(rig, 25);
  });

  it('while an alarm has stopped it leaves the alarm, and a resume goes on with the first one', () => {
    const rig = running();
    rig.pump.physical({ event: 'door-opened', channel: 'A' });
    expect(leave(rig)).toEqual(ACCEPTED);
    expect(rig.channel()).toMatchObject({ mode: 'stopped', flowMlPerH: 0, secondary: null });
    expect(rig.alarms()).toEqual(['door-open']);
    expect(rig.nurse({ action: 'resume', channel: 'A' })).toMatchObject({ accepted: false });
    rig.pump.physical({ event: 'door-closed', channel: 'A' });
    rig.nurse({ action: 'clear' });
    expect(rig.nurse({ action: 'resume', channel: 'A' })).toEqual(ACCEPTED);
    expectFirstToGoOn(rig, 25);
  });

  it('before its start still hangs, and can be programmed again', () => {
    const rig = new Rig().on().infuse(PRIMARY).run(HOUR_MS);
    hang(rig);
    programme(rig);
    expect(leave(rig)).toEqual(ACCEPTED);
    expect(rig.lastEvent('secondary-stopped')?.detail.deliveredMl).toBe(0);
    expect(rig.channel()).toMatchObject({ mode: 'primary', flowMlPerH: 60, secondary: null });
    expect(begin(rig)).toMatchObject({ reason: 'no second bag is programmed' });
    programme(rig);
    expect(begin(rig)).toEqual(ACCEPTED);
    rig.run(30 * MINUTE_MS);
    expectFirstToGoOn(rig, 50);
  });

  it('before its start does not take the rest of a loading dose with it', () => {
    const loading = { volumeMl: 100, rateMlPerH: 200 };
    const rig = new Rig()
      .on()
      .infuse({ ...PRIMARY, loading })
      .run(15 * MINUTE_MS);
    rig.nurse({ action: 'pause', channel: 'A' });
    hang(rig);
    programme(rig);
    expect(begin(rig)).toMatchObject({ reason: 'the loading dose comes first' });
    expect(leave(rig)).toEqual(ACCEPTED);
    rig.nurse({ action: 'resume', channel: 'A' });
    expect(rig.channel()).toMatchObject({ mode: 'loading', flowMlPerH: 200 });
    expect(rig.run(15 * MINUTE_MS).channel()).toMatchObject({ mode: 'primary', flowMlPerH: 60 });
    expect(rig.channel().deliveredMl).toBeCloseTo(100, 9);
  });

  it('takes the warning with it that its bag is nearly empty, and the first bag warns for itself', () => {
    const rig = new Rig({ reservoirMl: 80 }).on().infuse(PRIMARY).run(HOUR_MS);
    hang(rig);
    programme(rig);
    begin(rig);
    rig.run(25 * MINUTE_MS);
    expect(rig.alarms()).toEqual(['reservoir-low']);
    leave(rig);
    expect(rig.alarms()).toEqual([]);
    // 20 mL are left in the first bag, and half of them 10 minutes before it is empty.
    rig.run(10 * MINUTE_MS);
    expect(rig.alarms()).toEqual(['reservoir-low']);
    rig.run(10 * MINUTE_MS);
    expect(rig.alarms()).toContain('reservoir-empty');
  });

  it('and is not there is refused, whatever the channel does', () => {
    const rig = new Rig().on();
    expect(leave(rig)).toMatchObject({ reason: 'not possible in standby: nothing is programmed' });
    rig.infuse(PRIMARY);
    const before = rig.channel();
    expect(leave(rig)).toMatchObject({ reason: 'there is no second bag' });
    hang(rig);
    expect(leave(rig)).toMatchObject({ reason: 'there is no second bag' });
    expect(rig.channel()).toEqual(before);
    rig.nurse({ action: 'bolus', channel: 'A', volumeMl: 50 });
    expect(leave(rig)).toMatchObject({ reason: 'not possible while a bolus runs' });
    rig.nurse({ action: 'pause', channel: 'A' });
    expect(leave(rig)).toMatchObject({ reason: 'there is no second bag' });
    rig.pump.physical({ event: 'secondary-hung', channel: 'A', volumeMl: 50 });
    programme(rig);
    begin(rig);
    leave(rig);
    expect(leave(rig)).toMatchObject({ reason: 'there is no second bag' });
    expect(rig.nurse({ action: 'stop-secondary', channel: 'B' })).toMatchObject({ accepted: false });
  });
});

describe('a second bag that was never started', () => {
  it('is forgotten with the programme that is stopped', () => {
    const rig = new Rig().on().infuse(PRIMARY);
    hang(rig);
    programme(rig);
    rig.nurse({ action: 'stop', channel: 'A' });
    rig.infuse(PRIMARY);
    expect(rig.channel().secondary).toBeNull();
    expect(begin(rig)).toMatchObject({ reason: 'no second bag is programmed' });
  });

  it('is forgotten with the programme that is complete and followed by another', () => {
    // No vein is kept open here, so that nothing has to be stopped before the next programme.
    const library = { ...sampleLibrary(), maximumKeepVeinOpenMlPerH: 0 };
    const rig = new Rig({ library }).on().infuse({ ...PRIMARY, volumeToBeInfusedMl: 10 });
    hang(rig);
    programme(rig);
    rig.run(HOUR_MS);
    expect(rig.channel().therapy).toBe('complete');
    // Another programme without a stop in between.
    rig.infuse(PRIMARY);
    expect(rig.channel().secondary).toBeNull();
    expect(begin(rig)).toMatchObject({ reason: 'no second bag is programmed' });
  });
});

describe('what stands in the way of any start', () => {
  it('stands in the way of a second bag', () => {
    const rig = new Rig().on().infuse(PRIMARY);
    hang(rig);
    programme(rig);
    rig.nurse({ action: 'pause', channel: 'A' });
    rig.pump.physical({ event: 'door-opened', channel: 'A' });
    expect(begin(rig)).toMatchObject({ accepted: false, reason: 'the door is open' });
    rig.pump.physical({ event: 'door-closed', channel: 'A' });
    rig.pump.physical({ event: 'air-entered', channel: 'A', volumeMicroL: 400 });
    expect(begin(rig)).toMatchObject({ accepted: false, reason: 'there is air in the line' });
    rig.pump.physical({ event: 'air-purged', channel: 'A' });
    rig.pump.physical({ event: 'temperature-changed', celsius: 60 });
    expect(begin(rig)).toMatchObject({ accepted: false, reason: 'the alarm overheated is active' });
    expect(rig.channel()).toMatchObject({ mode: 'paused', flowMlPerH: 0 });
    rig.pump.physical({ event: 'temperature-changed', celsius: 20 });
    rig.nurse({ action: 'clear' });
    expect(begin(rig)).toEqual(ACCEPTED);
  });
});
