import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadPrices } from '../../../scenarios/index.ts';
import { FIGURE_IDS, type FigureId, type Figures } from '../../../scenarios/report/figures.ts';
import { costOf, type PriceList } from '../../../scenarios/report/prices.ts';
import { HOUSE } from '../../../tools/house.ts';
import { tempFolder } from '../../helpers/command.ts';

const NONE = Object.fromEntries(FIGURE_IDS.map((id) => [id, 0])) as Record<FigureId, number>;

function figures(parts: Partial<Figures>): Figures {
  return { ...NONE, ...parts };
}

function list(...prices: Partial<PriceList['prices'][number]>[]): PriceList {
  const filled = prices.map((one) => ({
    figure: 'recordsRead' as const,
    each: 0,
    once: 0,
    atLeast: 0,
    what: 'x',
    ...one,
  }));
  return { currency: 'EUR', source: 'test', prices: filled };
}

it('costs nothing where nothing was counted', () => {
  expect(costOf(list({ each: 5, once: 100 }), figures({}))).toBe(0);
});

it('adds what is paid once to what is paid for each', () => {
  expect(costOf(list({ each: 5, once: 100 }), figures({ recordsRead: 3 }))).toBe(115);
  expect(
    costOf(list({ each: 5 }, { figure: 'overMl', once: 7 }), figures({ recordsRead: 3, overMl: 0.4 })),
  ).toBe(22);
});

it('counts a price only from its threshold on', () => {
  const prices = list({ once: 1_000, atLeast: 500 });
  expect(costOf(prices, figures({ recordsRead: 499 }))).toBe(0);
  expect(costOf(prices, figures({ recordsRead: 500 }))).toBe(1_000);
});

it('ships an example that says of itself that it is made up', () => {
  const example = join(HOUSE, 'scenarios/prices.example.yaml');
  expect(loadPrices(example).source).toMatch(/Fictitious/);
  expect(readFileSync(example, 'utf8')).toContain('Made up');
});

it('names the place of a mistake', () => {
  const file = join(tempFolder(), 'prices.yaml');
  writeFileSync(
    file,
    'currency: EUR\nsource: me\nprices:\n  - figure: recordsReed\n    each: -1\n    what: x\n',
  );
  expect(() => loadPrices(file)).toThrow(
    /prices\.yaml:4:\d+: .*did you mean "recordsRead"[\s\S]*prices\.yaml:5:\d+: /,
  );
});
