import { expect, it } from 'vitest';
import { houseRates } from '../../../simulator/ward/house-rates.ts';
import { MINUTE_MS, modelOf, sampleLibrary } from '../pump/rig.ts';
import { BedsideRig, exactHarm, PCA_ORDER } from './rig.ts';

it('has what the model comes with where the care area says nothing', () => {
  expect(houseRates(modelOf('lvp'), null, null)).toEqual({
    keepVeinOpenMlPerH: 5,
    bolusMlPerH: 500,
    demandDoseMlPerH: 0,
  });
  expect(houseRates(modelOf('pca'), null, null)).toEqual({
    keepVeinOpenMlPerH: 0,
    bolusMlPerH: 60,
    demandDoseMlPerH: 60,
  });
});

it('is never faster than care area, syringe or keypad allow', () => {
  const paediatrics = sampleLibrary('paediatrics');
  expect(houseRates(modelOf('lvp'), paediatrics, null)).toMatchObject({
    bolusMlPerH: 150,
    keepVeinOpenMlPerH: paediatrics.maximumKeepVeinOpenMlPerH,
  });
  expect(houseRates(modelOf('syringe'), null, 1)).toMatchObject({ bolusMlPerH: 30 });
  expect(houseRates(modelOf('syringe'), null, 50)).toMatchObject({ bolusMlPerH: 200 });
  expect(houseRates(modelOf('lvp'), null, null, 2)).toMatchObject({ keepVeinOpenMlPerH: 2 });
  const nursery = { ...sampleLibrary('nursery'), maximumRateMlPerH: 25 };
  expect(houseRates(modelOf('pca'), nursery, null)).toMatchObject({ demandDoseMlPerH: 25 });
});

it.each([
  ['a bolus', 0, 'paediatrics', (rig: BedsideRig) => rig.caregiver.bolus(rig.pump, 'A', 5)],
  ['a press of the patient', 2, 'adult-icu', (rig: BedsideRig) => rig.caregiver.demand(rig.pump, 'A')],
])('is what the pump goes by: %s under a care area that holds it back', (_, index, area, give) => {
  const library = { ...sampleLibrary(area), maximumRateMlPerH: 40 };
  const rig = new BedsideRig(index, { library, careArea: area }).on();
  const order = index === 2 ? PCA_ORDER : { rateMlPerH: 20, volumeToBeInfusedMl: 50 };
  expect(rig.start(order)).toEqual({ accepted: true });
  rig.run(5 * MINUTE_MS);
  expect(give(rig)).toEqual({ accepted: true });
  expect(rig.last()[0]).toMatchObject({ rateMlPerH: 40 });
  for (let minute = 0; minute < 400; minute++) {
    rig.run(MINUTE_MS);
    const [harm] = exactHarm([rig.pump], rig.intents, rig.clock.now());
    expect(harm!.overMl).toBeLessThan(1e-4);
    expect(harm!.underMl).toBeLessThan(1e-4);
  }
});

it('is what the pump goes by: a vein kept open, as the care area or the keypad has it', () => {
  const library = { ...sampleLibrary('adult-icu'), maximumKeepVeinOpenMlPerH: 3 };
  const rig = new BedsideRig(0, { library, careArea: 'adult-icu' }).on();
  const setTo = (value: number) =>
    rig.caregiver.press(rig.pump, {
      action: 'configure',
      channel: 'A',
      setting: { name: 'keepVeinOpenMlPerH', value },
    });
  const order = { rateMlPerH: 60, volumeToBeInfusedMl: 10 };
  rig.start(order);
  expect(rig.last()[0]).toMatchObject({ keepVeinOpenMlPerH: 3 });
  rig.run(60 * MINUTE_MS);
  rig.caregiver.stop(rig.pump, 'A');
  expect(setTo(2)).toEqual({ accepted: true });
  rig.start(order);
  expect(rig.last()[0]).toMatchObject({ keepVeinOpenMlPerH: 2 });
  rig.run(60 * MINUTE_MS);
  rig.caregiver.stop(rig.pump, 'A');
  const [harm] = exactHarm([rig.pump], rig.intents, rig.clock.now());
  expect(harm).toMatchObject({ serial: rig.pump.serial });
  expect(harm!.overMl).toBeLessThan(1e-4);
  expect(harm!.underMl).toBeLessThan(1e-4);
  // A new patient begins with presets.
  rig.caregiver.powerCycle(rig.pump, true);
  rig.run(70_000);
  rig.start(order);
  expect(rig.last()[0]).toMatchObject({ keepVeinOpenMlPerH: 3 });
});

it('is what the pharmacy released, whatever library a pump was made to use', () => {
  const released = { ...sampleLibrary('adult-icu'), maximumRateMlPerH: 100, maximumKeepVeinOpenMlPerH: 1 };
  const forged = { ...released, maximumRateMlPerH: 999, maximumKeepVeinOpenMlPerH: 5 };
  const rig = new BedsideRig(0, { library: forged, careArea: 'adult-icu' }, [released]).on();
  rig.start({ rateMlPerH: 60, volumeToBeInfusedMl: 20 });
  expect(rig.last()[0]).toMatchObject({ keepVeinOpenMlPerH: 1 });
  expect(rig.caregiver.bolus(rig.pump, 'A', 5)).toEqual({ accepted: true });
  expect(rig.last()[0]).toMatchObject({ rateMlPerH: 100 });
  rig.run(60 * MINUTE_MS);
  // What the forged library lets flow beside the order shows.
  const [harm] = exactHarm([rig.pump], rig.intents, rig.clock.now());
  expect(harm!.overMl).toBeGreaterThan(1);
});
