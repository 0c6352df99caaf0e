import { z } from 'zod';
import { type Identity, PumprangeError, urnOf, urnSchema } from '../../protocol/index.ts';
import type { Store } from '../store/store.ts';

/**
 * Pumps that were revoked when there was nothing to hold it against: no certificate was issued to them yet, or the last of theirs was
 * superseded or had expired.
 */
export interface Bars {
  /** Serial numbers of what the pump had when it was barred; `undefined`: it never was. PR_PKI_UNREADABLE */
  known(identity: Identity): readonly string[] | undefined;
  /** Survives a power cut. Throws PR_DISK. */
  put(identity: Identity, known: readonly string[], atMs: number): void;
}

const barSchema = z.strictObject({
  identity: urnSchema,
  atMs: z.number(),
  /** Absent in records of before: it had none. */
  known: z.array(z.string()).default([]),
});

export function bars(store: Store): Bars {
  return {
    known: (identity) => {
      const name = nameOf(identity);
      const text = store.read(name);
      if (text === undefined) return undefined;
      try {
        return barSchema.parse(JSON.parse(text)).known;
      } catch (error) {
        throw new PumprangeError('PR_PKI_UNREADABLE', `${store.where(name)} is damaged`, { cause: error });
      }
    },
    put: (identity, known, atMs) => {
      const record: z.infer<typeof barSchema> = { identity: urnOf(identity), atMs, known: [...known] };
      store.write(nameOf(identity), `${JSON.stringify(record)}\n`, true);
    },
  };
}

/** In hexadecimal: `LVP-1` and `lvp-1` are two pumps, also where file names have no case. */
function nameOf(identity: Identity): string {
  return `barred/${Buffer.from(urnOf(identity)).toString('hex')}.json`;
}
