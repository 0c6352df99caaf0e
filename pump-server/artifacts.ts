import { digestOf } from './digest.ts';

/** The most that is sent at once, whatever is asked for. */
const LARGEST_CHUNK_BYTES = 64 * 1024;

export type Chunk =
  | { readonly found: true; readonly bytes: Uint8Array }
  | { readonly found: false; readonly cause: string };

/** What pumps fetch: content by the digest that names it. */
export class Artifacts {
  readonly #contents = new Map<string, Uint8Array>();

  /** Keeps content under its SHA-256, or under another name where a rehearsal wants a manifest that lies. */
  keep(content: Uint8Array, name = digestOf(content)): void {
    this.#contents.set(name, content);
  }

  has(digest: string): boolean {
    return this.#contents.has(digest);
  }

  /** A part of an artefact, at most 64 KiB of it. */
  chunk(digest: string, offset: number, length: number): Chunk {
    const content = this.#contents.get(digest);
    if (content === undefined) return { found: false, cause: 'there is no such artefact' };
    if (offset >= content.length) {
      return { found: false, cause: `offset ${offset} is beyond its ${content.length} bytes` };
    }
    return {
      found: true,
      bytes: content.subarray(offset, offset + Math.min(length, LARGEST_CHUNK_BYTES)),
    };
  }
}
