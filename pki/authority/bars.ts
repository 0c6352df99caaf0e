import { type Identity, urnOf } from '../../protocol/index.ts';
import type { Store } from '../store/store.ts';

/** Pumps that were revoked before anything was issued to them: there is no certificate to hold it against. */
export interface Bars {
  has(identity: Identity): boolean;
  /** Survives a power cut. Throws PR_DISK. */
  put(identity: Identity, atMs: number): void;
}

export function bars(store: Store): Bars {
  return {
    has: (identity) => store.read(nameOf(identity)) !== undefined,
    put: (identity, atMs) => {
      const record = { identity: urnOf(identity), atMs };
      store.write(nameOf(identity), `${JSON.stringify(record)}\n`, true);
    },
  };
}

/** In hexadecimal: `LVP-1` and `lvp-1` are two pumps, also where file names have no case. */
function nameOf(identity: Identity): string {
  return `barred/${Buffer.from(urnOf(identity)).toString('hex')}.json`;
}
