import { describe, expect, it } from 'vitest';
import { HOUR_MS, Rig } from './rig.ts';

/** 50 mL over 50 min; the library wants it to take 45 min, and at least 25. */
const POTASSIUM = {
  drug: 'potassium chloride peripheral',
  rateMlPerH: 60,
  volumeToBeInfusedMl: 50,
} as const;
const SALINE = { drug: 'sodium chloride 0.9%', rateMlPerH: 60, volumeToBeInfusedMl: 100 } as const;
const ACCEPTED = { accepted: true };

const change = (rig: Rig, rateMlPerH: number, overrideSoftLimit?: boolean) =>
  rig.nurse({
    action: 'change-rate',
    channel: 'A',
    rateMlPerH,
    ...(overrideSoftLimit === undefined ? {} : { overrideSoftLimit }),
  });

describe('a new rate', () => {
  it('past a soft limit of the whole programme is given on purpose only, and recorded, with an alert', () => {
    const rig = new Rig().on().infuse(POTASSIUM);
    const soft = {
      accepted: false,
      control: 'dose-limits',
      reason: expect.stringContaining('soft limit of 45 min'),
    };
    expect(change(rig, 75)).toMatchObject(soft);
    expect(change(rig, 75, false)).toMatchObject(soft);
    expect(rig.channel().flowMlPerH).toBe(60);
    expect(rig.alarms()).toEqual([]);
    expect(rig.story()).not.toContain('soft-limit-overridden');
    expect(change(rig, 75, true)).toEqual(ACCEPTED);
    expect(rig.channel().flowMlPerH).toBe(75);
    expect(rig.lastEvent('soft-limit-overridden')?.detail).toMatchObject({
      by: 'nurse',
      reason: expect.stringContaining('45 min'),
    });
    expect(rig.alarms()).toEqual(['dose-out-of-range']);
    // Each time anew.
    expect(change(rig, 76)).toMatchObject(soft);
    expect(change(rig, 60)).toEqual(ACCEPTED);
    expect(rig.alarms()).toEqual([]);
  });

  it('past a soft limit is refused from afar: nobody is there to pass it on purpose', () => {
    const rig = new Rig().on().infuse(POTASSIUM);
    expect(rig.pump.remoteRate('A', 75)).toMatchObject({ accepted: false, control: 'dose-limits' });
    expect(rig.channel().flowMlPerH).toBe(60);
    expect(rig.pump.remoteRate('A', 65)).toEqual(ACCEPTED);
    expect(rig.channel().flowMlPerH).toBe(65);
  });

  it.each([0, 0.04, 0.05, 0.09, 0.0999, 999.04, 1_000, -5, Number.NaN])(
    'of %d mL/h is outside of the range, and never rounded into it',
    (rateMlPerH) => {
      const rig = new Rig().on().infuse({ drug: null });
      const refused = { accepted: false, reason: expect.stringContaining('is not within 0.1–999 mL/h') };
      expect(change(rig, rateMlPerH, true)).toMatchObject(refused);
      expect(rig.pump.remoteRate('A', rateMlPerH)).toMatchObject(refused);
      expect(rig.channel().flowMlPerH).toBe(12);
    },
  );

  it('is refused once the infusion is complete, while the vein is kept open and in a pause of that', () => {
    const rig = new Rig()
      .on()
      .infuse({ ...SALINE, volumeToBeInfusedMl: 10 })
      .run(HOUR_MS);
    expect(rig.channel().mode).toBe('keepVeinOpen');
    expect(change(rig, 50)).toMatchObject({ accepted: false });
    expect(rig.pump.remoteRate('A', 50)).toMatchObject({ accepted: false });
    rig.nurse({ action: 'pause', channel: 'A' });
    const complete = { accepted: false, reason: 'the infusion is complete' };
    expect(change(rig, 50)).toMatchObject(complete);
    const dose = { action: 'change-dose', channel: 'A', dose: 50 } as const;
    expect(rig.nurse(dose)).toMatchObject(complete);
    expect(rig.pump.remoteRate('A', 50)).toMatchObject({ accepted: false });
    rig.nurse({ action: 'resume', channel: 'A' });
    expect(rig.channel()).toMatchObject({ mode: 'keepVeinOpen', flowMlPerH: 5, programmedRateMlPerH: 60 });
  });

  it('is refused while a second bag is under way: it would change the other bag', () => {
    const rig = new Rig().on().infuse(SALINE);
    rig.pump.physical({ event: 'secondary-hung', channel: 'A', volumeMl: 50 });
    const programme = { orderId: null, drug: null, rateMlPerH: 100, volumeToBeInfusedMl: 50 };
    rig.nurse({ action: 'programme-secondary', channel: 'A', programme });
    // Programmed only: the first bag is the one that runs.
    expect(change(rig, 70)).toEqual(ACCEPTED);
    rig.nurse({ action: 'start-secondary', channel: 'A' });
    expect(change(rig, 80)).toMatchObject({ reason: 'not possible while the second bag runs' });
    expect(rig.pump.remoteRate('A', 80)).toMatchObject({ accepted: false });
    rig.nurse({ action: 'pause', channel: 'A' });
    expect(change(rig, 80)).toMatchObject({ reason: 'the rate of a second bag cannot be changed' });
    expect(rig.channel().programmedRateMlPerH).toBe(70);
    rig.nurse({ action: 'resume', channel: 'A' });
    rig.run(30 * 60_000);
    expect(rig.channel()).toMatchObject({ mode: 'primary', flowMlPerH: 70 });
  });
});

describe('a new dose', () => {
  it('right at a limit is rounded to the side that keeps it, as in a new programme', () => {
    // 28 mcg/kg/min for 71 kg are 74.55 mL/h: a step up would be beyond the hard limit.
    const rig = new Rig()
      .on()
      .infuse({ drug: 'dopamine', weightKg: 71, rateMlPerH: 20, volumeToBeInfusedMl: 200 });
    const dose = { action: 'change-dose', channel: 'A', dose: 28, overrideSoftLimit: true } as const;
    expect(rig.nurse(dose)).toEqual(ACCEPTED);
    expect(rig.channel().flowMlPerH).toBe(74.5);
    expect(rig.nurse({ ...dose, dose: 28.1 })).toMatchObject({ accepted: false, control: 'dose-limits' });
  });
});

describe('a bolus', () => {
  /** The library warns above 4 mg and refuses above 5; a millilitre has one. */
  const midazolam = (): Rig => new Rig().on().infuse({ drug: 'midazolam', rateMlPerH: 2 });
  const bolus = (rig: Rig, volumeMl: number, overrideSoftLimit?: boolean) =>
    rig.nurse({
      action: 'bolus',
      channel: 'A',
      volumeMl,
      ...(overrideSoftLimit === undefined ? {} : { overrideSoftLimit }),
    });

  it('past a soft limit is given on purpose, and recorded', () => {
    const rig = midazolam();
    expect(bolus(rig, 4.5, true)).toEqual(ACCEPTED);
    expect(rig.channel().mode).toBe('bolus');
    expect(rig.lastEvent('soft-limit-overridden')).toMatchObject({
      channel: 'A',
      detail: { by: 'nurse', reason: expect.stringContaining('4.5 mg is above the soft limit of 4 mg') },
    });
    expect(rig.lastEvent('bolus-started')?.detail).toEqual({ volumeMl: 4.5, by: 'nurse' });
    expect(rig.story()).not.toContain('dose-limit raised');
  });

  it.each([undefined, false])(
    'past a soft limit is else refused, without an alarm (override: %s)',
    (passed) => {
      const rig = midazolam();
      expect(bolus(rig, 4.5, passed)).toMatchObject({
        accepted: false,
        control: 'dose-limits',
        reason: expect.stringContaining('soft limit of 4 mg'),
      });
      expect(rig.channel()).toMatchObject({ mode: 'primary', flowMlPerH: 2 });
      expect(rig.alarms()).toEqual([]);
      expect(rig.story()).not.toContain('soft-limit-overridden');
    },
  );

  it.each([false, true])('past a hard limit is refused with an alarm (override: %s)', (passed) => {
    const rig = midazolam();
    expect(bolus(rig, 5.1, passed)).toMatchObject({ accepted: false, control: 'dose-limits' });
    expect(rig.channel()).toMatchObject({ mode: 'primary', flowMlPerH: 2 });
    expect(rig.alarms()).toEqual(['dose-limit']);
    expect(rig.story()).not.toContain('bolus-started');
  });

  it('within all limits records no override, even where one was pressed', () => {
    const rig = midazolam();
    expect(bolus(rig, 4, true)).toEqual(ACCEPTED);
    expect(rig.story()).not.toContain('soft-limit-overridden');
  });
});
