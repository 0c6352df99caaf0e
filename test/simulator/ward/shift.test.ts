import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../simulator/pump/index.ts';
import { HOUR_MS, MINUTE_MS } from '../pump/rig.ts';
import { exactHarm, type Placed, WardRig } from './rig.ts';

const SEEDS = [1, 2, 3, 4, 5];
const wards = new Map(SEEDS.map((seed) => [seed, new WardRig(seed, 4)]));

function eventsOf(facts: readonly Fact[], event: string) {
  return facts.filter((fact) => fact.fact === 'event').filter((fact) => fact.event === event);
}

function alarmsOf(facts: readonly Fact[], change: string) {
  return facts.filter((fact) => fact.fact === 'alarm').filter((fact) => fact.change === change);
}

function harmIn(ward: WardRig) {
  return exactHarm(
    ward.placed.map(({ pump }) => pump),
    ward.intents,
    ward.clock.now(),
  );
}

describe.each(SEEDS)('a shift after four hours, seed %i', (seed) => {
  const ward = wards.get(seed)!;

  it('has most pumps at work, and every pump on and tested', () => {
    const therapies = ward.placed.map(({ pump }) => pump.reading().channels[0]!.therapy);
    expect(therapies.filter((one) => one === 'infusing').length).toBeGreaterThanOrEqual(7);
    for (const { facts } of ward.placed) {
      const tested = eventsOf(facts, 'self-test-passed')[0];
      expect(tested?.atMs).toBeLessThan(8 * MINUTE_MS);
    }
  });

  it('answers every alarm within six minutes', () => {
    expect(alarmsOf(ward.facts, 'raised').length).toBeGreaterThan(3);
    for (const { facts } of ward.placed) {
      for (const raised of alarmsOf(facts, 'raised')) {
        if (raised.atMs > ward.clock.now() - 6 * MINUTE_MS) continue;
        const answer = facts.find(
          (fact) =>
            fact.fact === 'alarm' &&
            fact.alarm === raised.alarm &&
            fact.change !== 'raised' &&
            fact.atMs >= raised.atMs,
        );
        expect(answer, JSON.stringify(raised)).toBeDefined();
        expect(answer!.atMs - raised.atMs).toBeLessThanOrEqual(6 * MINUTE_MS);
      }
    }
  });

  it('leaves no infusion stopped for long', () => {
    for (const { pump } of ward.placed) {
      for (const { raisedAtMs, priority } of pump.reading().alarms) {
        if (priority === 'high') expect(ward.clock.now() - raisedAtMs).toBeLessThan(6 * MINUTE_MS);
      }
    }
  });

  it('has a start, a pause and a resume in the ledger for each that the pumps report', () => {
    for (const { pump, facts } of ward.placed) {
      const intents = ward.intentsOf(pump);
      const times = intents.map(({ atMs }) => atMs);
      for (const event of [
        'secondary-started',
        'infusion-paused',
        'rate-changed',
        'bolus-started',
        'pca-dose-started',
      ]) {
        for (const fact of eventsOf(facts, event)) expect(times).toContain(fact.atMs);
      }
      for (const started of eventsOf(facts, 'infusion-started')) {
        // What was recalled runs on in the ledger: nobody had meant it to stop.
        const recalled = facts.some(
          (fact) =>
            fact.fact === 'event' &&
            fact.event === 'programmed' &&
            fact.atMs === started.atMs &&
            fact.detail.recalled === true,
        );
        if (recalled) continue;
        expect(times).toContain(started.atMs);
        // A loading dose follows at the same instant.
        const intent = intents.find(
          ({ atMs, channel, rateMlPerH }) =>
            atMs === started.atMs && channel === started.channel && rateMlPerH > 0,
        )!;
        expect(intent).toMatchObject({
          orderId: started.detail.orderId,
          drug: started.detail.drug,
          rateMlPerH: started.detail.rateMlPerH,
          volumeToBeInfusedMl: started.detail.volumeToBeInfusedMl,
        });
      }
    }
  });

  it('delivers what was ordered, never more, and less only where a line was clamped or an alarm stopped it', () => {
    for (const { serial, overMl, underMl } of harmIn(ward)) {
      const { facts } = ward.placed.find(({ pump }) => pump.serial === serial)!;
      expect(overMl, serial).toBeLessThan(1e-6);
      const disturbed =
        eventsOf(facts, 'infusion-interrupted').length > 0 ||
        ward.disturbed.has(serial) ||
        eventsOf(facts, 'power-failed').length > 0;
      if (!disturbed) expect(underMl, serial).toBeLessThan(0.01);
    }
  });

  it('has nurses who press no key that is refused', () => {
    const refused = eventsOf(ward.facts, 'action-refused').filter(({ detail }) => detail.by === 'nurse');
    expect(refused.map(({ detail }) => detail)).toEqual([]);
  });
});

describe('a shift', () => {
  it('gives about four pumps in five an order, and leaves some in standby', () => {
    const count = (hit: (placed: Placed) => boolean) =>
      [...wards.values()].flatMap(({ placed }) => placed).filter(hit).length / (SEEDS.length * 12);
    const started = count(({ facts }) =>
      eventsOf(facts, 'infusion-started').some(({ atMs }) => atMs < 20 * MINUTE_MS),
    );
    expect(started).toBeGreaterThan(0.7);
    expect(started).toBeLessThan(0.92);
    expect(count(({ pump }) => pump.reading().channels[0]?.therapy === 'standby')).toBeGreaterThan(0.02);
  });

  it('brings occlusions, about one in ten hours of infusion', () => {
    const occlusions = [...wards.values()].flatMap(({ facts }) =>
      alarmsOf(facts, 'raised').filter(({ alarm }) => alarm === 'downstream-occlusion'),
    );
    // Sixteen channels a ward, four hours, about two thirds of them infusing.
    const hours = SEEDS.length * 16 * 4 * 0.67;
    expect(occlusions.length).toBeGreaterThan(hours / 20);
    expect(occlusions.length).toBeLessThan(hours / 5);
  });

  it('has all that a shift has: titrations, pauses, bags, demand doses, boluses, overrides, completed orders', () => {
    const all = [...wards.values()].flatMap(({ facts }) => facts);
    for (const event of [
      'rate-changed',
      'infusion-paused',
      'reservoir-changed',
      'pca-dose-started',
      'bolus-started',
      'soft-limit-overridden',
      'infusion-completed',
      'mains-lost',
      'mains-restored',
      'loading-dose-completed',
      'secondary-completed',
    ]) {
      expect(eventsOf(all, event).length, event).toBeGreaterThan(0);
    }
  });

  it('gives the same facts and the same ledger for the same seed', () => {
    const again = new WardRig(1, 4);
    expect(again.facts).toEqual(wards.get(1)!.facts);
    expect(again.intents).toEqual(wards.get(1)!.intents);
    expect(wards.get(2)!.facts).not.toEqual(again.facts);
  });

  it('changes nothing for the others when a pump is added, wherever it stands', () => {
    const more = new WardRig(1, 4, 13, {}, 'last-first');
    const bySerial = new Map(more.placed.map((one) => [one.pump.serial, one]));
    for (const { pump, facts } of wards.get(1)!.placed) {
      expect(bySerial.get(pump.serial)?.facts).toEqual(facts);
      expect(more.intentsOf(pump)).toEqual(wards.get(1)!.intentsOf(pump));
    }
  });

  it('plugs in a pump whose battery runs low', () => {
    const ward = new WardRig(6, 8, 12, { batteryPercent: 4 });
    expect(alarmsOf(ward.facts, 'raised').filter(({ alarm }) => alarm === 'battery-low')).not.toEqual([]);
    expect(alarmsOf(ward.facts, 'raised').filter(({ alarm }) => alarm === 'battery-depleted')).toEqual([]);
  });

  it('switches a pump on again whose battery ran out, and starts a new order', () => {
    const ward = new WardRig(6, 0.25, 12, { batteryPercent: 1 });
    for (let turn = 0; turn < 60; turn++) {
      for (const { pump } of ward.placed) {
        if (pump.reading().power === 'mains') pump.physical({ event: 'mains-lost' });
      }
      ward.clock.runTo(ward.clock.now() + 30_000);
    }
    const failed = ward.placed.filter(({ facts }) => eventsOf(facts, 'power-failed').length > 0);
    expect(failed.length).toBeGreaterThan(0);
    ward.clock.runTo(ward.clock.now() + 4 * HOUR_MS);
    for (const { pump, facts } of failed) {
      expect(pump.reading()).toMatchObject({ on: true });
      const failedAtMs = eventsOf(facts, 'power-failed').at(-1)!.atMs;
      const restarted = eventsOf(facts, 'powered-on').find(({ atMs }) => atMs > failedAtMs);
      expect(restarted?.detail.newPatient).toBe(false);
    }
    const started = failed.flatMap(({ facts }) =>
      eventsOf(facts, 'infusion-started').filter(
        ({ atMs }) => atMs > eventsOf(facts, 'power-failed').at(-1)!.atMs,
      ),
    );
    expect(started.length).toBeGreaterThan(0);
  });

  it('takes a new patient in with a power-on, and goes by a new token then', () => {
    const ward = new WardRig(7, 24);
    const admissions = ward.placed.map(
      ({ facts }) => eventsOf(facts, 'powered-on').filter(({ detail }) => detail.newPatient === true).length,
    );
    expect(Math.max(...admissions)).toBeGreaterThan(1);
    const busiest = ward.placed[admissions.indexOf(Math.max(...admissions))]!;
    const stays = new Set(ward.intentsOf(busiest.pump).map(({ orderId }) => orderId.slice(0, 13)));
    expect(stays.size).toBeGreaterThan(1);
  });

  it('keeps beds of one model out of step, though their serials are alike', () => {
    for (const ward of wards.values()) {
      for (const model of ['lvp', 'syringe', 'pca']) {
        const tokens = ward.placed
          .filter(({ pump }) => pump.model.id === model)
          .flatMap(({ pump }) => ward.intentsOf(pump).slice(0, 1))
          .map(({ orderId }) => Number.parseInt(orderId.slice(5, 13), 16) / 0x7fffffff);
        if (tokens.length < 2) continue;
        expect(Math.max(...tokens) - Math.min(...tokens), model).toBeGreaterThan(0.1);
      }
    }
  });

  it('leaves the pumps to themselves once it is stopped', () => {
    const ward = new WardRig(1, 2);
    ward.shift.stop();
    const count = ward.intents.length;
    ward.clock.runTo(6 * HOUR_MS);
    // Doses and second bags under way at the stop are still followed by their orders; no more comes after them.
    const followed = ward.intents.slice(count).map(({ serial, channel }) => `${serial}/${channel}`);
    expect(new Set(followed).size).toBe(followed.length);
    expect(nursePresses(ward.placed, 2 * HOUR_MS)).toBe(0);
  });
});

function nursePresses(placed: readonly Placed[], afterMs: number): number {
  return placed
    .flatMap(({ facts }) => facts)
    .filter((fact) => fact.fact === 'event' && fact.atMs > afterMs && fact.detail.by !== undefined).length;
}
