import type { z } from 'zod';
import type { Settling } from '../../clock/index.ts';
import {
  PumprangeError,
  parseTopic,
  type Signature,
  type Signer,
  signMessage,
} from '../../protocol/index.ts';

/** Pumps refuse a longer message without reading it. */
const LARGEST_MANIFEST_BYTES = 64 * 1024;

/**
 * A manifest that follows its schema.
 *
 * @throws PumprangeError `PR_RELEASE_INVALID`
 */
export function checkedManifest<S extends z.ZodType>(schema: S, manifest: unknown): z.output<S> {
  const parsed = schema.safeParse(manifest);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalid(`${issue?.path.join('.') || 'release'}: ${issue?.message ?? 'does not fit'}`);
}

/**
 * A release as it travels.
 *
 * @throws PumprangeError `PR_RELEASE_INVALID` if the topic is none or the message is longer than a pump reads
 */
export function encodedRelease(topic: string, message: object): string {
  if (parseTopic(topic) === undefined) throw invalid(`${topic} is not a topic`);
  const payload = JSON.stringify(message);
  const bytes = Buffer.byteLength(payload);
  if (bytes > LARGEST_MANIFEST_BYTES) {
    throw invalid(
      `the manifest has ${bytes} bytes, ${LARGEST_MANIFEST_BYTES} is the most; is the wave too long?`,
    );
  }
  return payload;
}

/** Signs with each key in turn. Each signature is held work. */
export async function signAll<M extends { readonly signatures?: readonly Signature[] | undefined }>(
  message: M,
  signers: readonly Signer[],
  settling: Settling,
): Promise<M> {
  let signed = message;
  for (const signer of signers) {
    const before = signed;
    signed = await settling.hold('the signature of a release', () => signMessage(before, signer));
  }
  return signed;
}

/** The same bytes but for one bit: what a manifest that lies is about. */
export function altered(content: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(content);
  const middle = copy.length >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
}

function invalid(detail: string): PumprangeError {
  return new PumprangeError('PR_RELEASE_INVALID', detail);
}
