import { z } from 'zod';
import { AMOUNT_UNITS, LIBRARY_BANNER } from '../drug-library/index.ts';
import { versionSchema } from '../firmware/version.ts';
import { signatureSchema, timeSchema } from '../messages/envelope.ts';

// Everything that travels is said by patterns: a broker checks messages by their JSON Schema.
/** As in a library: nothing that is not seen on a display, and single blanks between words. */
const SEEN = /^(?! )(?:[^\p{C}\p{Default_Ignorable_Code_Point}\p{Z}]| (?! |$))+$/u;
const DOSE_UNIT = new RegExp(`^(?:${AMOUNT_UNITS.join('|')})(?:/kg)?/(?:h|min)$`);

const limitSchema = z.strictObject({
  drug: z.string().max(64).regex(SEEN, 'characters that are not seen, or blanks around it'),
  /** Of `hardMax`. A library may have its own; the two are converted. */
  doseUnit: z.string().regex(DOSE_UNIT, 'not a dose unit'),
  /** No library may let this drug run faster. */
  hardMax: z.number().positive(),
});

/** Two names that differ only in case, width or blanks around them are one drug: another spelling is no way around a ceiling. */
export function drugKey(drug: string): string {
  return drug.normalize('NFKC').trim().replace(/\s+/gu, ' ').toLowerCase();
}

/** What clinical engineering writes down: the content of a ceiling, before anybody has signed it. */
const content = {
  ceiling: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  ceilingVersion: versionSchema,
  banner: z.literal(LIBRARY_BANNER),
  careAreas: z
    .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/))
    .min(1)
    .max(32),
  limits: z.array(limitSchema).min(1).max(400),
};

/** Counts up with each ceiling; a pump never goes back. */
const sequence = z.int().positive();

/** A ceiling as its file has it. */
export const ceilingFileSchema = z.strictObject({
  $schema: z.string().optional(),
  sequence,
  ...content,
  // On the wire the lower of two counts.
  limits: content.limits.refine(
    (limits) => new Set(limits.map(({ drug }) => drugKey(drug))).size === limits.length,
    'a drug is there twice',
  ),
});

/**
 * Absolute limits that stand above every drug library of some care areas. It is signed by clinical engineering, as a whole and with its
 * limits inline. `notAfter`: until when a pump may still take it; one that it has holds on.
 */
export const libraryCeiling = z.strictObject({
  document: z.literal('library-ceiling'),
  version: z.literal(1),
  sequence,
  notAfter: timeSchema,
  ...content,
  signatures: z.array(signatureSchema).max(8).optional(),
});

export type CeilingFile = z.infer<typeof ceilingFileSchema>;
export type LibraryCeiling = z.infer<typeof libraryCeiling>;
