import { z } from 'zod';

const positive = z.number().positive();

/** A pump model as its file has it. Units are in the names. */
export const pumpModelSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  title: z.string().min(1),
  hardwareRevision: z.string().min(1),
  /** GS1 (01) device identifier, 14 digits; synthetic: the leading 0999 belongs to nobody. */
  udiDeviceIdentifier: z
    .string()
    .regex(/^0999\d{10}$/, 'not a synthetic device identifier: 0999 and 10 digits'),
  serialPrefix: z.string().regex(/^[A-Z]{3}$/),
  channels: z
    .array(z.string().regex(/^[A-Z]$/))
    .min(1)
    .refine((ids) => new Set(ids).size === ids.length, 'a channel is named twice'),
  rateMlPerH: z
    .strictObject({ min: positive, max: positive.max(999), step: positive })
    .refine((range) => range.min <= range.max, 'min is above max'),
  volumeToBeInfusedMl: z
    .strictObject({ min: positive, max: positive.max(9_999) })
    .refine((range) => range.min <= range.max, 'min is above max'),
  /** What a full bag, syringe or cassette holds. */
  reservoirMl: positive,
  /** `0`: the model stops when complete. Never above the infusion's own rate when it runs. */
  keepVeinOpenMlPerH: z.number().nonnegative().max(20),
  /** `null`: the model gives no bolus. */
  bolus: z.strictObject({ rateMlPerH: positive, maxMl: positive }).nullable(),
  /** Patient-controlled analgesia; `null`: no patient's button. */
  pca: z
    .strictObject({
      demandDoseMl: positive,
      doseRateMlPerH: positive,
      lockoutMinutes: z.number().min(5),
      accumulatedLimitMl: positive,
      accumulatedWindowHours: z.union([z.literal(1), z.literal(2), z.literal(4)]),
    })
    .nullable(),
  occlusionLimitMmHg: z.number().min(25).max(1_034),
  airLimitMicroL: z.number().min(50).max(250),
  line: z.strictObject({
    complianceMlPerMmHg: positive,
    backPressureMmHg: z.number().nonnegative(),
    resistanceMmHgPerMlPerH: z.number().nonnegative(),
    stallMmHg: positive,
  }),
  battery: z.strictObject({ minutes: positive, chargeMinutes: positive }),
  /** At most 70 s [GIP]; each pump takes its own time within the range. */
  selfTestSeconds: z
    .strictObject({ min: positive, max: positive.max(70) })
    .refine((range) => range.min <= range.max, 'min is above max'),
  updateSeconds: positive,
});

/** A pump model: data over one machine. */
export type PumpModel = Readonly<z.infer<typeof pumpModelSchema>>;
