import { spawn } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSharedState } from '../../broker/shared-state.ts';
import { DEFAULT_LIMITS, type Limits } from '../../protocol/index.ts';
import { follow } from '../helpers/command.ts';
import { observer, pump } from '../helpers/floor.ts';
import { freePort } from '../helpers/free-port.ts';
import { type MemoryBroker, openMemoryBroker } from '../helpers/memory-broker.ts';
import { hasTool } from '../helpers/require-tool.ts';

/** Two nodes of one broker on Debian's Redis, their sessions in memory. */

const isThere = hasTool('redis-server');
const limits: Limits = {
  ...DEFAULT_LIMITS,
  byKind: {},
  default: { ...DEFAULT_LIMITS.default, queuedMessages: 5, inflight: 8 },
};
const nodes: MemoryBroker[] = [];
let url = '';
let end: () => void = () => undefined;

beforeEach(async () => {
  if (!isThere) return;
  const port = await freePort();
  const redis = follow(
    spawn('redis-server', [
      '--bind',
      '127.0.0.1',
      '--port',
      String(port),
      '--save',
      '',
      '--appendonly',
      'no',
    ]),
  );
  end = () => redis.process.kill('SIGKILL');
  await redis.until(/Ready to accept connections/);
  url = `redis://127.0.0.1:${port}`;
  for (let count = 0; count < 2; count++) {
    const share = (told: Parameters<typeof openSharedState>[1]) => openSharedState(url, told);
    nodes.push(await openMemoryBroker({ limits, share }));
  }
});
afterEach(async () => {
  for (const { handler } of nodes.splice(0)) await handler.stop();
  end();
});

describe.runIf(isThere)('the queue of a kept session, across nodes', () => {
  test('is bounded by what waits in Redis, whichever node puts it in, and told of', async () => {
    const [first, second] = nodes as [MemoryBroker, MemoryBroker];
    const reader = await first.connect(observer(), { clean: false });
    await expect.poll(() => reader.packets.length).toBe(1);
    reader.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'pumps/+/alarm', qos: 1 }] });
    await expect.poll(() => reader.packets.length).toBe(2);
    reader.cut();
    await expect.poll(() => [...first.handler.sessions()].length).toBe(0);

    // Eight might be owed by a reader on another node, which is more than the five that may wait.
    const { queueLengths, disconnect } = await openSharedState(url, {
      failed: () => undefined,
      recovered: () => undefined,
    });
    const length = async () => (await queueLengths(['observer:observer-01']))[0];
    const writers = await Promise.all([first.connect(pump('LVP-0001')), second.connect(pump('LVP-0002'))]);
    for (const [index, writer] of writers.entries()) {
      await expect.poll(() => writer.packets.length).toBe(1);
      for (let messageId = 1; messageId <= 20; messageId++) {
        const topic = `pumps/LVP-000${index + 1}/alarm`;
        writer.send({ cmd: 'publish', topic, payload: 'x', qos: 1, messageId, dup: false, retain: false });
      }
      await expect.poll(() => writer.packets.length).toBe(21);
      // Two nodes that ask at the same moment are not told of each other.
      await expect.poll(length).toBe(8);
    }
    const full = ({ evidence }: MemoryBroker) => evidence.filter(({ event }) => event === 'queue.full');
    await expect.poll(() => full(first).length).toBeGreaterThan(0);
    await expect.poll(() => full(second).length).toBeGreaterThan(0);
    expect(full(second)[0]).toMatchObject({ control: 'session-quota', session: 'observer:observer-01' });

    expect(await length()).toBe(8);
    disconnect();
  }, 30_000);
});
