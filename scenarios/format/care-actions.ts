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
export const patientDemand = verb('patient-demand', 'The patient presses the button of a PCA pump.', bedside);
export const hangBag = verb('hang-bag', 'Somebody hangs a new bag; no key is pressed for that.', {
  ...bedside,
  volumeMl: volumeSchema.describe('What is in it, in mL.'),
});
export const letAirIn = verb('let-air-in', 'A bubble comes into the line.', {
  ...bedside,
  volumeMicroL: z.number().positive().max(1_000).describe('How large, in µL.'),
});
export const purgeAir = verb('purge-air', 'Somebody takes the air out of the line.', bedside);
export const unplug = verb(
  'unplug',
  'Somebody unplugs a pump, such as for transport; it runs on its battery.',
  {
    pump: pumpSchema,
  },
);
export const plugIn = verb('plug-in', 'Somebody plugs a pump in again.', { pump: pumpSchema });
export const unlockKeypad = verb('unlock-keypad', 'Somebody keys in a code at a locked keypad.', {
  pump: pumpSchema,
  code: z.enum(['right', 'mistyped']).describe("Right: the ward's; mistyped: nearly that."),
});
