import { z } from 'zod';
import { durationSchema } from './duration.ts';
import { successSchema } from './measures.ts';
import { controlSchema } from './steps.ts';
import { idSchema } from './values.ts';

/** Firmware under which an attack is rehearsed: as the fleet of the scenario has it, or the newest of each model. */
export const FIRMWARE_STATES = ['vulnerable', 'patched'] as const;
export type FirmwareState = (typeof FIRMWARE_STATES)[number];

const figure = (what: string) => z.number().nonnegative().default(0).describe(what);

/** Harm in figures, of which each that is not named is 0. */
const harmFigures = {
  overMl: figure('Ahead of the order on the worst channel, in mL, beyond the accuracy of a pump.'),
  underMl: figure('Behind the order on the worst channel, in mL, beyond the accuracy of a pump.'),
  recordsRead: figure('Patients of whom the adversary read something that names them.'),
  alarmsMissed: figure("Alarms that the nurses' station never showed."),
  offlinePumpMinutes: figure('Minutes for which pumps were out of touch, together.'),
};
export const harmLimitSchema = z.strictObject(harmFigures).prefault({});

/** What may still happen where a layer is lost. What is not named is 0. */
export const boundSchema = z
  .strictObject({
    ...harmFigures,
    containWithin: durationSchema
      .optional()
      .describe('Or it is noticed and ended so long after the first red step; absent: that does not count.'),
  })
  .prefault({})
  .describe('Harm that an attack may still do when one failure domain is lost.');
export type Bound = z.infer<typeof boundSchema>;

/** What makes a rehearsal an attack: what it achieves, fixed before any control is chosen, and what may be left of it. */
export const attackSchema = z
  .strictObject({
    zone: idSchema
      .default('medical-devices')
      .describe('Zone of the network in which the adversary stands at first; outside: on no network.'),
    presupposes: z
      .array(controlSchema)
      .default([])
      .describe('Controls that this is an attack on: they are on in every run, the bare one too.'),
    firmware: z
      .array(z.enum(FIRMWARE_STATES))
      .min(1)
      .optional()
      .describe(
        'vulnerable: as the fleet is written; patched: the newest version of each model. Absent: it does not depend on the firmware.',
      ),
    success: z
      .array(successSchema)
      .min(1)
      .describe(
        'The attack has succeeded when all of this holds. It speaks of pumps, records and access, never of a control.',
      ),
    bound: boundSchema,
    responses: z.array(idSchema).default([]).describe('Playbooks that the defenders have for it.'),
    expected: z
      .record(idSchema, z.enum(['succeeds', 'bounded']))
      .describe(
        'Posture → what is expected under it; bounded: it does not succeed, or harm stays within `bound`.',
      ),
  })
  .describe('An attack of the matrix.');
export type Attack = z.infer<typeof attackSchema>;
