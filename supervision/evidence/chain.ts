import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalBytes, type EvidenceEvent, evidenceEventSchema } from '../../protocol/index.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** One line of the log. */
export const evidenceLineSchema = z.strictObject({
  /** Counts from 1, by one. */
  n: z.int().positive(),
  /** SHA-256 over `previous` and the canonical event, lower-case hexadecimal. */
  hash,
  /** `hash` of the line before, or `GENESIS`. */
  previous: hash,
  event: evidenceEventSchema,
});
export type EvidenceLine = z.infer<typeof evidenceLineSchema>;

/** What the first line calls its previous one. */
export const GENESIS = '0'.repeat(64);

/** SHA-256 over the hexadecimal text of `previous` and the event in the canonical form of RFC 8785. */
export function chainHash(previous: string, event: EvidenceEvent): string {
  return createHash('sha256').update(previous, 'utf8').update(canonicalBytes(event)).digest('hex');
}

/** The head of a chain at a time, signed: kept elsewhere, it convicts a log that was written anew. */
export const checkpointSchema = z.strictObject({
  n: z.int().nonnegative(),
  /** Hash of line `n`. */
  head: hash,
  timeMs: z.number(),
  /** Base64 of the signature over `checkpointBytes`. */
  signature: z.string(),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** What the signature of a checkpoint covers. */
export function checkpointBytes({ n, head, timeMs }: Omit<Checkpoint, 'signature'>): Buffer {
  return canonicalBytes({ type: 'evidence-checkpoint', n, head, timeMs });
}
