import { describe, expect, it } from 'vitest';
import { harmOf } from '../../../scenarios/index.ts';
import { MINUTE_MS } from '../pump/rig.ts';
import { BedsideRig, PCA_ORDER } from './rig.ts';

const LVP = 0;
const PCA = 2;
const ON_MS = 70_000;

function harm(rig: BedsideRig) {
  const { pump, clock, intents } = rig;
  return harmOf({
    startMs: 0,
    endMs: clock.now(),
    intents,
    pumps: [
      { serial: pump.serial, channels: pump.model.channels, flows: pump.flow() } as unknown as Parameters<
        typeof harmOf
      >[0]['pumps'][number],
    ],
  })[0]!;
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
});
