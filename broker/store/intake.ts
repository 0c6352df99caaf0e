import type { Journal } from './journal.ts';
import { encodeIncoming } from './mirror.ts';
import type { Holder, Persistence } from './persistence.ts';
import type { KeptReaders } from './readers.ts';
import { encodeRecord, type KeptPacket, keyOf, packetHeader } from './records.ts';

interface Behind {
  readonly last: Promise<void>;
  readonly waiting: number;
}

/**
 * What was allowed and is to be acknowledged, kept before it is. Aedes says PUBACK and stores afterwards; here a QoS 1 or 2
 * publication that somebody is kept for, or that is retained, is on the disk before Aedes gets to see it. Until it has been handed on
 * (then it stands in the queues) it is published again at the next start.
 */
export class Intake<Client extends Holder> {
  readonly #journal: Journal;
  readonly #store: Persistence<Client>;
  readonly #readers: KeptReaders;
  readonly #numbers: { next(): number };
  readonly #keys = new WeakMap<object, string>();
  /** Client id → what its later packets wait for: acknowledgements keep the order of the publications [MQTT-4.6.0-2]. */
  readonly #behind = new Map<string, Behind>();

  constructor(
    journal: Journal,
    store: Persistence<Client>,
    readers: KeptReaders,
    numbers: { next(): number },
  ) {
    this.#journal = journal;
    this.#store = store;
    this.#readers = readers;
    this.#numbers = numbers;
  }

  /** Publications of a client id that wait for the disk, or for one that does. */
  waiting(clientId: string): number {
    return this.#behind.get(clientId)?.waiting ?? 0;
  }

  /**
   * Resolves when a publication may go on; `undefined`: at once.
   *
   * @param publication what `done` will be told
   * @param message what it says; a will is kept since CONNECT
   * @throws PumprangeError `PR_DISK`, and then it must not be acknowledged
   */
  take(client: Client, publication: object, message: KeptPacket | 'kept already'): Promise<void> | undefined {
    const before = this.#behind.get(client.id);
    const toKeep = message === 'kept already' || this.#concernsNobody(message) ? undefined : message;
    if (before === undefined && toKeep === undefined) return undefined;
    const kept = toKeep === undefined ? Promise.resolve() : this.#keep(client, publication, toKeep);
    const last = Promise.all([kept, before?.last.catch(() => undefined)]).then(() => undefined);
    this.#behind.set(client.id, { last, waiting: (before?.waiting ?? 0) + 1 });
    const over = (): void => {
      const now = this.#behind.get(client.id);
      if (now === undefined) return;
      if (now.waiting > 1) this.#behind.set(client.id, { last: now.last, waiting: now.waiting - 1 });
      else this.#behind.delete(client.id);
    };
    last.then(over, over);
    return last;
  }

  /** It stands in all queues now, or nobody will hand it on. */
  done(publication: object): void {
    const key = this.#keys.get(publication);
    if (key === undefined) return;
    this.#keys.delete(publication);
    this.#journal.delete(key);
  }

  async #keep(client: Client, publication: object, packet: KeptPacket): Promise<void> {
    // Before anything is waited for: records are in the order of the publications.
    const key = keyOf('intake', this.#numbers.next());
    if (packet.qos === 2 && (await this.#wasTaken(client, packet))) return;
    if (packet.qos === 1 && !packet.retain) {
      // Who is not kept has no claim to what was said while it was away.
      const readers = await this.#store.subscriptionsByTopic(packet.topic);
      if (readers.length === 0) return;
    }
    this.#keys.set(publication, key);
    this.#journal.put(key, encodeRecord('intake', packetHeader(packet), packet.payload));
    if (packet.qos === 2 && packet.messageId !== undefined) {
      // In the same batch: sent again after a restart, it is known [MQTT-4.3.3-2].
      this.#journal.put(keyOf('incoming', client.id, packet.messageId), encodeIncoming(client.id, packet));
    }
    try {
      await this.#journal.durable();
    } catch (error) {
      this.done(publication);
      throw error;
    }
  }

  /** Whether nothing is to be kept of a message, as far as is known without asking. */
  #concernsNobody({ topic, qos, retain }: KeptPacket): boolean {
    if (qos === 0) return true;
    return qos === 1 && !retain && this.#readers.known(topic)?.length === 0;
  }

  /** Whether a QoS 2 publication is known: it is acknowledged again, and not published again. */
  async #wasTaken(client: Client, packet: KeptPacket): Promise<boolean> {
    try {
      return Boolean(await this.#store.incomingGetPacket(client, packet));
    } catch {
      return false;
    }
  }
}
