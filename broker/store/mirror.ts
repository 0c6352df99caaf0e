import type { Journal } from './journal.ts';
import { type Holder, memoryOf, type Persistence } from './persistence.ts';
import { encodeRecord, type KeptPacket, keyOf, packetHeader } from './records.ts';
import type { Restored } from './restore.ts';

const ENQUEUED = Promise.resolve();
const NOTHING_CLEARED = Promise.resolve(undefined);

/**
 * Stands before Aedes' persistence in memory, and notes each change of it in the journal. Aedes reads from memory alone; the disk is
 * read once, at the start. SUBACK and the acknowledgements of QoS 2 wait for the disk, through what is returned here or
 * through the intake; all else is written behind.
 */
export function mirror<Client extends Holder>(
  store: Persistence<Client>,
  journal: Journal,
  { queues, filters, incoming, numbers }: Restored,
): void {
  const inMemory = memoryOf(store);
  const wills = new Set<string>();

  store.storeRetained = (packet) => {
    const key = keyOf('retained', packet.topic);
    if (packet.payload.length === 0)
      journal.delete(key); // [MQTT-3.3.1-10]
    else journal.put(key, encodeRecord('retained', packetHeader(packet), packet.payload));
    return inMemory.storeRetained(packet);
  };

  store.addSubscriptions = async (client, subscriptions) => {
    const known = filters.get(client.id) ?? new Set();
    filters.set(client.id, known);
    for (const { topic, qos } of subscriptions) {
      known.add(topic);
      const record = { clientId: client.id, subscription: { topic, qos } };
      journal.put(keyOf('subscription', client.id, topic), encodeRecord('subscription', record));
    }
    const added = await inMemory.addSubscriptions(client, subscriptions);
    // A disk that takes nothing is told elsewhere; the subscription holds as long as the process lives.
    if (subscriptions.length > 0) await journal.durable().catch(() => undefined);
    return added;
  };
  const forget = (clientId: string, topics: Iterable<string>): void => {
    const known = filters.get(clientId);
    for (const topic of topics) {
      if (known?.delete(topic)) journal.delete(keyOf('subscription', clientId, topic));
    }
    if (known?.size === 0) filters.delete(clientId);
  };
  store.removeSubscriptions = (client, topics) => {
    forget(client.id, topics);
    return inMemory.removeSubscriptions(client, topics);
  };
  store.cleanSubscriptions = (client) => {
    forget(client.id, [...(filters.get(client.id) ?? [])]);
    return inMemory.cleanSubscriptions(client);
  };

  store.outgoingEnqueueCombi = (readers, packet) => {
    if (readers.length === 0) return ENQUEUED;
    for (const { clientId } of readers) {
      const key = keyOf('queued', numbers.next());
      const { brokerId, brokerCounter } = packet;
      const queue = queues.get(clientId) ?? [];
      queue.push({ key, brokerId, brokerCounter, messageId: undefined });
      queues.set(clientId, queue);
      // The identifier of the publisher is not the reader's.
      const header = { clientId, ...packetHeader({ ...packet, messageId: undefined }) };
      journal.put(key, encodeRecord('queued', header, packet.payload));
    }
    return inMemory.outgoingEnqueueCombi(readers, packet);
  };
  store.outgoingUpdate = (client, packet) => {
    const { brokerId, brokerCounter, messageId } = packet;
    for (const waiting of queues.get(client.id) ?? []) {
      if (waiting.brokerId === brokerId) {
        if (waiting.brokerCounter !== brokerCounter) continue;
        waiting.messageId = messageId;
        break;
      }
      if (waiting.messageId !== messageId) continue;
      // PUBREL takes the place of the message, and must be said again after a restart [MQTT-4.4.0-1].
      Object.assign(waiting, { brokerId, brokerCounter });
      const header = { cmd: packet.cmd, topic: '', qos: 1, retain: false, messageId };
      journal.put(waiting.key, encodeRecord('queued', { clientId: client.id, ...header }));
      break;
    }
    return inMemory.outgoingUpdate(client, packet);
  };
  store.outgoingClearMessageId = (client, packet) => {
    const queue = queues.get(client.id);
    // Nothing was kept for it: Aedes' memory would begin a queue for each client id that acknowledges something.
    if (queue === undefined) return NOTHING_CLEARED;
    const at = queue.findIndex(({ messageId }) => messageId === packet.messageId);
    const [cleared] = at < 0 ? [] : queue.splice(at, 1);
    if (cleared !== undefined) journal.delete(cleared.key);
    if (queue.length === 0) queues.delete(client.id);
    return inMemory.outgoingClearMessageId(client, packet);
  };

  store.incomingStorePacket = (client, packet) => {
    if (packet.messageId !== undefined) {
      const known = incoming.get(client.id) ?? new Set();
      incoming.set(client.id, known.add(packet.messageId));
      journal.put(keyOf('incoming', client.id, packet.messageId), encodeIncoming(client.id, packet));
    }
    return inMemory.incomingStorePacket(client, packet);
  };
  store.incomingDelPacket = (client, packet) => {
    const known = incoming.get(client.id);
    if (packet.messageId !== undefined && known?.delete(packet.messageId)) {
      journal.delete(keyOf('incoming', client.id, packet.messageId));
    }
    return inMemory.incomingDelPacket(client, packet);
  };
  store.cleanIncoming = (client) => {
    for (const messageId of incoming.get(client.id) ?? []) {
      journal.delete(keyOf('incoming', client.id, messageId));
    }
    incoming.delete(client.id);
    return inMemory.cleanIncoming(client);
  };

  store.putWill = (client, packet) => {
    wills.add(client.id);
    const header = { clientId: client.id, ...packetHeader({ ...packet, cmd: 'publish' }) };
    journal.put(keyOf('will', client.id), encodeRecord('will', header, packet.payload));
    return inMemory.putWill(client, packet);
  };
  store.delWill = (client) => {
    if (wills.delete(client.id)) journal.delete(keyOf('will', client.id));
    return inMemory.delWill(client);
  };
}

/** A QoS 2 message that was received and not released yet. */
export function encodeIncoming(clientId: string, packet: KeptPacket): Buffer {
  return encodeRecord('incoming', { clientId, ...packetHeader(packet) }, packet.payload);
}
