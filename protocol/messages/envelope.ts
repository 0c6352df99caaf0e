import { z } from 'zod';
import { type IdentityUrn, urnSchema } from '../identity.ts';

/** One signature of a message: RFC 7515 with a detached payload (Appendix F). */
export const signatureSchema = z.strictObject({
  /** Base64url of the protected header: `alg`, `typ` and `x5c` (leaf first). */
  protected: z.string().regex(/^[A-Za-z0-9_-]+$/),
  /** Base64url of the signature over `protected` and the canonical message. */
  signature: z.string().regex(/^[A-Za-z0-9_-]+$/),
});
export type Signature = z.infer<typeof signatureSchema>;

/** How far the sender trusts its own clock. */
export const TIME_QUALITIES = ['synchronised', 'free-running', 'unset'] as const;

/** RFC 3339, UTC, milliseconds. */
export const timeSchema = z.iso.datetime({ precision: 3 });

/**
 * What surrounds every JSON message, both ways.
 *
 * `seq` counts up by one within (`from`, `bootId`, stream), so that a gap or a repetition shows; the streams are
 * named in `docs/protocol.md`. `signatures` signs the message without that member, in the canonical form of
 * RFC 8785, so that a signed message is as readable on the wire as an unsigned one.
 */
export function envelope<const Type extends string, Body extends z.ZodType>(type: Type, body: Body) {
  return z.strictObject({
    type: z.literal(type),
    version: z.literal(1),
    from: urnSchema,
    /** Whom it is meant for; a receiver refuses what is not meant for it. */
    to: urnSchema.optional(),
    /** New each time the sender starts. */
    bootId: z.string().min(1).max(64),
    seq: z.int().nonnegative(),
    time: timeSchema,
    timeQuality: z.enum(TIME_QUALITIES),
    /** After this, on the receiver's clock, it must not be acted upon. */
    expiresAt: timeSchema.optional(),
    body,
    signatures: z.array(signatureSchema).max(8).optional(),
  });
}

/** Any message, before its body is known. */
export interface Envelope {
  readonly type: string;
  readonly version: 1;
  readonly from: IdentityUrn;
  readonly to?: IdentityUrn | undefined;
  readonly bootId: string;
  readonly seq: number;
  readonly time: string;
  readonly timeQuality: (typeof TIME_QUALITIES)[number];
  readonly expiresAt?: string | undefined;
  readonly body: unknown;
  readonly signatures?: Signature[] | undefined;
}
