import type { Clock } from '../../clock/index.ts';
import type { PumprangeError } from '../../protocol/index.ts';
import { type Disk, openDisk } from './disk.ts';
import { Intake } from './intake.ts';
import { Journal } from './journal.ts';
import { mirror } from './mirror.ts';
import { asPersistence, type Holder } from './persistence.ts';
import { KeptReaders } from './readers.ts';
import { encodeRecord, keyOf } from './records.ts';
import { type Restored, restore } from './restore.ts';

/** Where a broker keeps what must survive it. */
export interface StoreOptions {
  readonly open: () => Promise<Disk>;
  readonly clock: Clock;
  readonly failed: (error: PumprangeError) => void;
  readonly recovered: () => void;
}

export function storeIn(folder: string): () => Promise<Disk> {
  return () => openDisk(folder);
}

/** Retained messages, kept sessions and their queues, on a disk. */
export class Store<Client extends Holder> {
  readonly intake: Intake<Client>;
  readonly restored: Restored;
  readonly #journal: Journal;

  private constructor(intake: Intake<Client>, restored: Restored, journal: Journal) {
    this.intake = intake;
    this.restored = restored;
    this.#journal = journal;
  }

  /**
   * Reads what is there into a persistence in memory, which must be empty, and keeps the two together from then on.
   *
   * @throws PumprangeError `PR_DIR_IN_USE`, `PR_DISK`, `PR_STORE_UNREADABLE`
   */
  static async open<Client extends Holder>(options: StoreOptions, inMemory: unknown): Promise<Store<Client>> {
    const persistence = asPersistence<Client>(inMemory);
    // Below what is mirrored, so that it sees each change.
    const readers = new KeptReaders(asPersistence<Holder>(inMemory));
    const disk = await options.open();
    try {
      const restored = await restore(disk, asPersistence<Holder>(inMemory));
      const journal = new Journal({ ...options, disk, reopen: options.open });
      mirror(persistence, journal, restored);
      return new Store(new Intake(journal, persistence, readers, restored.numbers), restored, journal);
    } catch (error) {
      await disk.close();
      throw error;
    }
  }

  /** Why nothing can be kept at the moment. */
  get failure(): PumprangeError | undefined {
    return this.#journal.failure;
  }

  /** A session is kept from now on, on the account of somebody; `undefined`: it is not kept. */
  keep(clientId: string, holder: string | undefined): void {
    const key = keyOf('holder', clientId);
    if (holder !== undefined) this.#journal.put(key, encodeRecord('holder', { clientId, holder }));
    else if (this.restored.holders.has(clientId)) this.#journal.delete(key);
    if (holder === undefined) this.restored.holders.delete(clientId);
    else this.restored.holders.set(clientId, holder);
  }

  /** A record was published: a will, or an intake. */
  published(key: string): void {
    this.#journal.delete(key);
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}
