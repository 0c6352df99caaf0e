import { z } from 'zod';
import { FIGURE_IDS, FIGURES, type Figures } from './figures.ts';

/** What harm costs, as somebody declares it. Nothing here is known by the testbed. */
export const priceListSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where an editor finds this schema.'),
    currency: z.string().min(1).max(12).describe('As it is printed: EUR, USD.'),
    source: z
      .string()
      .min(1)
      .describe('Who declares these prices, and on what grounds. Printed with every amount.'),
    prices: z
      .array(
        z.strictObject({
          figure: z.enum(FIGURE_IDS).describe('What is counted.'),
          each: z.number().nonnegative().default(0).describe('For each unit of it.'),
          once: z.number().nonnegative().default(0).describe('Once, as soon as there is any.'),
          atLeast: z.number().nonnegative().default(0).describe('Only where there is so much of it.'),
          what: z.string().min(1).describe('What is paid for. Printed with every amount.'),
        }),
      )
      .min(1),
  })
  .describe('Prices for harm that was measured in a rehearsal.');
export type PriceList = z.infer<typeof priceListSchema>;

/** What a run would cost by a price list, in its currency. */
export function costOf({ prices }: PriceList, figures: Figures): number {
  return prices.reduce((sum, { figure, each, once, atLeast }) => {
    const counted = figures[figure];
    return counted > 0 && counted >= atLeast ? sum + once + each * counted : sum;
  }, 0);
}

/** `EUR 1,250` */
export function money({ currency }: PriceList, amount: number): string {
  return `${currency} ${amount.toLocaleString('en-GB', { maximumFractionDigits: 0 })}`;
}

/** Each price as a line: what an amount rests on. */
export function assumptionsOf({ currency, prices }: PriceList): readonly string[] {
  return prices.map(({ figure, each, once, atLeast, what }) => {
    const { unit } = FIGURES[figure];
    const parts = [
      ...(once === 0 ? [] : [`${currency} ${once.toLocaleString('en-GB')} once`]),
      ...(each === 0
        ? []
        : [`${currency} ${each.toLocaleString('en-GB')} for each of the ${unit} ${FIGURES[figure].what}`]),
    ];
    const from = atLeast === 0 ? '' : ` from ${atLeast.toLocaleString('en-GB')} ${unit} on`;
    return `${what}: ${parts.join(', and ') || 'nothing'}${from}`;
  });
}
