import { describe, expect, it } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import { type Intent, parseSerial } from '../../../protocol/index.ts';
import { harmOf } from '../../../scenarios/index.ts';
import type { BedsideAction, Fact, Pump } from '../../../simulator/pump/index.ts';
import { Caregiver } from '../../../simulator/ward/index.ts';
import type { Shift } from '../../../simulator/ward/shift.ts';
import { HOUR_MS, MINUTE_MS, modelOf } from '../pump/rig.ts';
import { BedsideRig, exactHarm, ORDER, WardRig } from './rig.ts';

describe('a bed that is handed over', () => {
  const pressed = (facts: readonly Fact[], afterMs: number) =>
    facts.filter((fact) => fact.atMs > afterMs && fact.fact === 'event' && fact.detail.by !== undefined);

  it('is left alone by the shift, and the others go on as if nothing was', () => {
    const ward = new WardRig(1, 1);
    const same = new WardRig(1, 1);
    const [mine, ...others] = ward.placed;
    const shift = ward.shift as Shift;
    shift.handOver(mine!.pump.serial);
    const count = ward.intentsOf(mine!.pump).length;
    mine!.pump.physical({ event: 'door-opened', channel: 'A' });
    ward.clock.runTo(5 * HOUR_MS);
    same.clock.runTo(5 * HOUR_MS);
    expect(pressed(mine!.facts, HOUR_MS)).toEqual([]);
    expect(mine!.pump.reading().alarms.map(({ alarm }) => alarm)).toContain('door-open');
    // A dose under way at the hand-over is still followed by its order.
    expect(ward.intentsOf(mine!.pump).length).toBeLessThanOrEqual(count + 1);
    for (const { pump, facts } of others) {
      expect(facts).toEqual(same.placed.find((one) => one.pump.serial === pump.serial)?.facts);
    }
  });

  it('is looked after again once it is taken back: alarms first, then orders', () => {
    const ward = new WardRig(1, 1);
    const { pump } = ward.placed[0]!;
    const shift = ward.shift as Shift;
    shift.handOver(pump.serial);
    pump.physical({ event: 'door-opened', channel: 'A' });
    ward.clock.runTo(2 * HOUR_MS);
    shift.takeBack(pump.serial);
    shift.takeBack(pump.serial);
    ward.clock.runTo(2 * HOUR_MS + 10 * MINUTE_MS);
    expect(pump.reading().alarms.map(({ alarm }) => alarm)).not.toContain('door-open');
    ward.clock.runTo(6 * HOUR_MS);
    const started = ward.placed[0]!.facts.filter(
      (fact) => fact.fact === 'event' && fact.event === 'infusion-started' && fact.atMs > 2 * HOUR_MS,
    );
    expect(started.length).toBeGreaterThan(0);
  });

  it('stays left alone when the shift has ended', () => {
    const ward = new WardRig(1, 1);
    const { pump, facts } = ward.placed[0]!;
    const shift = ward.shift as Shift;
    shift.handOver(pump.serial);
    shift.stop();
    shift.takeBack(pump.serial);
    ward.clock.runTo(4 * HOUR_MS);
    expect(pressed(facts, HOUR_MS)).toEqual([]);
  });
});

describe('a caregiver who presses single keys', () => {
  const { orderId: _, ...entry } = ORDER;

  function rigWith(programme: Partial<Extract<BedsideAction, { action: 'programme' }>['programme']> = {}) {
    const rig = new BedsideRig(0).on();
    const press = (action: BedsideAction) => rig.caregiver.press(rig.pump, action);
    press({ action: 'programme', channel: 'A', programme: { orderId: null, ...entry, ...programme } });
    press({ action: 'confirm', channel: 'A' });
    return { rig, press };
  }

  it('has ordered what was keyed in, once it is started, as the pump delivers it', () => {
    const { rig, press } = rigWith();
    expect(rig.intents).toEqual([]);
    expect(press({ action: 'start', channel: 'A' })).toEqual({ accepted: true });
    expect(rig.last()).toMatchObject([{ orderId: 'bedside-1', rateMlPerH: 60, volumeToBeInfusedMl: 100 }]);
    rig.run(10 * MINUTE_MS);
    press({ action: 'pause', channel: 'A' });
    rig.run(5 * MINUTE_MS);
    press({ action: 'resume', channel: 'A' });
    press({ action: 'bolus', channel: 'A', volumeMl: 5 });
    rig.run(10 * MINUTE_MS);
    press({ action: 'change-rate', channel: 'A', rateMlPerH: 90 });
    rig.run(10 * MINUTE_MS);
    press({ action: 'stop', channel: 'A' });
    expect(rig.last()).toMatchObject([{ orderId: 'bedside-1#2', rateMlPerH: 0 }]);
  });

  it('orders nothing with a start that is refused, nor with one of a programme that was stopped', () => {
    const { rig, press } = rigWith();
    press({ action: 'stop', channel: 'A' });
    expect(press({ action: 'start', channel: 'A' })).toMatchObject({ accepted: false });
    expect(rig.intents).toEqual([]);
  });

  it('presses as somebody else where that is said', () => {
    const { rig } = rigWith();
    const denied = rig.caregiver.press(rig.pump, { action: 'start', channel: 'A' }, 'patient');
    expect(denied).toMatchObject({ accepted: false });
    expect(rig.intents).toEqual([]);
  });

  it('goes by the order, not by a rate that somebody forged, when it is taken up again after the pump was off', () => {
    const { rig, press } = rigWith();
    press({ action: 'start', channel: 'A' });
    expect(rig.pump.remoteRate('A', 90)).toEqual({ accepted: true });
    press({ action: 'pause', channel: 'A' });
    expect(press({ action: 'power-off' })).toEqual({ accepted: true });
    expect(press({ action: 'power-on', newPatient: false })).toEqual({ accepted: true });
    rig.run(70_000);
    expect(press({ action: 'recall', channel: 'A' })).toEqual({ accepted: true });
    press({ action: 'confirm', channel: 'A' });
    expect(press({ action: 'start', channel: 'A' })).toEqual({ accepted: true });
    expect(rig.last()).toMatchObject([{ orderId: 'bedside-1', rateMlPerH: 60 }]);
  });

  it('ends every order with a new patient', () => {
    const { rig, press } = rigWith();
    press({ action: 'start', channel: 'A' });
    press({ action: 'stop', channel: 'A' });
    press({ action: 'power-off' });
    const count = rig.intents.length;
    press({ action: 'power-on', newPatient: true });
    expect(rig.intents).toHaveLength(count);
  });

  it('delivers no more and no less than was keyed', () => {
    const { rig, press } = rigWith();
    press({ action: 'start', channel: 'A' });
    rig.run(HOUR_MS);
    const { pump, clock, intents } = rig;
    const [harm] = harmOf({
      startMs: 0,
      endMs: clock.now(),
      intents,
      pumps: [
        { serial: pump.serial, channels: pump.model.channels, flows: pump.flow() } as unknown as Parameters<
          typeof harmOf
        >[0]['pumps'][number],
      ],
    });
    // Within the accuracy of a pump.
    expect(harm!.overMl).toBeLessThan(5);
    expect(harm!.underMl).toBeLessThan(5);
  });
});

describe('the ledger of single keys', () => {
  /** A pump that takes every key and shows back what the test says. */
  function desk(shown: object, model = 'lvp') {
    const clock = new HeapClock(0);
    const intents: Intent[] = [];
    const caregiver = new Caregiver({
      clock,
      intents: (intent) => intents.push(intent),
      libraries: [],
      role: 'nurse',
    });
    const pump = {
      serial: parseSerial('LVP-0001'),
      model: modelOf(model),
      bedside: () => ({ accepted: true }),
      channelReading: () => ({ channel: 'A', ...shown }),
    } as unknown as Pump;
    const press = (action: BedsideAction) => caregiver.press(pump, action);
    return { clock, intents, press };
  }

  const programmed = { orderId: null, drug: 'dopamine', rateMlPerH: 13.1, volumeToBeInfusedMl: 250 };

  it('takes rate and volume that the pump worked out from what it has shown back', () => {
    const { intents, press } = desk({ programme: programmed });
    const dose = { value: 5, unit: 'mcg/kg/min' };
    const entry = { orderId: null, drug: 'dopamine', dose, weightKg: 70, volumeToBeInfusedMl: 250 };
    press({ action: 'programme', channel: 'A', programme: entry });
    press({ action: 'start', channel: 'A' });
    expect(intents).toMatchObject([{ drug: 'dopamine', rateMlPerH: 13.1, volumeToBeInfusedMl: 250 }]);
  });

  it('takes a programme that is recalled as it is shown back', () => {
    const { intents, press } = desk({ programme: { ...programmed, orderId: 'order-9' } });
    press({ action: 'recall', channel: 'A' });
    press({ action: 'start', channel: 'A' });
    expect(intents).toMatchObject([{ orderId: 'order-9', rateMlPerH: 13.1 }]);
  });

  it('has a loading dose first, as part of the volume', () => {
    const { clock, intents, press } = desk({ programme: programmed });
    const loading = { volumeMl: 50, rateMlPerH: 200 };
    const entry = { orderId: 'o', drug: 'dopamine', rateMlPerH: 100, volumeToBeInfusedMl: 150, loading };
    press({ action: 'programme', channel: 'A', programme: entry });
    press({ action: 'start', channel: 'A' });
    expect(intents.at(-1)).toMatchObject({ atMs: 0, rateMlPerH: 200, volumeToBeInfusedMl: 50 });
    clock.runTo(HOUR_MS);
    expect(intents.at(-1)).toMatchObject({ atMs: HOUR_MS / 4, rateMlPerH: 100, volumeToBeInfusedMl: 100 });
  });

  it('lets the first order wait while a second bag runs, through a pause too, and then go on', () => {
    const second = { orderId: 'second', drug: 'cefazolin', rateMlPerH: 100, volumeToBeInfusedMl: 50 };
    const { clock, intents, press } = desk({ programme: programmed, secondary: { programme: second } });
    const entry = {
      orderId: 'first',
      drug: 'sodium chloride 0.9%',
      rateMlPerH: 60,
      volumeToBeInfusedMl: 100,
    };
    press({ action: 'programme', channel: 'A', programme: entry });
    press({ action: 'start', channel: 'A' });
    clock.runTo(10 * MINUTE_MS);
    press({ action: 'programme-secondary', channel: 'A', programme: second });
    press({ action: 'start-secondary', channel: 'A' });
    expect(intents.at(-1)).toMatchObject({ orderId: 'second', rateMlPerH: 100, volumeToBeInfusedMl: 50 });
    clock.runTo(25 * MINUTE_MS);
    press({ action: 'pause', channel: 'A' });
    expect(intents.at(-1)).toMatchObject({ orderId: 'second', rateMlPerH: 0 });
    clock.runTo(60 * MINUTE_MS);
    press({ action: 'resume', channel: 'A' });
    expect(intents.at(-1)).toMatchObject({ orderId: 'second', volumeToBeInfusedMl: 25 });
    clock.runTo(2 * HOUR_MS);
    expect(intents.at(-1)).toMatchObject({
      atMs: 75 * MINUTE_MS,
      orderId: 'first',
      rateMlPerH: 60,
      volumeToBeInfusedMl: 90,
    });
    press({ action: 'stop', channel: 'A' });
    expect(intents.at(-1)).toMatchObject({ orderId: 'first', rateMlPerH: 0 });
  });

  it('goes by the dose of the programme for a press of the patient, and by the shown rate for a new dose', () => {
    const reading = { programme: programmed, programmedRateMlPerH: 2.5 };
    const { intents, press } = desk(reading, 'pca');
    const pca = {
      demandDoseMl: 0.5,
      lockoutMinutes: 8,
      accumulatedLimitMl: 5,
      accumulatedWindowHours: 4,
    } as const;
    const entry = { orderId: 'o', drug: 'morphine', rateMlPerH: 1, volumeToBeInfusedMl: 50, pca };
    press({ action: 'programme', channel: 'A', programme: entry });
    press({ action: 'start', channel: 'A' });
    press({ action: 'pca-demand', channel: 'A' });
    expect(intents.at(-1)).toMatchObject({ rateMlPerH: 60, volumeToBeInfusedMl: 0.5 });
    press({ action: 'change-dose', channel: 'A', dose: 7 });
    expect(intents.at(-1)).toMatchObject({ orderId: 'o#2', rateMlPerH: 2.5 });
  });
});

describe('a second bag that is given up at the bedside', () => {
  const SECOND = {
    orderId: 'second',
    drug: 'potassium chloride peripheral',
    rateMlPerH: 60,
    volumeToBeInfusedMl: 50,
  };

  /** The first order at 60 mL/h for ten minutes, and a second bag that is programmed. */
  function programmed() {
    const rig = new BedsideRig(0).on();
    const press = (action: BedsideAction) => rig.caregiver.press(rig.pump, action);
    expect(rig.start()).toEqual({ accepted: true });
    rig.run(10 * MINUTE_MS);
    rig.pump.physical({ event: 'secondary-hung', channel: 'A', volumeMl: 50 });
    expect(press({ action: 'programme-secondary', channel: 'A', programme: SECOND })).toEqual({
      accepted: true,
    });
    const leave = () => expect(press({ action: 'stop-secondary', channel: 'A' })).toEqual({ accepted: true });
    const harm = () => exactHarm([rig.pump], rig.intents, rig.clock.now())[0]!;
    return { rig, press, leave, harm };
  }
  function running() {
    const bed = programmed();
    expect(bed.press({ action: 'start-secondary', channel: 'A' })).toEqual({ accepted: true });
    bed.rig.run(15 * MINUTE_MS);
    expect(bed.rig.last()).toMatchObject([{ orderId: 'second', rateMlPerH: 60 }]);
    return bed;
  }
  /** To the end of the first order and a while beyond it: the pump gave what the ledger says, at any time. */
  function expectAgreement({ rig, harm }: ReturnType<typeof programmed>, deliveredMl: number) {
    rig.run(3 * HOUR_MS);
    const completed = rig.placed.facts.filter(
      (fact) => fact.fact === 'event' && fact.event === 'infusion-completed',
    );
    expect(completed).toHaveLength(1);
    rig.caregiver.press(rig.pump, { action: 'stop', channel: 'A' });
    expect(harm().overMl).toBeCloseTo(0, 3);
    expect(harm().underMl).toBeCloseTo(0, 3);
    const keptOpenMl = ((rig.clock.now() - completed[0]!.atMs) * 5) / HOUR_MS;
    expect(harm().deliveredMl).toBeCloseTo(deliveredMl + keptOpenMl, 3);
  }

  it('while it runs: the first order is stated anew from there, with its rest', () => {
    const bed = running();
    bed.leave();
    expect(bed.rig.last()).toMatchObject([{ atMs: bed.rig.clock.now(), orderId: 'order-1', rateMlPerH: 60 }]);
    expect(bed.rig.last()[0]!.volumeToBeInfusedMl).toBeCloseTo(90, 9);
    const count = bed.rig.intents.length;
    // Not stated once more when the second one would have ended.
    bed.rig.run(HOUR_MS);
    expect(bed.rig.intents).toHaveLength(count);
    expectAgreement(bed, 100 + 15);
  });

  it('while it is paused: nothing is to flow until the resume, and then the first order', () => {
    const bed = running();
    bed.press({ action: 'pause', channel: 'A' });
    const count = bed.rig.intents.length;
    bed.leave();
    bed.rig.run(20 * MINUTE_MS);
    expect(bed.rig.intents).toHaveLength(count);
    bed.press({ action: 'resume', channel: 'A' });
    expect(bed.rig.last()).toMatchObject([{ atMs: bed.rig.clock.now(), orderId: 'order-1', rateMlPerH: 60 }]);
    expectAgreement(bed, 100 + 15);
  });

  it('while an alarm has stopped it: the order runs on, what the patient misses shows, and no more', () => {
    const bed = running();
    bed.rig.pump.physical({ event: 'door-opened', channel: 'A' });
    bed.rig.run(5 * MINUTE_MS);
    bed.leave();
    bed.rig.run(5 * MINUTE_MS);
    expect(bed.rig.last()).toMatchObject([{ orderId: 'order-1', rateMlPerH: 60 }]);
    expect(bed.harm().underMl).toBeCloseTo(10, 3);
    bed.rig.pump.physical({ event: 'door-closed', channel: 'A' });
    bed.press({ action: 'clear' });
    bed.press({ action: 'resume', channel: 'A' });
    bed.rig.run(30 * MINUTE_MS);
    expect(bed.harm()).toMatchObject({ overMl: 0, underMl: expect.closeTo(10, 3) });
  });

  it('before its start: not a word, and the first order has gone on', () => {
    const bed = programmed();
    const count = bed.rig.intents.length;
    bed.leave();
    expect(bed.rig.intents).toHaveLength(count);
    expect(bed.press({ action: 'start-secondary', channel: 'A' })).toMatchObject({ accepted: false });
    expectAgreement(bed, 100);
  });

  it('and none was there: a refused key writes nothing', () => {
    const rig = new BedsideRig(0).on();
    rig.start();
    const count = rig.intents.length;
    expect(rig.caregiver.press(rig.pump, { action: 'stop-secondary', channel: 'A' })).toMatchObject({
      reason: 'there is no second bag',
    });
    expect(rig.intents).toHaveLength(count);
  });
});
