import { createHash } from 'node:crypto';

/** Why bytes are not those that a release states, or `undefined` if they are. */
export function contentMismatch(
  bytes: Uint8Array,
  stated: { readonly sizeBytes: number; readonly digest: string },
): string | undefined {
  if (bytes.length !== stated.sizeBytes) return `${bytes.length} bytes instead of ${stated.sizeBytes}`;
  if (createHash('sha256').update(bytes).digest('hex') !== stated.digest) return 'the digest does not fit';
  return undefined;
}
