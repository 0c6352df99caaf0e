import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../clock/index.ts';
import { judgeProgramme } from '../../../simulator/pump/index.ts';
import { nextOrder } from '../../../simulator/ward/order-book.ts';
import { modelOf, sampleLibrary } from '../pump/rig.ts';

const COUNT = 400;

function orders(modelId: string, careArea: string) {
  const random = seededRandom(11);
  const model = modelOf(modelId);
  const library = sampleLibrary(careArea);
  const made = Array.from({ length: COUNT }, (_, index) => nextOrder(model, library, random, `o-${index}`));
  return { model, library, made: made.filter((order) => order !== undefined) };
}

describe.each([
  ['lvp', 20, 250],
  ['syringe', 0.5, 20],
  ['pca', 0.2, 1.5],
])('orders for a pump %s', (modelId, least, most) => {
  it.each(['adult-icu', 'adult-ward', 'paediatrics'])('keep to the limits and habits of %s', (careArea) => {
    const { model, library, made } = orders(modelId, careArea);
    expect(made.length).toBeGreaterThan(COUNT * 0.95);
    for (const order of made) {
      const verdict = judgeProgramme({ model, library, drug: order.drug }, order);
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
});

describe('an order', () => {
  it('is for an opioid where the patient has a button', () => {
    const drugs = new Set(orders('pca', 'adult-ward').made.map(({ drug }) => drug));
    expect([...drugs].sort()).toEqual(['hydromorphone', 'morphine']);
  });

  it('is not made where the library has nothing that fits', () => {
    const library = sampleLibrary('adult-ward');
    const fluids = { ...library, entries: library.entries.filter(({ doseUnit }) => doseUnit === 'mL/h') };
    expect(nextOrder(modelOf('pca'), fluids, seededRandom(1), 'o-1')).toBeUndefined();
    expect(nextOrder(modelOf('syringe'), fluids, seededRandom(1), 'o-1')).toBeUndefined();
    expect(nextOrder(modelOf('lvp'), fluids, seededRandom(1), 'o-1')).toBeDefined();
  });
});
