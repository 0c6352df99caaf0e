import type { z } from 'zod';
import { PumprangeError } from '../../protocol/index.ts';
import type { Store } from './store.ts';

/**
 * Small JSON records, one document each, named by serial number. One file a record means that no write can damage
 * another, and that two processes on one folder never write the same file.
 */
export interface Records<T> {
  get(serialNumber: string): T | undefined;
  /** As `get`, and also what another process has put since; that is still new to `takeUp`. */
  look(serialNumber: string): T | undefined;
  all(): readonly T[];
  /** As `all`, and also what another process has put since; that is still new to `takeUp`. */
  lookAtAll(): readonly T[];
  put(record: T): void;
  /** Reads what another process has put since. @returns what is new. */
  takeUp(): readonly T[];
}

const SERIAL_NUMBER = /^[0-9a-f]+$/;
const NAME = /^([0-9a-f]+)\.json$/;

/** @param durable whether a record has to survive a power cut. */
export function records<T extends { readonly serialNumber: string }>(
  store: Store,
  folder: string,
  schema: z.ZodType<T>,
  durable: boolean,
): Records<T> {
  // Read when first needed: a ward that starts does not list what was issued before.
  let loaded: Map<string, T> | undefined;
  const load = (): Map<string, T> => {
    loaded ??= new Map(
      store.list(folder).flatMap((file) => {
        // What a process left that died while writing has another ending.
        const serialNumber = NAME.exec(file)?.[1];
        const record = serialNumber === undefined ? undefined : readRecord(serialNumber);
        return serialNumber === undefined || record === undefined ? [] : [[serialNumber, record] as const];
      }),
    );
    return loaded;
  };
  const readRecord = (serialNumber: string): T | undefined => {
    // It may come from a command line, and becomes a file name.
    if (!SERIAL_NUMBER.test(serialNumber)) return undefined;
    const name = `${folder}/${serialNumber}.json`;
    const text = store.read(name);
    if (text === undefined) return undefined;
    try {
      const record = schema.parse(JSON.parse(text));
      if (record.serialNumber !== serialNumber) throw new TypeError('it is about another certificate');
      return record;
    } catch (error) {
      throw new PumprangeError('PR_PKI_UNREADABLE', `${store.where(name)} is damaged`, { cause: error });
    }
  };
  const unknown = (): T[] => {
    const known = load();
    return store.list(folder).flatMap((file) => {
      const serialNumber = NAME.exec(file)?.[1];
      if (serialNumber === undefined || known.has(serialNumber)) return [];
      return readRecord(serialNumber) ?? [];
    });
  };
  return {
    get: (serialNumber) => (loaded === undefined ? readRecord(serialNumber) : loaded.get(serialNumber)),
    look: (serialNumber) => loaded?.get(serialNumber) ?? readRecord(serialNumber),
    all: () => [...load().values()],
    lookAtAll: () => [...load().values(), ...unknown()],
    put: (record) => {
      store.write(`${folder}/${record.serialNumber}.json`, `${JSON.stringify(record)}\n`, durable);
      loaded?.set(record.serialNumber, record);
    },
    takeUp: () => {
      const known = load();
      const fresh = unknown();
      for (const record of fresh) known.set(record.serialNumber, record);
      return fresh;
    },
  };
}
