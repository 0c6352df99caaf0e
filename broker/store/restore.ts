import type { Disk } from './disk.ts';
import type { Persistence } from './persistence.ts';
import { decodeRecord, type KeptPacket, numberIn } from './records.ts';

/** A message in the queue of a kept session, by what Aedes finds it. */
export interface Waiting {
  readonly key: string;
  brokerId: string | undefined;
  brokerCounter: number | undefined;
  messageId: number | undefined;
}

/** Something that is still to be published. */
export interface Unpublished {
  readonly key: string;
  readonly packet: KeptPacket;
}

/** What an earlier process left in a store. */
export interface Restored {
  /** Client id → what waits for it. */
  readonly queues: Map<string, Waiting[]>;
  /** Client id → its filters. */
  readonly filters: Map<string, Set<string>>;
  /** Client id → packet identifiers of QoS 2 messages that were not released. */
  readonly incoming: Map<string, Set<number>>;
  /** Client id → the URN of whom its session is charged to. */
  readonly holders: Map<string, string>;
  /** Taken in and acknowledged, perhaps not handed on. */
  readonly intake: Unpublished[];
  /** Wills of sessions that were open when the process ended. */
  readonly wills: Unpublished[];
  /** They never come twice in one store, so that keys sort by age. */
  readonly numbers: { next(): number };
}

/** Packets of a process that is gone are told apart by the number of their record. */
const BROKER_ID = 'restored';

/**
 * Reads a store into a persistence that is empty yet.
 *
 * @throws PumprangeError `PR_STORE_UNREADABLE`
 */
export async function restore(disk: Disk, store: Persistence): Promise<Restored> {
  let last = 0;
  const restored: Restored = {
    queues: new Map(),
    filters: new Map(),
    incoming: new Map(),
    holders: new Map(),
    intake: [],
    wills: [],
    numbers: { next: () => ++last },
  };
  for await (const [key, value] of disk.entries()) {
    const record = decodeRecord(key, value);
    const { payload } = record;
    switch (record.kind) {
      case 'retained':
        await store.storeRetained({ ...record.header, payload });
        break;
      case 'subscription': {
        const { clientId, subscription } = record.header;
        setOf(restored.filters, clientId).add(subscription.topic);
        await store.addSubscriptions({ id: clientId }, [subscription]);
        break;
      }
      case 'queued': {
        const { clientId, messageId, ...header } = record.header;
        last = Math.max(last, numberIn(key));
        const packet = { ...header, payload, brokerId: BROKER_ID, brokerCounter: numberIn(key), messageId };
        const queue = restored.queues.get(clientId) ?? [];
        const { brokerId, brokerCounter } = packet;
        restored.queues.set(clientId, queue);
        queue.push({ key, brokerId, brokerCounter, messageId });
        await store.outgoingEnqueueCombi([{ clientId }], packet);
        if (messageId !== undefined) await store.outgoingUpdate({ id: clientId }, packet);
        break;
      }
      case 'incoming': {
        const { clientId, ...header } = record.header;
        if (header.messageId !== undefined) setOf(restored.incoming, clientId).add(header.messageId);
        await store.incomingStorePacket({ id: clientId }, { ...header, payload });
        break;
      }
      case 'intake':
        last = Math.max(last, numberIn(key));
        restored.intake.push({ key, packet: { ...record.header, payload } });
        break;
      case 'will': {
        const { clientId: _, ...header } = record.header;
        restored.wills.push({ key, packet: { ...header, payload } });
        break;
      }
      case 'holder':
        restored.holders.set(record.header.clientId, record.header.holder);
        break;
    }
  }
  return restored;
}

function setOf<Of>(sets: Map<string, Set<Of>>, name: string): Set<Of> {
  const known = sets.get(name) ?? new Set<Of>();
  sets.set(name, known);
  return known;
}
