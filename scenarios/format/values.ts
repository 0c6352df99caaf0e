import { z } from 'zod';
import { KINDS, serialSchema } from '../../protocol/index.ts';

/** Values that steps, fleet and expectations share. */

export const idSchema = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'lower-case words joined by dashes')
  .max(64);

export const versionSchema = z.string().regex(/^\d+\.\d+\.\d+$/, 'a version such as 1.2.0');

/** A name of the wire language: usable in a topic, a path and a certificate. */
export const nameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/,
    'letters, digits, dots, dashes and underscores',
  );

export const identitySchema = z
  .strictObject({
    kind: z.enum(KINDS).describe('Kind of machine or person, as its certificate says.'),
    id: nameSchema.describe('Its id; for a pump, the serial number.'),
  })
  .describe('Who a certificate belongs to.');

export const pumpSchema = serialSchema.describe('Serial number of a pump of the fleet.');
export const pumpsSchema = z
  .union([z.literal('all'), z.array(serialSchema).min(1)])
  .describe('Serial numbers of pumps of the fleet, or `all`.');

export const channelSchema = z
  .string()
  .min(1)
  .max(16)
  .describe("Channel of the pump; absent: the pump's first channel.");

export const rateSchema = z.number().positive().max(999);
export const volumeSchema = z.number().positive().max(9_999);
