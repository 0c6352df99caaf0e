import { describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS, modelOf, Rig } from './rig.ts';

const PRIMARY = { drug: 'sodium chloride 0.9%', rateMlPerH: 60, volumeToBeInfusedMl: 300 } as const;
const SECOND = { orderId: 'order-2', drug: null, rateMlPerH: 100, volumeToBeInfusedMl: 50 } as const;

/** A primary that has run for an hour, and a second bag above it that is programmed. */
function hung(volumeMl = 50): Rig {
  const rig = new Rig().on().infuse(PRIMARY).run(HOUR_MS);
  rig.pump.physical({ event: 'secondary-hung', channel: 'A', volumeMl });
  expect(rig.nurse({ action: 'programme-secondary', channel: 'A', programme: SECOND })).toEqual({
    accepted: true,
  });
  return rig;
}
const begin = (rig: Rig) => rig.nurse({ action: 'start-secondary', channel: 'A' });

describe('a second bag', () => {
  it('runs first at its own rate, then the primary goes on with what was left of it', () => {
    const rig = hung();
    expect(begin(rig)).toEqual({ accepted: true });
    expect(rig.channel()).toMatchObject({ mode: 'secondary', flowMlPerH: 100, orderId: 'order-1' });
    rig.run(15 * MINUTE_MS);
    expect(rig.channel().secondary).toMatchObject({ runs: true, infusedMl: expect.closeTo(25, 9) });
    expect(rig.channel().deliveredMl).toBeCloseTo(60, 9);
    rig.run(15 * MINUTE_MS);
    expect(rig.channel()).toMatchObject({ mode: 'primary', flowMlPerH: 60, secondary: null });
    expect(rig.lastEvent('secondary-completed')?.detail).toMatchObject({
      orderId: 'order-2',
      deliveredMl: 50,
    });
    expect(rig.run(HOUR_MS).channel().deliveredMl).toBeCloseTo(120, 9);
    rig.run(4 * HOUR_MS);
    expect(rig.lastEvent('infusion-completed')?.detail.deliveredMl).toBe(300);
  });

  it('draws from its own bag and not from the first', () => {
    const rig = hung();
    const firstMl = rig.channel().reservoirMl;
    begin(rig);
    expect(rig.channel().reservoirMl).toBe(50);
    rig.run(30 * MINUTE_MS);
    expect(rig.channel().reservoirMl).toBeCloseTo(firstMl, 9);
  });

  it('that is empty before its volume is in gives way to the primary without an alarm', () => {
    const rig = hung(20);
    begin(rig);
    rig.run(12 * MINUTE_MS);
    expect(rig.channel()).toMatchObject({ mode: 'primary', flowMlPerH: 60 });
    expect(rig.lastEvent('secondary-completed')?.detail).toMatchObject({ deliveredMl: 20, bagEmpty: true });
    expect(rig.alarms()).toEqual([]);
  });

  it('goes on with its rest after a pause and after an alarm', () => {
    const rig = hung();
    begin(rig);
    rig.run(6 * MINUTE_MS);
    rig.nurse({ action: 'pause', channel: 'A' });
    rig.run(5 * MINUTE_MS);
    rig.nurse({ action: 'resume', channel: 'A' });
    expect(rig.channel()).toMatchObject({ mode: 'secondary', flowMlPerH: 100 });
    rig.pump.physical({ event: 'door-opened', channel: 'A' });
    rig.pump.physical({ event: 'door-closed', channel: 'A' });
    rig.nurse({ action: 'clear' });
    rig.nurse({ action: 'resume', channel: 'A' });
    rig.run(24 * MINUTE_MS);
    expect(rig.lastEvent('secondary-completed')?.detail.deliveredMl).toBe(50);
  });

  it('is refused before it hangs, before it is programmed, twice, and on other models, with a reason', () => {
    const rig = new Rig().on().infuse(PRIMARY);
    expect(begin(rig)).toMatchObject({ reason: 'no second bag is programmed' });
    rig.nurse({ action: 'programme-secondary', channel: 'A', programme: SECOND });
    expect(begin(rig)).toMatchObject({ reason: 'no second bag hangs' });
    rig.pump.physical({ event: 'secondary-hung', channel: 'A', volumeMl: 50 });
    begin(rig);
    rig.nurse({ action: 'pause', channel: 'A' });
    expect(rig.nurse({ action: 'programme-secondary', channel: 'A', programme: SECOND })).toMatchObject({
      reason: 'a second bag is running already',
    });
    rig.pump.physical({ event: 'secondary-hung', channel: 'A', volumeMl: 70 });
    expect(rig.story().at(-1)).toBe('event-not-taken');
    const syringe = new Rig({ model: modelOf('syringe') }).on().infuse({ volumeToBeInfusedMl: 20 });
    expect(syringe.nurse({ action: 'programme-secondary', channel: 'A', programme: SECOND })).toMatchObject({
      reason: 'a Syringe pump takes no second bag',
    });
  });

  it('keeps within the limits of the library, and passes a soft one only on purpose', () => {
    const rig = new Rig().on().infuse(PRIMARY);
    const programme = (rateMlPerH: number, overrideSoftLimit = false) =>
      rig.nurse({
        action: 'programme-secondary',
        channel: 'A',
        programme: { ...SECOND, drug: 'vasopressin', rateMlPerH },
        overrideSoftLimit,
      });
    expect(programme(8)).toMatchObject({ accepted: false, control: 'dose-limits' });
    expect(programme(8, true)).toEqual({ accepted: true });
    expect(rig.story()).toContain('soft-limit-overridden');
    expect(programme(90, true)).toMatchObject({ accepted: false, control: 'dose-limits' });
  });

  it('is given up with the programme that is stopped', () => {
    const rig = hung();
    begin(rig);
    rig.run(6 * MINUTE_MS);
    rig.nurse({ action: 'stop', channel: 'A' });
    expect(rig.channel()).toMatchObject({ mode: 'standby', secondary: null, flowMlPerH: 0 });
    expect(rig.lastEvent('infusion-stopped')?.detail.deliveredMl).toBe(60);
  });
});
