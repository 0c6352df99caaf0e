import { createHash } from 'node:crypto';

/** SHA-256, lower-case hexadecimal. */
export function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
