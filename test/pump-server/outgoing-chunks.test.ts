import { describe, expect, it } from 'vitest';
import { type Link, parseSerial, type Serial } from '../../protocol/index.ts';
import { OutgoingChunks } from '../../pump-server/outgoing-chunks.ts';
import { Bench, FakePump, SERIAL, turns } from './fake-link.ts';
import { releaseLibrary } from './releases/people.ts';

const DIGEST = 'd'.repeat(64);

/** A broker that acknowledges when the test says so, in the order in which it got them. */
class SlowLink implements Link {
  readonly topics: string[] = [];
  readonly #open: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  publish(topic: string): Promise<void> {
    this.topics.push(topic);
    return new Promise((resolve, reject) => this.#open.push({ resolve, reject }));
  }

  get unacknowledged(): number {
    return this.#open.length;
  }

  async acknowledge(count: number): Promise<void> {
    for (const { resolve } of this.#open.splice(0, count)) resolve();
    await turns();
  }

  async refuse(count: number): Promise<void> {
    for (const { reject } of this.#open.splice(0, count)) reject(new Error('the connection closed'));
    await turns();
  }

  subscribe(): Promise<boolean> {
    return Promise.resolve(true);
  }

  end(): void {}
  cut(): void {}
}

function serialOf(index: number): Serial {
  return parseSerial(`LVP-${String(index + 1).padStart(4, '0')}`)!;
}

function chunkFor(serial: Serial, offset = 0) {
  return { digest: DIGEST, serial, offset, bytes: Buffer.alloc(10) };
}

function topicFor(index: number, offset = 0): string {
  return `artifacts/${DIGEST}/chunk/${serialOf(index)}/${offset}`;
}

/** A thousand pumps ask in one moment. */
function floorAsks() {
  const chunks = new OutgoingChunks();
  const link = new SlowLink();
  chunks.online(link);
  for (let index = 0; index < 1_000; index += 1) chunks.send(chunkFor(serialOf(index)));
  return { chunks, link };
}

describe('chunks on their way', () => {
  it('are few while the broker acknowledges nothing, however many pumps ask', () => {
    const { link } = floorAsks();
    expect(link.unacknowledged).toBe(64);
  });

  it('go to everybody in the order in which they were asked for, as the broker takes them', async () => {
    const { link } = floorAsks();
    let most = 0;
    while (link.unacknowledged > 0) {
      most = Math.max(most, link.unacknowledged);
      await link.acknowledge(7);
    }
    expect(most).toBe(64);
    expect(link.topics).toEqual(Array.from({ length: 1_000 }, (_, index) => topicFor(index)));
  });

  it('are sent once to a pump that asks again while it waits, and from where it is now', async () => {
    const { chunks, link } = floorAsks();
    chunks.send(chunkFor(serialOf(500)));
    chunks.send(chunkFor(serialOf(501), 65_536));
    while (link.unacknowledged > 0) await link.acknowledge(64);
    expect(link.topics).toHaveLength(1_000);
    expect(link.topics[500]).toBe(topicFor(500));
    expect(link.topics[501]).toBe(topicFor(501, 65_536));
  });

  it('make room when the broker does not take them', async () => {
    const { link } = floorAsks();
    await link.refuse(10);
    expect(link.topics).toHaveLength(74);
  });

  it('are forgotten with their link, and late answers on it count for nothing on the next one', async () => {
    const { chunks, link } = floorAsks();
    chunks.offline();
    chunks.send(chunkFor(serialOf(0)));
    const next = new SlowLink();
    chunks.online(next);
    expect(next.topics).toEqual([]);
    for (let index = 0; index < 200; index += 1) chunks.send(chunkFor(serialOf(index)));
    await link.acknowledge(64);
    expect(link.topics).toHaveLength(64);
    expect(next.topics).toHaveLength(64);
  });

  it('are held back by the pump server, too', async () => {
    const bench = new Bench();
    const { body } = await releaseLibrary(bench, { contentBytes: Buffer.alloc(10, 1) });
    const link = new SlowLink();
    bench.online(Object.assign(bench.link, { publish: link.publish.bind(link) }));
    await link.acknowledge(10);
    const { digest } = body.manifest;
    for (let index = 0; index < 100; index += 1) {
      const serial = serialOf(index);
      bench.receive(`artifacts/${digest}/request/${serial}`, new FakePump(serial).request(0, 10));
    }
    const sent = () => link.topics.filter((topic) => topic.startsWith(`artifacts/${digest}/chunk/`));
    expect(sent()).toHaveLength(64);
    await link.acknowledge(64);
    expect(sent()).toHaveLength(100);
    expect(sent()[0]).toBe(`artifacts/${digest}/chunk/${SERIAL}/0`);
  });
});
