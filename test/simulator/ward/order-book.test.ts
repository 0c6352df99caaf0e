import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../clock/index.ts';
import { entryOf } from '../../../protocol/drug-library/index.ts';
import { judgeBolus, judgeProgramme, judgeRate } from '../../../simulator/pump/limits.ts';
import { resolveProgramme } from '../../../simulator/pump/programming.ts';
import { type BedOrder, nextOrder, titration } from '../../../simulator/ward/order-book.ts';
import { modelOf, sampleLibrary } from '../pump/rig.ts';

const COUNT = 400;
const CARE_AREAS = ['adult-icu', 'adult-ward', 'paediatrics'];

function orders(modelId: string, careArea: string) {
  const random = seededRandom(11);
  const model = modelOf(modelId);
  const library = sampleLibrary(careArea);
  const made = Array.from({ length: COUNT }, (_, index) =>
    nextOrder(model, library, random, `stay${index}-1`),
  );
  return { model, library, made: made.filter((order) => order !== undefined) };
}

/** What the pump makes of an order, keyed in as it is written. */
function keyedIn(order: BedOrder, { model, library }: Pick<ReturnType<typeof orders>, 'model' | 'library'>) {
  const { orderId, drug, rateMlPerH, volumeToBeInfusedMl, dose, weightKg, loading, pca } = order;
  const syringeMl = order.syringeMl ?? null;
  const question = { model, library, drug, syringeMl };
  const result = resolveProgramme(question, {
    orderId,
    drug,
    volumeToBeInfusedMl,
    ...(dose === undefined ? { rateMlPerH } : { dose }),
    ...(weightKg === undefined ? {} : { weightKg }),
    ...(loading === undefined ? {} : { loading }),
    ...(pca === undefined ? {} : { pca }),
  });
  if (!result.ok) throw new Error(`${result.reason}: ${JSON.stringify(order)}`);
  return { question, programme: result.programme };
}

describe.each([
  ['lvp', 20, 250],
  ['syringe', 0.5, 20],
  ['pca', 0.2, 1.5],
])('orders for a pump %s', (modelId, least, most) => {
  it.each(CARE_AREAS)('keep to the limits and habits of %s', (careArea) => {
    const { model, library, made } = orders(modelId, careArea);
    expect(made.length).toBeGreaterThan(COUNT * 0.95);
    for (const order of made) {
      const { question, programme } = keyedIn(order, { model, library });
      const verdict = judgeProgramme(question, programme);
      // The ledger has the very rate that the pump will work out.
      expect(programme.rateMlPerH, JSON.stringify(order)).toBe(order.rateMlPerH);
      if (order.overrideSoftLimit === true) expect(verdict).toMatchObject({ limit: 'soft' });
      else {
        expect(verdict, JSON.stringify(order)).toEqual({ within: true });
        expect(order.rateMlPerH).toBeGreaterThanOrEqual(least);
        expect(order.rateMlPerH).toBeLessThanOrEqual(most);
      }
    }
    const overrides = made.filter(({ overrideSoftLimit }) => overrideSoftLimit === true);
    expect(overrides.length).toBeLessThan(COUNT * 0.12);
  });

  it.each(CARE_AREAS)('allow a bolus only within all limits of %s', (careArea) => {
    const { model, library, made } = orders(modelId, careArea);
    for (const { drug, weightKg, bolusMaxMl } of made) {
      if (bolusMaxMl === 0) continue;
      expect(judgeBolus({ model, library, drug, weightKg: weightKg ?? null }, bolusMaxMl)).toEqual({
        within: true,
      });
    }
    expect(made.some(({ bolusMaxMl }) => bolusMaxMl > 0)).toBe(modelId !== 'pca');
  });
});

describe('an order', () => {
  it('is for an opioid where the patient has a button', () => {
    const drugs = new Set(orders('pca', 'adult-ward').made.map(({ drug }) => drug));
    expect([...drugs].sort()).toEqual(['hydromorphone', 'morphine']);
  });

  it('for a button says what may be pressed for, and never asks for more than hangs', () => {
    const { made } = orders('pca', 'adult-icu');
    for (const { volumeToBeInfusedMl, containerMl } of made) {
      expect(volumeToBeInfusedMl).toBeLessThanOrEqual(containerMl);
    }
    const settings = made.flatMap(({ pca }) => (pca === undefined ? [] : [pca]));
    expect(settings.length).toBeGreaterThan(COUNT * 0.9);
    expect(new Set(settings.map(({ lockoutMinutes }) => lockoutMinutes)).size).toBeGreaterThan(3);
    expect(new Set(settings.map(({ accumulatedWindowHours }) => accumulatedWindowHours)).size).toBe(3);
    for (const { demandDoseMl, accumulatedLimitMl } of settings) {
      expect(accumulatedLimitMl).toBeGreaterThan(demandDoseMl);
    }
  });

  it.each([
    ['lvp', 100],
    ['syringe', 20],
    ['pca', 50],
  ])('for a %s pump hangs more than it asks of a container, even of %d mL', (model, smallestMl) => {
    const { made } = orders(model, 'adult-icu');
    expect(Math.min(...made.map(({ containerMl }) => containerMl))).toBe(smallestMl);
    for (const { reservoirMl, containerMl, secondary } of made) {
      expect(reservoirMl).toBeGreaterThanOrEqual(containerMl * 1.01);
      // What a clamp for a syringe of that size takes.
      expect(reservoirMl).toBeLessThanOrEqual(containerMl * 1.1);
      if (secondary !== undefined)
        expect(secondary.reservoirMl).toBeGreaterThanOrEqual(secondary.volumeToBeInfusedMl * 1.01);
    }
  });

  it('is not made where the library has nothing that fits', () => {
    const library = sampleLibrary('adult-ward');
    const fluids = { ...library, entries: library.entries.filter(({ doseUnit }) => doseUnit === 'mL/h') };
    expect(nextOrder(modelOf('pca'), fluids, seededRandom(1), 'o-1')).toBeUndefined();
    expect(nextOrder(modelOf('syringe'), fluids, seededRandom(1), 'o-1')).toBeUndefined();
    expect(nextOrder(modelOf('lvp'), fluids, seededRandom(1), 'o-1')).toBeDefined();
  });

  it('is often written by dose, and then gives another rate than a round one now and then', () => {
    const { made } = orders('syringe', 'adult-icu');
    const byDose = made.filter(({ dose }) => dose !== undefined);
    expect(byDose.length).toBeGreaterThan(COUNT * 0.3);
    expect(byDose.length).toBeLessThan(COUNT * 0.6);
    expect(
      byDose.some(({ rateMlPerH }) => Math.abs(rateMlPerH * 10 - Math.round(rateMlPerH * 10)) > 1e-6),
    ).toBe(true);
    expect(orders('pca', 'adult-icu').made.some(({ dose }) => dose !== undefined)).toBe(false);
  });

  it('has the weight of the stay, of a child among children', () => {
    const random = seededRandom(11);
    const library = sampleLibrary('paediatrics');
    const of = (orderId: string) => nextOrder(modelOf('syringe'), library, random, orderId)?.weightKg;
    const first = of('stay-0001-1');
    expect(first).toBeGreaterThan(0);
    expect(of('stay-0001-2')).toBe(first);
    expect(of('stay-0001-37')).toBe(first);
    expect(of('stay-0002-1')).not.toBe(first);
    const weights = orders('lvp', 'paediatrics').made.map(({ weightKg }) => weightKg ?? 0);
    expect(Math.min(...weights)).toBeGreaterThanOrEqual(5);
    expect(weights.filter((weightKg) => weightKg < 15).length).toBeGreaterThan(COUNT / 4);
    expect(Math.max(...weights)).toBeLessThanOrEqual(50);
    expect(
      Math.min(...orders('lvp', 'adult-ward').made.map(({ weightKg }) => weightKg ?? 0)),
    ).toBeGreaterThanOrEqual(40);
  });

  it('has a weight for a drug that goes by it, even where the library states none', () => {
    const { weightLimitsKg: _, ...library } = sampleLibrary('adult-icu');
    const random = seededRandom(5);
    for (let index = 0; index < COUNT; index++) {
      const order = nextOrder(modelOf('lvp'), library, random, `stay${index}-1`);
      if (order === undefined) continue;
      const perKg = entryOf(library, order.drug)?.doseUnit.includes('/kg') === true;
      expect(order.weightKg !== undefined).toBe(perKg);
    }
  });

  it('names the syringe, and begins with a loading dose or has a second bag now and then', () => {
    const syringes = new Set(orders('syringe', 'adult-icu').made.map(({ syringeMl }) => syringeMl));
    expect([...syringes].sort()).toEqual([20, 50]);
    const { made, model, library } = orders('lvp', 'adult-ward');
    expect(made.every(({ syringeMl }) => syringeMl === undefined)).toBe(true);
    expect(made.filter(({ loading }) => loading !== undefined).length).toBeGreaterThan(20);
    const seconds = made.flatMap(({ secondary }) => (secondary === undefined ? [] : [secondary]));
    expect(seconds.length).toBeGreaterThan(20);
    for (const second of seconds) {
      const { drug, rateMlPerH, volumeToBeInfusedMl } = second;
      expect(judgeRate({ model, library, drug, weightKg: second.weightKg ?? null }, rateMlPerH)).toEqual({
        within: true,
      });
      expect(second.reservoirMl).toBeGreaterThanOrEqual(volumeToBeInfusedMl);
    }
    const single = { ...model, secondary: false };
    const random = seededRandom(11);
    for (let index = 0; index < COUNT; index++) {
      expect(nextOrder(single, library, random, `stay${index}-1`)?.secondary).toBeUndefined();
    }
    for (const id of ['syringe', 'pca']) {
      expect(orders(id, 'adult-ward').made.every(({ secondary }) => secondary === undefined)).toBe(true);
    }
  });
});

describe('a titration', () => {
  it('keeps to what the patient weighs', () => {
    const model = modelOf('syringe');
    const library = sampleLibrary('paediatrics');
    const question = { model, library, drug: 'morphine', weightKg: 6 };
    // 40 mcg/kg/h of 200 mcg/mL are 1.2 mL/h at 6 kg.
    const running = { drug: 'morphine', rateMlPerH: 1.2, weightKg: 6 };
    const random = seededRandom(3);
    const rates = Array.from({ length: 200 }, () => titration(model, library, running, random));
    const changed = rates.filter((rate) => rate !== undefined);
    expect(changed.length).toBeGreaterThan(20);
    for (const { rateMlPerH, overrideSoftLimit } of changed) {
      expect(judgeRate(question, rateMlPerH).within).toBe(!overrideSoftLimit);
    }
    expect(changed.some(({ overrideSoftLimit }) => overrideSoftLimit)).toBe(true);
  });
});
