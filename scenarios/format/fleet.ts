import { z } from 'zod';
import { parseSerial, type Serial } from '../../protocol/index.ts';
import { durationSchema } from './duration.ts';
import { channelSchema, nameSchema, pumpSchema, rateSchema, versionSchema, volumeSchema } from './values.ts';

export const MODELS = ['lvp', 'syringe', 'pca'] as const;
export type Model = (typeof MODELS)[number];

/** What stands before the number where a fleet entry does not name its serials. */
const SERIAL_PREFIX = { lvp: 'LVP', syringe: 'SYR', pca: 'PCA' } as const satisfies Record<Model, string>;

export const therapySchema = z
  .strictObject({
    channel: channelSchema.optional(),
    drug: z.string().min(1).describe('Name of an entry of the drug library in use.'),
    rateMlPerH: rateSchema.describe('Ordered rate in mL/h.'),
    volumeToBeInfusedMl: volumeSchema.describe(
      'Ordered volume in mL, after which the pump keeps the vein open.',
    ),
    weightKg: z
      .number()
      .positive()
      .optional()
      .describe('Of the patient; drugs with hard limits per kilogram need it.'),
    startAt: durationSchema.describe('When the bedside starts it, counted from the start of the rehearsal.'),
    reservoirMl: volumeSchema
      .optional()
      .describe('What the bag or syringe holds; absent: enough for the order.'),
  })
  .describe('An order, programmed at the bedside and started. It is written into the intent ledger.');

export const fleetEntrySchema = z.strictObject({
  model: z
    .enum(MODELS)
    .describe('lvp: large-volume pump; syringe: syringe pump; pca: patient-controlled analgesia.'),
  serial: pumpSchema.optional().describe('Serial number; absent: made from the model and a running number.'),
  count: z
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe('How many such pumps; only without `serial`. Absent: one.'),
  careArea: nameSchema.describe('Care area whose drug library the pumps follow.'),
  firmware: versionSchema.describe('Firmware version, which names a personality with its weaknesses.'),
  libraryVersion: versionSchema
    .optional()
    .describe('Drug library in use at the start; absent: the shipped one.'),
  therapy: therapySchema.optional(),
});
export type FleetEntry = z.infer<typeof fleetEntrySchema>;
export type Therapy = z.infer<typeof therapySchema>;

/** One pump of the fleet, after `count` has been spelled out. */
export interface FleetPump {
  readonly serial: Serial;
  readonly model: Model;
  readonly careArea: string;
  readonly firmware: string;
  readonly libraryVersion?: string | undefined;
  readonly therapy?: Therapy | undefined;
}

/**
 * Spells out a fleet, in the order of the file. Pumps without a serial get the first free one of `LVP-0001`,
 * `SYR-0001` or `PCA-0001` upwards.
 */
export function expandFleet(fleet: readonly FleetEntry[]): FleetPump[] {
  const taken = new Set<string>(fleet.flatMap((entry) => entry.serial ?? []));
  return fleet.flatMap(({ count, serial, ...pump }) =>
    Array.from({ length: serial === undefined ? (count ?? 1) : 1 }, () => ({
      ...pump,
      serial: serial ?? nextSerial(pump.model, taken),
    })),
  );
}

function nextSerial(model: Model, taken: Set<string>): Serial {
  for (let number = 1; ; number++) {
    const serial = parseSerial(`${SERIAL_PREFIX[model]}-${String(number).padStart(4, '0')}`);
    if (serial === undefined || taken.has(serial)) continue;
    taken.add(serial);
    return serial;
  }
}
