import { describe, expect, it } from 'vitest';
import type { ProgrammeEntry } from '../../../simulator/pump/index.ts';
import { HOUR_MS, MINUTE_MS, modelOf, Rig } from './rig.ts';

/** Patient-controlled analgesia without a continuous rate. */
const AT_THE_BUTTON = { drug: 'morphine', rateMlPerH: 0, volumeToBeInfusedMl: 10 } as const;

const alone = (change: Partial<ProgrammeEntry> = {}): Rig =>
  new Rig({ model: modelOf('pca') }).on().infuse({ ...AT_THE_BUTTON, ...change });
const press = (rig: Rig) => rig.pump.bedside('patient', { action: 'pca-demand', channel: 'A' });
const ACCEPTED = { accepted: true };

describe('a PCA pump without a continuous rate', () => {
  it('runs, and delivers nothing but what the patient presses for', () => {
    const rig = alone().run(6 * HOUR_MS);
    expect(rig.channel()).toMatchObject({ therapy: 'infusing', mode: 'primary', totalDeliveredMl: 0 });
    expect(press(rig)).toEqual(ACCEPTED);
    expect(rig.channel()).toMatchObject({ mode: 'pcaDose', flowMlPerH: 60 });
    rig.run(MINUTE_MS);
    expect(rig.channel()).toMatchObject({ mode: 'primary', flowMlPerH: 0 });
    rig.run(6 * HOUR_MS);
    expect(rig.channel().totalDeliveredMl).toBeCloseTo(1, 9);
    expect(rig.alarms()).toEqual([]);
  });

  it('keeps lockout and accumulated limit: 15 mL in 4 h are all at the button', () => {
    const rig = alone({ volumeToBeInfusedMl: 60 });
    let given = 0;
    for (let minute = 0; minute < 239; minute += 9) {
      if (press(rig).accepted) given += 1;
      expect(press(rig)).toMatchObject({ accepted: false });
      rig.run(9 * MINUTE_MS);
    }
    expect(given).toBe(15);
    expect(rig.channel().totalDeliveredMl).toBeCloseTo(15, 9);
  });

  it('ends with the volume: the last dose is cut to what is left, and no near end was told', () => {
    const rig = alone({ volumeToBeInfusedMl: 2.5 });
    for (const doseMl of [1, 1, 0.5]) {
      expect(rig.channel().therapy).toBe('infusing');
      expect(press(rig)).toEqual(ACCEPTED);
      expect(rig.lastEvent('pca-dose-started')?.detail.volumeMl).toBeCloseTo(doseMl, 9);
      rig.run(10 * MINUTE_MS);
    }
    expect(rig.channel()).toMatchObject({ therapy: 'complete', flowMlPerH: 0 });
    expect(rig.channel().totalDeliveredMl).toBeCloseTo(2.5, 9);
    expect(rig.lastEvent('infusion-completed')?.detail.deliveredMl).toBe(2.5);
    expect(rig.alarms()).toEqual(['infusion-complete']);
    expect(rig.story()).not.toContain('near-end raised');
    expect(press(rig)).toMatchObject({ accepted: false });
  });

  it('gives a bolus, which counts towards volume and limit, and waits for the button again', () => {
    const rig = alone();
    expect(rig.nurse({ action: 'bolus', channel: 'A', volumeMl: 2 })).toEqual(ACCEPTED);
    rig.run(5 * MINUTE_MS);
    expect(rig.channel()).toMatchObject({ mode: 'primary', flowMlPerH: 0 });
    expect(rig.channel().deliveredMl).toBeCloseTo(2, 9);
    expect(rig.story()).toContain('bolus-completed');
    expect(rig.run(4 * MINUTE_MS).alarms()).toEqual([]);
    expect(press(rig)).toEqual(ACCEPTED);
  });

  it('gives a loading dose first', () => {
    const rig = alone({ drug: null, loading: { volumeMl: 2, rateMlPerH: 30 } });
    expect(rig.channel()).toMatchObject({ mode: 'loading', flowMlPerH: 30 });
    rig.run(HOUR_MS);
    expect(rig.channel()).toMatchObject({ mode: 'primary', flowMlPerH: 0 });
    expect(rig.channel().deliveredMl).toBeCloseTo(2, 9);
  });

  it('is paused and resumed, with no dose in between', () => {
    const rig = alone();
    rig.nurse({ action: 'pause', channel: 'A' });
    expect(press(rig)).toMatchObject({ accepted: false });
    expect(rig.nurse({ action: 'resume', channel: 'A' })).toEqual(ACCEPTED);
    expect(rig.channel()).toMatchObject({ mode: 'primary', flowMlPerH: 0 });
    expect(press(rig)).toEqual(ACCEPTED);
  });

  it('is not switched off under the patient: it is running, though no motor moves', () => {
    const rig = alone();
    expect(rig.nurse({ action: 'power-off' })).toMatchObject({
      accepted: false,
      reason: 'an infusion is running: pause it first',
    });
    rig.nurse({ action: 'pause', channel: 'A' });
    expect(rig.nurse({ action: 'power-off' })).toEqual(ACCEPTED);
  });

  it('is recalled with what the patient has not pressed for, and remembers the last dose', () => {
    const rig = alone();
    press(rig);
    rig.run(2 * MINUTE_MS);
    rig.nurse({ action: 'pause', channel: 'A' });
    rig.nurse({ action: 'power-off' });
    rig.on(false);
    expect(rig.nurse({ action: 'recall', channel: 'A' })).toEqual(ACCEPTED);
    expect(rig.channel()).toMatchObject({ therapy: 'programming', programmedRateMlPerH: 0 });
    expect(rig.channel().volumeToBeInfusedMl).toBeCloseTo(9, 9);
    expect(rig.nurse({ action: 'confirm', channel: 'A' })).toEqual(ACCEPTED);
    expect(rig.nurse({ action: 'start', channel: 'A' })).toEqual(ACCEPTED);
    expect(press(rig)).toMatchObject({ reason: 'within the lockout of 8 min' });
    rig.run(8 * MINUTE_MS);
    expect(press(rig)).toEqual(ACCEPTED);
    expect(rig.run(6 * HOUR_MS).channel().totalDeliveredMl).toBeCloseTo(2, 9);
  });

  it('is titrated from nothing to a rate and back to nothing, at the keypad and from afar', () => {
    const rig = alone({ volumeToBeInfusedMl: 50 });
    const rate = (rateMlPerH: number) => rig.nurse({ action: 'change-rate', channel: 'A', rateMlPerH });
    expect(rate(1)).toEqual(ACCEPTED);
    expect(rig.lastEvent('rate-changed')?.detail).toEqual({ fromMlPerH: 0, toMlPerH: 1, by: 'nurse' });
    expect(rig.run(HOUR_MS).channel()).toMatchObject({ flowMlPerH: 1 });
    expect(rate(0.04)).toMatchObject({ accepted: false, control: 'dose-limits' });
    expect(rate(-1)).toMatchObject({ accepted: false, control: 'dose-limits' });
    expect(rate(0)).toEqual(ACCEPTED);
    expect(rig.run(HOUR_MS).channel()).toMatchObject({ therapy: 'infusing', flowMlPerH: 0 });
    expect(rig.channel().deliveredMl).toBeCloseTo(1, 9);
    expect(rig.pump.remoteRate('A', 1)).toEqual(ACCEPTED);
    expect(rig.run(HOUR_MS).pump.remoteRate('A', 0)).toEqual(ACCEPTED);
    expect(rig.run(HOUR_MS).channel().deliveredMl).toBeCloseTo(2, 9);
    expect(press(rig)).toEqual(ACCEPTED);
  });

  it('needs a volume, and takes neither a time nor a dose', () => {
    const rig = new Rig({ model: modelOf('pca') }).on();
    const keyed = (change: object) => {
      const programme: ProgrammeEntry = { orderId: null, ...AT_THE_BUTTON, ...change };
      return rig.nurse({ action: 'programme', channel: 'A', programme });
    };
    const refused = { accepted: false, reason: expect.stringContaining('without a continuous rate') };
    expect(keyed({ volumeToBeInfusedMl: undefined })).toMatchObject(refused);
    expect(keyed({ durationMinutes: 60 })).toMatchObject(refused);
    expect(keyed({ dose: { value: 1, unit: 'mg/h' } })).toMatchObject(refused);
    expect(keyed({ volumeToBeInfusedMl: 1_000 })).toMatchObject({
      reason: expect.stringContaining('999 mL'),
    });
    expect(keyed({ drug: 'water' })).toMatchObject({ accepted: false });
    expect(keyed({})).toEqual(ACCEPTED);
  });
});

describe('a rate of nothing', () => {
  it.each(['lvp', 'syringe'])('is refused by a %s pump, which would only stand there', (id) => {
    const rig = new Rig({ model: modelOf(id) }).on();
    const programme: ProgrammeEntry = { orderId: null, drug: null, rateMlPerH: 0, volumeToBeInfusedMl: 10 };
    expect(rig.nurse({ action: 'programme', channel: 'A', programme })).toMatchObject({
      accepted: false,
      control: 'dose-limits',
      reason: 'the rate is not a number above 0',
    });
    rig.infuse({ drug: null, rateMlPerH: 5, volumeToBeInfusedMl: 10 });
    expect(rig.nurse({ action: 'change-rate', channel: 'A', rateMlPerH: 0 })).toMatchObject({
      accepted: false,
      control: 'dose-limits',
    });
    expect(rig.pump.remoteRate('A', 0)).toMatchObject({ accepted: false, control: 'dose-limits' });
    expect(rig.channel().flowMlPerH).toBe(5);
  });
});

describe('the next patient at a PCA pump', () => {
  /** 4 mL/h for 3 h 45 min and a dose; then the pump is switched off and on. */
  function handedOn(newPatient: boolean): Rig {
    const rig = new Rig({ model: modelOf('pca') }).on();
    rig.infuse({ drug: null, rateMlPerH: 3.5, volumeToBeInfusedMl: 90 }).run(HOUR_MS);
    expect(press(rig)).toEqual(ACCEPTED);
    rig.run(2 * MINUTE_MS);
    rig.nurse({ action: 'pause', channel: 'A' });
    rig.nurse({ action: 'power-off' });
    rig.on(newPatient);
    return rig;
  }

  it('has pressed for nothing yet, and had no rate before', () => {
    const fresh = handedOn(true).infuse({ drug: null, rateMlPerH: 0, volumeToBeInfusedMl: 50 });
    expect(press(fresh)).toEqual(ACCEPTED);
    // Neither the dose nor the 3.5 mL/h of somebody else: all of 15 mL are theirs.
    const pca = {
      demandDoseMl: 3,
      lockoutMinutes: 5,
      accumulatedLimitMl: 15,
      accumulatedWindowHours: 4,
    } as const;
    const rig = handedOn(true).infuse({ drug: null, rateMlPerH: 0, volumeToBeInfusedMl: 50, pca });
    for (let dose = 1; dose <= 5; dose++) {
      expect(press(rig)).toEqual(ACCEPTED);
      rig.run(6 * MINUTE_MS);
    }
    expect(press(rig)).toMatchObject({ accepted: false, reason: 'over 15 mL in 4 h' });
  });

  it('is not one who was there before: lockout and limit go on', () => {
    const same = handedOn(false).infuse({ drug: null, rateMlPerH: 0, volumeToBeInfusedMl: 50 });
    expect(press(same)).toMatchObject({ accepted: false, reason: 'within the lockout of 8 min' });
    same.run(8 * MINUTE_MS);
    // 3.5 mL/h count for the whole of 4 h, and a dose of 1 mL: all 15 mL are used up.
    expect(press(same)).toMatchObject({ accepted: false, reason: 'over 15 mL in 4 h' });
  });
});
