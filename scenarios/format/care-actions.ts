import { z } from 'zod';
import { commandFields, hasItsFigure, needsItsFigure } from './commands.ts';
import { channelSchema, nameSchema, pumpSchema, rateSchema, volumeSchema } from './values.ts';
import { verb } from './verb.ts';

/** What nurses do at the bedside with an order, and from their station. */

const bedside = { pump: pumpSchema, channel: channelSchema.optional() };
const order = {
  ...bedside,
  orderId: nameSchema.optional().describe('Absent: the engine numbers the order.'),
  drug: z.string().min(1).describe('Name of an entry of the drug library in use.'),
  rateMlPerH: rateSchema.describe('Ordered rate in mL/h.'),
  keyedRateMlPerH: rateSchema
    .optional()
    .describe('What is keyed in instead, by mistake; the order stays what it is. Absent: the ordered rate.'),
  volumeToBeInfusedMl: volumeSchema.describe('Ordered volume in mL.'),
  weightKg: z
    .number()
    .positive()
    .optional()
    .describe('Of the patient; drugs with hard limits per kilogram need it.'),
  reservoirMl: volumeSchema
    .optional()
    .describe('Content of a new bag or syringe, hung first; absent: no change.'),
};

export const programmeAndStart = verb(
  'programme-and-start',
  'Somebody programmes an order at the bedside and starts it.',
  order,
);
export const programme = verb(
  'programme',
  'Somebody programmes an order at the bedside and confirms it; the pump is ready, and somebody starts it later.',
  order,
);
export const start = verb('start', 'Somebody starts what is programmed and confirmed.', bedside);
export const changeRate = verb(
  'change-rate',
  'Somebody changes the rate of a running or paused infusion at the bedside, by a new version of the order.',
  { ...bedside, rateMlPerH: rateSchema.describe('Ordered rate in mL/h.') },
);
export const bolus = verb('bolus', 'Somebody gives a bolus out of the running infusion at the bedside.', {
  ...bedside,
  volumeMl: z.number().positive().max(999).describe('In mL.'),
});
export const command = verb(
  'command',
  "A nurse commands a pump from the nurses' station, signed with the nurse's own key. What the pump does of it is ordered.",
  {
    ...commandFields,
    station: nameSchema.default('station-01').describe("The nurses' station that sends it."),
    nurse: nameSchema.default('nurse-01').describe('Who signs it.'),
  },
).refine(hasItsFigure, needsItsFigure);
