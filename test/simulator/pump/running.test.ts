import { describe, expect, it } from 'vitest';
import type { ProgrammeEntry } from '../../../simulator/pump/index.ts';
import { MINUTE_MS, modelOf, Rig } from './rig.ts';

const PROPOFOL = { drug: 'propofol', rateMlPerH: 10, volumeToBeInfusedMl: 50 } as const;
const AMIODARONE = {
  orderId: 'order-2',
  drug: 'amiodarone',
  rateMlPerH: 30,
  volumeToBeInfusedMl: 50,
} as const;
const DOPAMINE: Partial<ProgrammeEntry> = {
  drug: 'dopamine',
  rateMlPerH: 13.1,
  volumeToBeInfusedMl: 5,
  weightKg: 70,
};

const line = (rig: Rig): string => rig.pump.reading().display;

/** A second bag that hangs and is programmed over a primary that has run for six minutes. */
function hung(second: ProgrammeEntry = AMIODARONE, weightKg = 70): Rig {
  const rig = new Rig()
    .on()
    .infuse({ ...PROPOFOL, weightKg })
    .run(6 * MINUTE_MS);
  rig.pump.physical({ event: 'secondary-hung', channel: 'A', volumeMl: 50 });
  const action = { action: 'programme-secondary', channel: 'A', overrideSoftLimit: true } as const;
  expect(rig.nurse({ ...action, programme: second })).toEqual({ accepted: true });
  return rig;
}
const begin = (rig: Rig) => {
  expect(rig.nurse({ action: 'start-secondary', channel: 'A' })).toEqual({ accepted: true });
  return rig;
};

describe('what runs, while there is a second bag', () => {
  it('is the primary before its start, and the second bag is shown back beside it', () => {
    const rig = hung();
    expect(rig.channel().running).toMatchObject({ phase: 'primary', drug: 'propofol', rateMlPerH: 10 });
    expect(rig.channel().next).toMatchObject({
      phase: 'secondary',
      drug: 'amiodarone',
      rateMlPerH: 30,
      dose: { unit: expect.any(String) },
      leftMl: 50,
      leftMinutes: 100,
    });
    expect(line(rig)).toMatch(
      /A INFUSING propofol 10 mL\/h.*49\.0 mL left; SECOND BAG amiodarone 30 mL\/h \(/,
    );
  });

  it('is the second bag once it has begun: drug, dose, volume and time are its own', () => {
    const rig = begin(hung()).run(20 * MINUTE_MS);
    expect(rig.channel().running).toMatchObject({
      phase: 'secondary',
      drug: 'amiodarone',
      rateMlPerH: 30,
      volumeToBeInfusedMl: 50,
      infusedMl: expect.closeTo(10, 9),
      leftMl: expect.closeTo(40, 9),
      leftMinutes: expect.closeTo(80, 9),
    });
    expect(rig.channel().running?.dose?.unit).not.toBe(rig.channel().programme?.dose?.unit);
    expect(rig.channel().next).toMatchObject({
      phase: 'primary',
      drug: 'propofol',
      leftMl: expect.closeTo(49, 9),
    });
    expect(line(rig)).toContain('A SECONDARY amiodarone 30 mL/h');
    expect(line(rig)).toContain('40.0 mL left');
    expect(line(rig)).not.toContain('propofol');
  });

  it('is in a pause what will be resumed', () => {
    const rig = begin(hung()).run(20 * MINUTE_MS);
    rig.nurse({ action: 'pause', channel: 'A' });
    rig.run(MINUTE_MS);
    expect(rig.channel().running).toMatchObject({
      phase: 'secondary',
      drug: 'amiodarone',
      rateMlPerH: 30,
      infusedMl: expect.closeTo(10, 9),
      leftMl: expect.closeTo(40, 9),
    });
    expect(line(rig)).toContain('A PAUSED SECONDARY amiodarone 30 mL/h');
  });

  it('is the primary again when it has ended', () => {
    const rig = begin(hung()).run(100 * MINUTE_MS);
    expect(rig.channel()).toMatchObject({ next: null, running: { phase: 'primary', drug: 'propofol' } });
  });

  it('says that the library is not in use while a bag outside of it waits and runs', () => {
    const rig = hung({ ...AMIODARONE, drug: null });
    expect(rig.pump.reading().libraryInUse).toBe(false);
    expect(line(begin(rig))).toContain('LIBRARY NOT IN USE');
    rig.run(101 * MINUTE_MS);
    expect(line(rig)).not.toContain('LIBRARY NOT IN USE');
  });
});

describe('what runs at another rate than the programme', () => {
  it('keeps the vein open: that rate, the dose that it gives, and no end', () => {
    const rig = new Rig()
      .on()
      .infuse(DOPAMINE)
      .run(30 * MINUTE_MS);
    const { programme, running } = rig.channel();
    expect(running).toMatchObject({ phase: 'keepVeinOpen', rateMlPerH: 5, leftMl: null, leftMinutes: null });
    expect(running?.dose?.value).toBeCloseTo((programme!.dose!.value * 5) / 13.1, 9);
    expect(line(rig)).toMatch(/A KVO dopamine 5 mL\/h \(1\.905 mcg\/kg\/min\)(?!, .* left)/);
  });

  it('a bolus: its rate, and the time to its own end', () => {
    const rig = new Rig()
      .on()
      .infuse({ drug: 'sodium chloride 0.9%', rateMlPerH: 60, volumeToBeInfusedMl: 300 });
    expect(rig.nurse({ action: 'bolus', channel: 'A', volumeMl: 50 })).toEqual({ accepted: true });
    rig.run(3 * MINUTE_MS);
    expect(rig.channel().running).toMatchObject({
      phase: 'bolus',
      rateMlPerH: 500,
      volumeToBeInfusedMl: 300,
      infusedMl: expect.closeTo(25, 9),
      leftMl: expect.closeTo(25, 9),
      leftMinutes: expect.closeTo(3, 9),
    });
    expect(line(rig)).toContain('A BOLUS sodium chloride 0.9% 500 mL/h, 25.0 mL of it left');
  });

  it('a loading dose, running and paused', () => {
    const entry = { rateMlPerH: 60, volumeToBeInfusedMl: 300, loading: { volumeMl: 20, rateMlPerH: 200 } };
    const rig = new Rig()
      .on()
      .infuse({ drug: 'sodium chloride 0.9%', ...entry })
      .run(3 * MINUTE_MS);
    const loading = { phase: 'loading', rateMlPerH: 200, leftMl: expect.closeTo(10, 9) };
    expect(rig.channel().running).toMatchObject({ ...loading, leftMinutes: expect.closeTo(3, 9) });
    rig.nurse({ action: 'pause', channel: 'A' });
    expect(rig.channel().running).toMatchObject(loading);
    expect(line(rig)).toContain('A PAUSED LOADING DOSE sodium chloride 0.9% 200 mL/h, 10.0 mL of it left');
  });

  it('a demand dose', () => {
    const rig = new Rig({ model: modelOf('pca') }).on().infuse({ drug: 'morphine', rateMlPerH: 1 });
    expect(rig.pump.bedside('patient', { action: 'pca-demand', channel: 'A' })).toEqual({ accepted: true });
    expect(rig.channel().running).toMatchObject({
      phase: 'pcaDose',
      rateMlPerH: 60,
      leftMl: 1,
      leftMinutes: 1,
    });
    expect(line(rig)).toContain('A PCA DOSE morphine 60 mL/h');
  });

  it('nothing, when all is in and no vein is kept open', () => {
    const rig = new Rig({ model: modelOf('pca') }).on();
    rig.infuse({ drug: 'morphine', rateMlPerH: 1, volumeToBeInfusedMl: 1 }).run(61 * MINUTE_MS);
    expect(rig.channel()).toMatchObject({ mode: 'complete' });
    expect(rig.channel().running).toMatchObject({
      rateMlPerH: 0,
      dose: null,
      infusedMl: 1,
      leftMinutes: null,
    });
  });
});

describe('a programme that waits for its start', () => {
  it('is shown back with concentration, weight, loading dose and time', () => {
    const rig = new Rig().on();
    const programme = {
      orderId: null,
      drug: 'dopamine',
      dose: { value: 5, unit: 'mcg/kg/min' },
      weightKg: 70,
      volumeToBeInfusedMl: 250,
    } as const;
    expect(rig.nurse({ action: 'programme', channel: 'A', programme })).toEqual({ accepted: true });
    expect(line(rig)).toMatch(/A CONFIRM\? dopamine 13\.1 mL\/h.*, 400 mg in 250 mL, weight 70 kg/);
    const fluid = { orderId: null, drug: 'sodium chloride 0.9%', rateMlPerH: 60, volumeToBeInfusedMl: 300 };
    const loading = { volumeMl: 20, rateMlPerH: 200 };
    rig.nurse({ action: 'programme', channel: 'B', programme: { ...fluid, loading } });
    expect(line(rig)).toContain('loading dose 20 mL at 200 mL/h');
    expect(rig.channel('B').running).toMatchObject({ phase: 'primary', rateMlPerH: 60, leftMinutes: 286 });
  });

  it('is shown back with the settings of the button', () => {
    const rig = new Rig({ model: modelOf('pca') }).on();
    const programme = { orderId: null, drug: 'morphine', rateMlPerH: 1, volumeToBeInfusedMl: 50 };
    rig.nurse({ action: 'programme', channel: 'A', programme });
    expect(line(rig)).toContain('button gives 1 mL, locked for 8 min, at most 15 mL in 4 h');
  });
});
