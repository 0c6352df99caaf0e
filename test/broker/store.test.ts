import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
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

describe('before it is acknowledged', () => {
  /** A disk that takes a batch only when it is let. */
  async function heldDisk() {
    const held: { readonly keys: string[]; readonly synced: boolean; readonly release: () => void }[] = [];
    let holding = false;
    const on = await restart({
      open: async () => {
        const disk = await openDisk(join(folder, 'broker'));
        return {
          ...disk,
          write: async (changes, synced) => {
            const keys = changes.map(([key]) => key.split('!')[0] ?? '');
            if (holding) await new Promise<void>((release) => held.push({ keys, synced, release }));
            await disk.write(changes, synced);
          },
        };
      },
    });
    await keptReader(on);
    const writer = await on.connect(pump());
    holding = true;
    const letGo = (): void => {
      holding = false;
      for (const { release } of held) release();
    };
    return { on, writer, held, letGo };
  }

  test('a publication is on the disk, synced, and those that came with it are in the same batch', async () => {
    const { writer, held, letGo } = await heldDisk();
    for (const number of [1, 2, 3, 4, 5]) writer.send(message(`m${number}`, number));
    await until('a batch', () => held.length === 1);
    await turns();
    expect(acknowledged(writer)).toEqual([]);
    expect(held).toMatchObject([{ keys: Array(5).fill('intake'), synced: true }]);
    letGo();
    await until('PUBACK', () => acknowledged(writer).length === 5);
    expect(acknowledged(writer)).toEqual([1, 2, 3, 4, 5]);
  });

  test('what comes behind it waits, and what needs no disk does not', async () => {
    const { on, writer, held, letGo } = await heldDisk();
    const watcher = await on.connect(observer());
    const filters = ['alarm', 'telemetry', 'event'].map((name) => ({
      topic: `pumps/+/${name}`,
      qos: 0 as const,
    }));
    watcher.send({ cmd: 'subscribe', messageId: 1, subscriptions: filters });
    await turns();
    const telemetry = (text: string, id: string) =>
      message(text, 0, { topic: `pumps/${id}/telemetry`, qos: 0 });
    const event = (text: string, messageId: number, id: string) =>
      message(text, messageId, { topic: `pumps/${id}/event` });
    writer.send(message('alarm', 1), event('event', 2, 'LVP-0001'), telemetry('late', 'LVP-0001'));
    await until('a batch', () => held.length > 0);
    const other = await on.connect(pump('LVP-0002'));
    other.send(telemetry('free', 'LVP-0002'), event('free too', 1, 'LVP-0002'));
    await until('PUBACK', () => acknowledged(other).length === 1);
    expect(texts(watcher)).toEqual(['free', 'free too']);
    expect(acknowledged(writer)).toEqual([]);
    letGo();
    await until('the rest', () => published(watcher).length === 5);
    // Between messages of different QoS MQTT has no order, and Aedes takes its time with QoS 1 [MQTT 4.6].
    const rest = texts(watcher).slice(2);
    expect(rest.filter((text) => text !== 'late')).toEqual(['alarm', 'event']);
    expect(acknowledged(writer)).toEqual([1, 2]);
  });

  test('who leaves before it is acknowledged is heard all the same, and its will after it', async () => {
    const { on, held, letGo } = await heldDisk();
    const watcher = await on.connect(observer());
    const filters = ['alarm', 'status'].map((name) => ({ topic: `pumps/+/${name}`, qos: 0 as const }));
    watcher.send({ cmd: 'subscribe', messageId: 1, subscriptions: filters });
    const will = {
      topic: 'pumps/LVP-0003/status',
      payload: Buffer.from('offline'),
      qos: 0 as const,
      retain: true,
    };
    const leaver = await on.connect(pump('LVP-0003'), { will });
    leaver.send(message('last words', 1, { topic: 'pumps/LVP-0003/alarm' }));
    await until('a batch', () => held.length > 0);
    leaver.cut();
    await turns();
    letGo();
    await until('both', () => published(watcher).length === 2);
    expect(texts(watcher)).toEqual(['last words', 'offline']);
    const second = await restart();
    const reader = await second.connect(station(), { clean: false });
    await until('it', () => texts(reader).includes('last words'));
  });
});

test('a torn end of the log costs what was not acknowledged, and no more', async () => {
  const first = await restart();
  await keptReader(first);
  const writer = await first.connect(pump());
  for (let number = 1; number <= 10; number++) {
    writer.send(message(`m${number}`, number));
    await until('PUBACK', () => acknowledged(writer).length === number);
  }
  await broker?.handler.stop();
  broker = undefined;
  const store = join(folder, 'broker');
  const log =
    readdirSync(store)
      .filter((name) => name.endsWith('.log'))
      .sort()
      .at(-1) ?? '';
  appendFileSync(join(store, log), Buffer.from('8f3c00010101', 'hex'));
  const second = await restart();
  const reader = await second.connect(station(), { clean: false });
  await until('10 messages', () => published(reader).length === 10);
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

test('QoS 2 messages that an earlier process saw unreleased count when their session comes back', async () => {
  const limits: Limits = {
    ...DEFAULT_LIMITS,
    byKind: {},
    default: { ...DEFAULT_LIMITS.default, inflight: 5 },
  };
  const first = await restart({ limits });
  await keptReader(first);
  const writer = await first.connect(pump(), { clean: false });
  for (let id = 1; id <= 4; id++) writer.send(message(`m${id}`, id, { qos: 2 }));
  await until('PUBREC', () => acknowledged(writer).length === 4);

  const second = await restart({ limits });
  const same = await second.connect(pump(), { clean: false });
  same.send(message('m5', 5, { qos: 2 }));
  await until('PUBREC', () => acknowledged(same).length === 1);
  expect(same.closed).toBe(false);
  same.send(message('m6', 6, { qos: 2 }));
  await until('the end', () => same.closed);
  expect(second.evidence.findLast(({ event }) => event === 'session.shed')?.cause).toMatch(/^inflight: /);
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
