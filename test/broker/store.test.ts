import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IPublishPacket } from 'mqtt-packet';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Disk, openDisk } from '../../broker/store/disk.ts';
import { DEFAULT_LIMITS, type Limits } from '../../protocol/index.ts';
import { observer, pump, station } from '../helpers/floor.ts';
import { type MemoryBroker, type MemoryClient, openMemoryBroker, turns } from '../helpers/memory-broker.ts';

const ALARM = 'pumps/LVP-0001/alarm';
const STATUS = 'pumps/LVP-0001/status';

let folder: string;
let broker: MemoryBroker | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pumprange-store-'));
});
afterEach(async () => {
  await broker?.handler.stop();
  broker = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Stops the broker that runs and starts another on the same folder. */
async function restart(options: { readonly limits?: Limits; readonly open?: () => Promise<Disk> } = {}) {
  await broker?.handler.stop();
  broker = await openMemoryBroker({
    store: options.open ?? (() => openDisk(join(folder, 'broker'))),
    ...(options.limits && { limits: options.limits }),
  });
  return broker;
}

/** Until it is there: the disk takes its time. */
async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 2_000) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const published = ({ packets }: MemoryClient) =>
  packets.filter((packet): packet is IPublishPacket => packet.cmd === 'publish');
const texts = (client: MemoryClient) => published(client).map(({ payload }) => payload.toString());
const acknowledged = ({ packets }: MemoryClient) =>
  packets.flatMap((packet) => (packet.cmd === 'puback' || packet.cmd === 'pubrec' ? [packet.messageId] : []));
const message = (text: string, messageId: number, change: Partial<IPublishPacket> = {}) => ({
  cmd: 'publish' as const,
  topic: ALARM,
  payload: text,
  qos: 1 as const,
  messageId,
  dup: false,
  retain: false,
  ...change,
});

async function keptReader(on: MemoryBroker, qos: 0 | 1 | 2 = 1, topic = 'pumps/+/alarm') {
  const reader = await on.connect(station(), { clean: false });
  reader.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos }] });
  await until('SUBACK', () => reader.packets.some(({ cmd }) => cmd === 'suback'));
  reader.cut();
  await turns();
}

describe('what survives a restart', () => {
  test('the queue of a session that is away, in order, until it is acknowledged', async () => {
    const first = await restart();
    await keptReader(first);
    const writer = await first.connect(pump());
    for (let number = 1; number <= 20; number++) writer.send(message(`m${number}`, number));
    await until('20 PUBACK', () => acknowledged(writer).length === 20);
    expect(acknowledged(writer)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));

    const second = await restart();
    const reader = await second.connect(station(), { clean: false });
    await until('20 messages', () => published(reader).length === 20);
    expect(reader.packets[0]).toMatchObject({ cmd: 'connack', sessionPresent: true });
    expect(texts(reader)).toEqual(Array.from({ length: 20 }, (_, index) => `m${index + 1}`));
    for (const { messageId } of published(reader).slice(0, 15)) {
      reader.send({ cmd: 'puback', messageId: messageId ?? 0 });
    }
    await turns();

    const third = await restart();
    const again = await third.connect(station(), { clean: false });
    await until('5 messages', () => published(again).length === 5);
    await turns();
    expect(texts(again)).toEqual(['m16', 'm17', 'm18', 'm19', 'm20']);
  });

  test('retained messages, and that one was taken away', async () => {
    const first = await restart();
    const writer = await first.connect(pump());
    writer.send(message('on', 1, { topic: STATUS, retain: true }));
    const other = await first.connect(pump('LVP-0002'));
    for (const [index, text] of ['on', ''].entries()) {
      other.send(message(text, index + 1, { topic: 'pumps/LVP-0002/status', retain: true }));
    }
    await until('PUBACK', () => acknowledged(writer).length + acknowledged(other).length === 3);

    const second = await restart();
    const reader = await second.connect(station());
    reader.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'pumps/+/status', qos: 1 }] });
    await turns();
    expect(published(reader)).toMatchObject([{ topic: STATUS, retain: true }]);
  });

  test('a subscription that was taken back, or belonged to a session that came back clean, does not', async () => {
    const first = await restart();
    await keptReader(first);
    await keptReader(first, 1, 'pumps/+/event');
    const reader = await first.connect(station(), { clean: false });
    reader.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['pumps/+/event'] });
    await turns();
    const second = await restart();
    const writer = await second.connect(pump());
    writer.send(message('event', 1, { topic: 'pumps/LVP-0001/event' }));
    await until('PUBACK', () => acknowledged(writer).length === 1);
    const clean = await second.connect(station(), { clean: true });
    clean.cut();
    await turns();

    const third = await restart();
    const late = await third.connect(station(), { clean: false });
    expect(late.packets).toMatchObject([{ cmd: 'connack', sessionPresent: false }]);
    expect(published(late)).toEqual([]);
  });

  test('the will of a session that the broker took with it', async () => {
    const first = await restart();
    await keptReader(first, 1, 'pumps/+/status');
    const will = { topic: STATUS, payload: Buffer.from('offline'), qos: 1 as const, retain: true };
    await first.connect(pump(), { will });
    const second = await restart();
    const reader = await second.connect(station(), { clean: false });
    await until('the will', () => texts(reader).includes('offline'));
  });

  test('a QoS 2 message that comes again after the restart is not published again', async () => {
    const first = await restart();
    await keptReader(first);
    const writer = await first.connect(pump(), { clean: false });
    writer.send(message('once', 7, { qos: 2 }));
    await until('PUBREC', () => acknowledged(writer).length === 1);

    const second = await restart();
    const same = await second.connect(pump(), { clean: false });
    same.send(message('once', 7, { qos: 2, dup: true }));
    await until('PUBREC', () => acknowledged(same).length === 1);
    same.send({ cmd: 'pubrel', messageId: 7 });
    const reader = await second.connect(station(), { clean: false });
    await turns();
    expect(texts(reader)).toEqual(['once']);
  });
});

describe('limits', () => {
  test('what an earlier process left in a queue counts, and so does the session', async () => {
    const limits: Limits = {
      ...DEFAULT_LIMITS,
      byKind: {},
      default: { ...DEFAULT_LIMITS.default, queuedMessages: 4, sessions: 1 },
    };
    const first = await restart({ limits });
    await keptReader(first);
    const writer = await first.connect(pump());
    for (const number of [1, 2, 3]) writer.send(message(`m${number}`, number));
    await until('PUBACK', () => acknowledged(writer).length === 3);

    const second = await restart({ limits });
    expect(second.handler.queues).toMatchObject({ messages: 3, sessions: 1 });
    const other = await second.connect(pump());
    for (const number of [4, 5, 6]) other.send(message(`m${number}`, number));
    await until('PUBACK', () => acknowledged(other).length === 3);
    await until('queue.full', () => second.evidence.some(({ event }) => event === 'queue.full'));
    const refused = await second.connect(station(), { clean: false, clientId: 'nurse-station:station-01/b' });
    expect(refused.packets).not.toContainEqual(expect.objectContaining({ cmd: 'connack', returnCode: 0 }));
    const reader = await second.connect(station(), { clean: false });
    await turns();
    expect(texts(reader)).toEqual(['m1', 'm2', 'm3', 'm4']);
  });
});

describe('a disk that takes nothing', () => {
  test('what cannot be kept is not acknowledged, and the broker lives and comes back', async () => {
    let full = false;
    const open = async (): Promise<Disk> => {
      if (full) throw new Error('No space left on device');
      const disk = await openDisk(join(folder, 'broker'));
      return {
        ...disk,
        write: (changes, synced) =>
          full ? Promise.reject(new Error('No space left on device')) : disk.write(changes, synced),
      };
    };
    const first = await restart({ open });
    await keptReader(first);
    const writer = await first.connect(pump());
    writer.send(message('kept', 1));
    await until('PUBACK', () => acknowledged(writer).length === 1);
    full = true;
    writer.send(message('lost', 2), message('lost too', 3));
    await until('the end', () => writer.closed);
    expect(acknowledged(writer)).toEqual([1]);
    expect(first.handler.keepingFailure?.message).toMatch(/No space left/);
    expect(first.evidence.filter(({ event }) => event === 'store.failed')).toMatchObject([
      { source: 'broker', cause: expect.stringMatching(/^PR_DISK: .*No space left on device/) },
    ]);
    expect(first.evidence.filter(({ event }) => event === 'publish.denied')).toMatchObject([
      { object: ALARM, cause: expect.stringMatching(/^PR_DISK: /) },
    ]);
    // What needs no disk goes on.
    const watcher = await first.connect(observer());
    watcher.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'pumps/+/telemetry', qos: 0 }] });
    await turns();
    const talker = await first.connect(pump());
    talker.send(message('live', 1, { topic: 'pumps/LVP-0001/telemetry', qos: 0 }));
    await turns();
    expect(texts(watcher)).toEqual(['live']);

    full = false;
    first.clock.runTo(first.clock.now() + 1_000);
    await until('store.recovered', () => first.evidence.some(({ event }) => event === 'store.recovered'));
    talker.send(message('kept again', 9));
    await until('PUBACK', () => acknowledged(talker).length === 1);
    const second = await restart();
    const reader = await second.connect(station(), { clean: false });
    await until('both', () => published(reader).length === 2);
    expect(texts(reader)).toEqual(['kept', 'kept again']);
  });

  test('a folder that another broker holds is refused with a code, and so is a record that is none', async () => {
    await restart();
    await expect(openMemoryBroker({ store: () => openDisk(join(folder, 'broker')) })).rejects.toMatchObject({
      code: 'PR_DIR_IN_USE',
    });
    await broker?.handler.stop();
    broker = undefined;
    const disk = await openDisk(join(folder, 'broker'));
    await disk.write([['retained!x', Buffer.from('{}\n')]], true);
    await disk.close();
    await expect(openMemoryBroker({ store: () => openDisk(join(folder, 'broker')) })).rejects.toMatchObject({
      code: 'PR_STORE_UNREADABLE',
    });
    expect(statSync(join(folder, 'broker')).mode & 0o777).toBe(0o700);
  });
});
