import { z } from 'zod';
import { componentSchema } from '../../protocol/firmware/index.ts';

const positive = z.number().positive();

/** The size of a syringe and the fastest that its plunger may be driven. */
const syringeSchema = z.strictObject({ sizeMl: positive, maximumRateMlPerH: positive.max(999) });

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
  /** The sizes that the barrel sensor knows; `null`: the model takes no syringe. */
  syringes: z.array(syringeSchema).min(1).nullable(),
  /** What the sensors of the channel see open or loose. */
  holds: z.enum(['door', 'syringe']),
  /** Whether a second bag can run first (piggyback). */
  secondary: z.boolean(),
  /** `0`: the model stops when complete. Never above the infusion's own rate when it runs. */
  keepVeinOpenMlPerH: z.number().nonnegative().max(20),
  /** `null`: the model gives no bolus. */
  bolus: z.strictObject({ rateMlPerH: positive, maxMl: positive }).nullable(),
  /** Patient-controlled analgesia; what a programme does not say is taken from here. `null`: no patient's button. */
  pca: z
    .strictObject({
      demandDoseMl: positive,
      doseRateMlPerH: positive,
      lockoutMinutes: z.number().min(5),
      accumulatedLimitMl: positive,
      accumulatedWindowHours: z.union([z.literal(1), z.literal(2), z.literal(4)]),
    })
    .nullable(),
  /** The limit that the pump comes with, and what can be set. */
  occlusionMmHg: z
    .strictObject({ preset: positive, min: positive, max: positive.max(1_034), step: positive })
    .refine(({ preset, min, max }) => min <= preset && preset <= max, 'the preset is not within min and max'),
  /** An occlusion that is gone by itself starts the infusion again, so many times within the window; 0: never. */
  autoRestart: z.strictObject({
    preset: z.int().min(0).max(9),
    windowMinutes: positive,
    /** Only an occlusion that is gone within so long after its alarm. */
    withinSeconds: positive,
  }),
  /** The limit that the pump comes with, and what can be chosen. */
  airMicroL: z
    .strictObject({ preset: positive, choices: z.array(z.number().min(50).max(250)).min(1) })
    .refine(({ preset, choices }) => choices.includes(preset), 'the preset is none of the choices'),
  line: z.strictObject({
    complianceMlPerMmHg: positive,
    backPressureMmHg: z.number().nonnegative(),
    resistanceMmHgPerMlPerH: z.number().nonnegative(),
    stallMmHg: positive,
    /** How much a pump draws out of a closed supply before it notices, in mL. */
    supplyMl: positive,
  }),
  /** How exactly it delivers; each channel of each pump draws its own error within these. */
  accuracy: z.strictObject({
    /** Largest steady error as a share of the rate. */
    biasShare: z.number().min(0).max(0.035),
    /** Largest swing within one turn of the mechanism, as a share of the rate. */
    periodicShare: z.number().min(0).max(0.5),
    /** What one turn of the mechanism drives, in mL. */
    turnMl: positive,
    /** Play that a new set or syringe takes up before it delivers in full, in mL. */
    slackMl: z.number().min(0),
  }),
  battery: z.strictObject({ minutes: positive, chargeMinutes: positive }),
  /** At most 70 s [GIP]; each pump takes its own time within the range. */
  selfTestSeconds: z
    .strictObject({ min: positive, max: positive.max(70) })
    .refine((range) => range.min <= range.max, 'min is above max'),
  /** How long the other slot takes to be written, beside whatever the pump does. */
  stageSeconds: positive,
  /** How long the pump is out of use until it starts from the other slot. */
  updateSeconds: positive,
  /** Software that stays whatever firmware is installed, with its version; a package may depend on it. */
  residentComponents: z.array(componentSchema).max(32),
});

/** A pump model: data over one machine. */
export type PumpModel = Readonly<z.infer<typeof pumpModelSchema>>;
