import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../pump/rig.ts';
import { BedsideRig, exactHarm, PCA_ORDER } from './rig.ts';

const LVP = 0;
const SYRINGE = 1;
const PCA = 2;
const ON_MS = 70_000;

function harm({ pump, clock, intents }: BedsideRig) {
  return exactHarm([pump], intents, clock.now())[0]!;
}

describe('a caregiver', () => {
  it('writes the order at the start key, with what follows after it', () => {
    const rig = new BedsideRig(LVP).on();
    expect(rig.start()).toEqual({ accepted: true });
    expect(rig.last()).toEqual([
      {
        atMs: ON_MS,
        orderId: 'order-1',
        drug: 'sodium chloride 0.9%',
        rateMlPerH: 60,
        volumeToBeInfusedMl: 100,
        keepVeinOpenMlPerH: 5,
      },
    ]);
  });

  it('never means to keep a vein open faster than the infusion ran, titrated or not', () => {
    const rig = new BedsideRig(LVP).on();
    rig.start({ drug: 'norepinephrine', rateMlPerH: 3 });
    expect(rig.last()[0]).toMatchObject({ keepVeinOpenMlPerH: 3 });
    rig.caregiver.changeRate(rig.pump, 'A', 2);
    expect(rig.last()[0]).toMatchObject({ rateMlPerH: 2, keepVeinOpenMlPerH: 2 });
  });

  it('writes nothing for a key that is refused', () => {
    const rig = new BedsideRig(LVP);
    const { caregiver, pump } = rig;
    expect(rig.start()).toMatchObject({ accepted: false });
    rig.on();
    expect(rig.start({ drug: 'no such drug' })).toMatchObject({ accepted: false, control: 'dose-limits' });
    expect(rig.start({ rateMlPerH: 600 })).toMatchObject({ accepted: false, control: 'dose-limits' });
    for (const refused of [
      caregiver.pause(pump, 'A'),
      caregiver.resume(pump, 'A'),
      caregiver.changeRate(pump, 'A', 50),
      caregiver.bolus(pump, 'A', 2),
      caregiver.demand(pump, 'A'),
      caregiver.clearAlarms(pump),
      caregiver.silence(pump),
    ]) {
      expect(refused.accepted).toBe(false);
    }
    expect(rig.intents).toEqual([]);
  });

  it('lets the order stand when a pause or a resume is refused during an alarm', () => {
    const rig = new BedsideRig(LVP).on();
    rig.start();
    rig.pump.physical({ event: 'air-entered', channel: 'A', volumeMicroL: 500 });
    expect(rig.caregiver.pause(rig.pump, 'A')).toMatchObject({ accepted: false });
    expect(rig.caregiver.resume(rig.pump, 'A')).toMatchObject({ accepted: false });
    expect(rig.intents).toHaveLength(1);
  });

  it('passes a soft limit only where the order says so', () => {
    const rig = new BedsideRig(LVP).on();
    expect(rig.start({ rateMlPerH: 600, overrideSoftLimit: true })).toEqual({ accepted: true });
    expect(rig.caregiver.changeRate(rig.pump, 'A', 550)).toMatchObject({ accepted: false });
    expect(rig.caregiver.changeRate(rig.pump, 'A', 550, { overrideSoftLimit: true })).toEqual({
      accepted: true,
    });
  });

  it('means a pause, and then the rest of the order by its own count', () => {
    const rig = new BedsideRig(LVP).on();
    rig.start();
    rig.run(10 * MINUTE_MS).caregiver.pause(rig.pump, 'A');
    expect(rig.last()[0]).toEqual({
      atMs: ON_MS + 10 * MINUTE_MS,
      orderId: 'order-1',
      drug: 'sodium chloride 0.9%',
      rateMlPerH: 0,
    });
    rig.run(5 * MINUTE_MS).caregiver.resume(rig.pump, 'A');
    expect(rig.last()[0]).toMatchObject({ rateMlPerH: 60 });
    expect(rig.last()[0]?.volumeToBeInfusedMl).toBeCloseTo(90, 9);
    rig.run(120 * MINUTE_MS);
    expect(harm(rig).overMl).toBeLessThan(1e-6);
    expect(harm(rig).underMl).toBeLessThan(1e-3);
  });

  it('writes a titration as a new version of the order, also one during a pause', () => {
    const rig = new BedsideRig(LVP).on();
    rig.start();
    rig.run(10 * MINUTE_MS).caregiver.changeRate(rig.pump, 'A', 120);
    expect(rig.last()[0]).toMatchObject({ orderId: 'order-1#2', rateMlPerH: 120 });
    rig.run(10 * MINUTE_MS).caregiver.pause(rig.pump, 'A');
    const count = rig.intents.length;
    rig.caregiver.changeRate(rig.pump, 'A', 30);
    expect(rig.intents.length).toBe(count);
    rig.caregiver.resume(rig.pump, 'A');
    expect(rig.last()[0]).toMatchObject({ orderId: 'order-1#3', rateMlPerH: 30 });
    expect(rig.last()[0]?.volumeToBeInfusedMl).toBeCloseTo(70, 9);
    rig.run(180 * MINUTE_MS);
    expect(harm(rig).overMl).toBeLessThan(1e-6);
    expect(harm(rig).underMl).toBeLessThan(1e-3);
  });

  it('lets an order stand through an occlusion: under-delivery while it lasts, no over-delivery after it', () => {
    const rig = new BedsideRig(LVP).on();
    const { caregiver, pump } = rig;
    rig.start();
    rig.run(10 * MINUTE_MS);
    pump.physical({ event: 'line-clamped', channel: 'A' });
    rig.run(10 * MINUTE_MS);
    expect(pump.reading().channels[0]?.therapy).toBe('stopped');
    expect(harm(rig).underMl).toBeCloseTo(10, 6);
    pump.physical({ event: 'line-opened', channel: 'A' });
    caregiver.clearAlarms(pump);
    expect(caregiver.resume(pump, 'A')).toEqual({ accepted: true });
    expect(rig.intents).toHaveLength(1);
    rig.run(200 * MINUTE_MS);
    // The whole volume went in, and the vein was kept open for a shorter time than the ledger has it.
    const { deliveredMl, intendedMl, overMl } = harm(rig);
    expect(overMl).toBe(0);
    expect(deliveredMl).toBeGreaterThan(100);
    expect(intendedMl - deliveredMl).toBeGreaterThan(0);
    expect(intendedMl - deliveredMl).toBeLessThan(1);
  });

  it.each([
    ['a bolus', LVP, {}, (rig: BedsideRig) => rig.caregiver.bolus(rig.pump, 'A', 20), 20, 500],
    ['a demand dose', PCA, PCA_ORDER, (rig: BedsideRig) => rig.caregiver.demand(rig.pump, 'A'), 1, 60],
  ])('counts %s as ordered, within the volume of the order', (_, index, order, give, doseMl, doseMlPerH) => {
    const rig = new BedsideRig(index).on();
    rig.start(order);
    const { rateMlPerH = 0, volumeToBeInfusedMl = 0 } = rig.last()[0]!;
    rig.run(30 * MINUTE_MS);
    expect(give(rig)).toEqual({ accepted: true });
    expect(rig.last()[0]).toMatchObject({
      rateMlPerH: doseMlPerH,
      volumeToBeInfusedMl: doseMl,
      keepVeinOpenMlPerH: rateMlPerH,
    });
    rig.run(5 * MINUTE_MS);
    expect(rig.last()[0]).toMatchObject({ rateMlPerH });
    expect(rig.last()[0]?.volumeToBeInfusedMl).toBeCloseTo(volumeToBeInfusedMl - rateMlPerH / 2 - doseMl, 6);
    rig.run(20 * MINUTE_MS);
    expect(harm(rig).overMl).toBeLessThan(1e-6);
    expect(harm(rig).underMl).toBeLessThan(1e-3);
  });

  it('takes back what is left of a dose that a pause cuts', () => {
    const rig = new BedsideRig(PCA).on();
    rig.start(PCA_ORDER);
    rig.run(30 * MINUTE_MS).caregiver.demand(rig.pump, 'A');
    rig.run(30_000).caregiver.pause(rig.pump, 'A');
    const count = rig.intents.length;
    rig.run(MINUTE_MS);
    expect(rig.intents.length).toBe(count);
    rig.caregiver.resume(rig.pump, 'A');
    expect(rig.last()[0]?.volumeToBeInfusedMl).toBeCloseTo(49, 9);
    rig.run(20 * MINUTE_MS);
    expect(harm(rig).overMl).toBeLessThan(1e-6);
    expect(harm(rig).underMl).toBeLessThan(1e-3);
  });

  it('ends the order with the stop key, and with the power', () => {
    const rig = new BedsideRig(LVP).on();
    rig.start();
    rig.run(MINUTE_MS).caregiver.stop(rig.pump, 'A');
    expect(rig.last()[0]).toMatchObject({ orderId: 'order-1', rateMlPerH: 0 });
    rig.start({ orderId: 'order-3' });
    expect(rig.run(MINUTE_MS).caregiver.powerCycle(rig.pump, true)).toMatchObject({ accepted: false });
    expect(rig.intents).toHaveLength(3);
    rig.caregiver.pause(rig.pump, 'A');
    expect(rig.caregiver.powerCycle(rig.pump, true)).toEqual({ accepted: true });
    expect(rig.last()[0]).toMatchObject({ orderId: 'order-3', rateMlPerH: 0 });
    expect(rig.run(70_000).caregiver.resume(rig.pump, 'A')).toMatchObject({ accepted: false });
  });

  it('hangs the bag that an order brings, and not for an order that is refused', () => {
    const rig = new BedsideRig(LVP).on();
    rig.start({ drug: 'no such drug', reservoirMl: 250 });
    expect(rig.pump.reading().channels[0]?.reservoirMl).toBe(1_000);
    rig.start({ reservoirMl: 250 });
    expect(rig.pump.reading().channels[0]?.reservoirMl).toBe(250);
    expect(rig.caregiver.hangBag(rig.pump, 'A', 500)).toEqual({ accepted: true });
    expect(rig.pump.reading().channels[0]?.reservoirMl).toBe(500);
  });

  it('keys in all that an order has', () => {
    const loading = { volumeMl: 10, rateMlPerH: 200 };
    const lvp = new BedsideRig(LVP).on();
    expect(lvp.start({ loading, weightKg: 70 })).toEqual({ accepted: true });
    expect(lvp.pump.reading().channels[0]?.programme).toMatchObject({ loading, weightKg: 70 });
    expect(lvp.last(2)).toMatchObject([
      { rateMlPerH: 60, volumeToBeInfusedMl: 100 },
      { rateMlPerH: 200, volumeToBeInfusedMl: 10 },
    ]);
    const pca = {
      demandDoseMl: 0.7,
      lockoutMinutes: 10,
      accumulatedLimitMl: 8,
      accumulatedWindowHours: 4,
    } as const;
    const patient = new BedsideRig(PCA).on();
    expect(patient.start({ ...PCA_ORDER, pca })).toEqual({ accepted: true });
    expect(patient.pump.reading().channels[0]?.programme).toMatchObject({ pca });
    patient.run(MINUTE_MS);
    expect(patient.caregiver.demand(patient.pump, 'A')).toEqual({ accepted: true });
    expect(patient.last()[0]).toMatchObject({ volumeToBeInfusedMl: 0.7 });
  });

  it('keys in a dose where the order is written by dose, and means the rate of the order', () => {
    const rig = new BedsideRig(LVP).on();
    const dose = { value: 0.05, unit: 'mcg/kg/min' };
    const ordered = { drug: 'norepinephrine', dose, weightKg: 80, volumeToBeInfusedMl: 50 };
    expect(rig.start({ ...ordered, rateMlPerH: 999 })).toEqual({ accepted: true });
    expect(rig.pump.reading().channels[0]?.programme).toMatchObject({ enteredBy: 'dose', weightKg: 80 });
    // An order that says something else than its dose shows as harm: the ledger does not ask the pump.
    expect(rig.last()[0]).toMatchObject({ rateMlPerH: 999 });
  });

  it('puts the syringe in before the programme, so that the pump judges by its size', () => {
    const rig = new BedsideRig(SYRINGE).on();
    const ordered = { drug: 'propofol', weightKg: 70, rateMlPerH: 10, volumeToBeInfusedMl: 10 };
    expect(rig.start({ ...ordered, reservoirMl: 20, syringeMl: 20 })).toEqual({ accepted: true });
    expect(rig.pump.reading().channels[0]).toMatchObject({ syringeMl: 20, therapy: 'infusing' });
    const events = rig.placed.facts.flatMap((fact) => (fact.fact === 'event' ? [fact.event] : []));
    expect(events.indexOf('reservoir-changed')).toBeLessThan(events.indexOf('programmed'));
  });

  it('hangs a second bag, which runs first, and the ledger has both orders', () => {
    const rig = new BedsideRig(LVP).on();
    rig.start();
    rig.run(10 * MINUTE_MS);
    const second = {
      orderId: 'second',
      drug: 'sodium chloride 0.9%',
      rateMlPerH: 100,
      volumeToBeInfusedMl: 50,
      reservoirMl: 52,
    };
    expect(rig.caregiver.piggyback(rig.pump, 'A', second)).toEqual({ accepted: true });
    expect(rig.pump.reading().channels[0]).toMatchObject({ mode: 'secondary' });
    rig.run(20 * MINUTE_MS);
    rig.caregiver.pause(rig.pump, 'A');
    rig.run(5 * MINUTE_MS);
    rig.caregiver.resume(rig.pump, 'A');
    rig.run(3 * 60 * MINUTE_MS);
    expect(harm(rig).overMl).toBeLessThan(1e-4);
    expect(harm(rig).underMl).toBeLessThan(1e-4);
    expect(rig.intents.map(({ orderId }) => orderId)).toContain('second');
  });

  it('ends by the ledger what nobody takes up again after a loss of power', () => {
    const rig = new BedsideRig(LVP).on();
    rig.start();
    rig.run(10 * MINUTE_MS);
    rig.caregiver.giveUp(rig.pump, 'A');
    expect(rig.last()[0]).toMatchObject({ orderId: 'order-1', rateMlPerH: 0 });
    expect(rig.caregiver.recallAndStart(rig.pump, 'A', false)).toMatchObject({ accepted: false });
  });

  it('states a paused order anew when it is recalled, with what is left by its own count', () => {
    const rig = new BedsideRig(LVP, { batteryPercent: 10 }).on();
    rig.start();
    rig.run(10 * MINUTE_MS);
    rig.caregiver.pause(rig.pump, 'A');
    rig.pump.physical({ event: 'battery-failed' });
    rig.pump.physical({ event: 'mains-lost' });
    rig.run(1_000);
    expect(rig.pump.reading().on).toBe(false);
    rig.pump.physical({ event: 'mains-restored' });
    rig.pump.physical({ event: 'battery-replaced' });
    rig.caregiver.switchOn(rig.pump, false);
    rig.run(60_000);
    expect(rig.caregiver.recallAndStart(rig.pump, 'A', false)).toEqual({ accepted: true });
    expect(rig.last()[0]).toMatchObject({ orderId: 'order-1', rateMlPerH: 60 });
    expect(rig.last()[0]?.volumeToBeInfusedMl).toBeCloseTo(90, 6);
    rig.run(60 * MINUTE_MS);
    expect(harm(rig).overMl).toBeLessThan(1e-4);
    expect(harm(rig).underMl).toBeLessThan(1e-4);
  });
});
