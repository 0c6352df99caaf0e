import { z } from 'zod';
import { dependenciesSchema } from '../firmware/dependencies.ts';
import { versionSchema } from '../firmware/version.ts';
import { signatureSchema, timeSchema } from '../messages/envelope.ts';

/**
 * What people and vendors sign: a document that says which bytes are meant, for whom, and until when. It is made and signed away from
 * the server, with keys that the server never has, and travels inside the server's release message as it is. A signature covers the
 * document without `signatures`, in the canonical form of RFC 8785; `document` keeps it from being taken for anything else.
 */

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const signatures = z.array(signatureSchema).max(8).optional();

export const libraryManifest = z.strictObject({
  document: z.literal('library-manifest'),
  version: z.literal(1),
  library: z.string().min(1).max(64),
  /** Counts up with each release for a care area; a pump never goes back. */
  sequence: z.int().positive(),
  libraryVersion: versionSchema,
  careArea: z.string().min(1).max(64),
  models: z.array(z.string()).min(1).max(32),
  minimumFirmware: versionSchema,
  digest,
  sizeBytes: z.int().positive(),
  notAfter: timeSchema,
  signatures,
});

export const firmwareManifest = z.strictObject({
  document: z.literal('firmware-manifest'),
  version: z.literal(1),
  model: z.string().min(1).max(32),
  firmwareVersion: versionSchema,
  sequence: z.int().positive(),
  /** Below the highest epoch that a pump has run, a package is a downgrade. */
  securityEpoch: z.int().nonnegative(),
  /** What a pump must have before it may take the package, of its own parts and of the firmware that it runs; absent: nothing. */
  dependencies: dependenciesSchema.optional(),
  digest,
  sizeBytes: z.int().positive(),
  notAfter: timeSchema,
  signatures,
});

export type LibraryManifest = z.infer<typeof libraryManifest>;
export type FirmwareManifest = z.infer<typeof firmwareManifest>;
