import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followWall, HeapClock, unsettled } from '../../clock/index.ts';
import { openPki } from '../../pki/index.ts';
import { clientIdOf, type Link, parseSerial, topicName } from '../../protocol/index.ts';
import { digestOf } from '../../pump-server/digest.ts';
import { dialer } from '../../testbed/dialer.ts';
import { loadShippedPostures } from '../../testbed/index.ts';
import { HOST } from '../../testbed/testbed.ts';
import { ask, ended, forkScript, startBroker } from './broker/child-broker.ts';
import type { ImageReport } from './broker/image-pumps-child.ts';
import type { ServerReport } from './broker/image-server-child.ts';
import { figure } from './figure.ts';

const MIB = 1_024 * 1_024;
/** As large as those that the pump server sends. */
const CHUNK_BYTES = 64 * 1_024;
/** Publications of the bare publisher that wait for their acknowledgement. */
const WINDOW = 64;
/** The goals: resident memory of the pump server above idle, and bytes on the wire against those of the images. */
const MEMORY_MB = 200;
const PUBLISHER = { kind: 'pump-server', id: 'server-02' } as const;
/** A guard against hanging. */
const PATIENCE_MS = 1_800_000;

/**
 * Many pumps fetch one image at once from a pump server over TLS, with a broker, the server and those who fetch in a process each. Beside it: the
 * same bytes from a bare publisher, which nobody asks, to the same sessions through the same broker.
 *
 * @param size of the image, in MiB
 */
export async function image(count: number, size: number): Promise<void> {
  const sizeBytes = size * MIB;
  const necessary = count * sizeBytes;
  const what = `${size} MiB to ${count} pumps`;
  const dir = mkdtempSync(join(tmpdir(), 'pumprange-bench-'));
  const clock = new HeapClock(Date.now());
  const stopClock = followWall(clock);
  const closing: (() => Promise<void> | void)[] = [];
  try {
    openPki({ dir: join(dir, 'pki'), clock });
    const broker = await startBroker('ours', dir);
    closing.push(broker.stop);
    const args = [dir, String(broker.port)];
    const server = (await forkScript('image-server-child.ts', [...args, String(sizeBytes)])).child;
    closing.push(() => ended(server));
    const pumps = (await forkScript('image-pumps-child.ts', [...args, String(count)])).child;
    closing.push(() => ended(pumps));
    await until(async () => (await ask<ServerReport>(server, 'report')).online, 'the pump server online');
    const idle = await ask<ServerReport>(server, 'report');
    const brokerIdle = await broker.usage();
    const { digest } = await ask<ServerReport>(server, 'release');

    const before = await ask<ImageReport>(pumps, 'report');
    const fetchedAt = performance.now();
    await ask<ImageReport>(pumps, `fetch ${digest} ${sizeBytes}`);
    const after = await allDone(pumps, count);
    const fetchedS = (performance.now() - fetchedAt) / 1_000;
    const served = await ask<ServerReport>(server, 'report');
    const brokerServed = await broker.usage();

    const mb = (kb: number): number => (kb * 1_024) / 1e6;
    const brokerMb = mb(brokerServed.rssKb - brokerIdle.rssKb).toFixed(0);
    figure(
      'pump server above idle, highest',
      mb(served.highestRssKb - idle.rssKb),
      'MB',
      MEMORY_MB,
      `resident, of the goal; the broker kept ${brokerMb} MB afterwards`,
    );
    const asked = ((after.bytesOut - before.bytesOut) / necessary) * 100;
    figure(
      'bytes on the wire to the pumps',
      (after.bytesIn - before.bytesIn) / 1e6,
      'MB',
      necessary / 1e6,
      `of the images; they sent ${asked.toFixed(2)} %; TLS and MQTT included`,
    );

    const link = await openPublisher(dir, broker.port, clock);
    closing.push(() => link.end());
    const content = randomBytes(sizeBytes);
    const bareDigest = digestOf(content);
    await ask<ImageReport>(pumps, `take ${bareDigest} ${sizeBytes}`);
    await until(
      async () => (await ask<ImageReport>(pumps, 'report')).ready === count,
      'all pumps subscribed',
    );
    const bareBefore = await ask<ImageReport>(pumps, 'report');
    const bareAt = performance.now();
    await publishAll(link, after.serials, content, bareDigest);
    const bareAfter = await allDone(pumps, count);
    const bareS = (performance.now() - bareAt) / 1_000;

    const bareIn = ((bareAfter.bytesIn - bareBefore.bytesIn) / necessary).toFixed(4);
    figure(
      `${what}, fetched`,
      fetchedS,
      's',
      bareS,
      `of the same bytes from a bare publisher, QoS 1 (on the wire: ${bareIn} of the images)`,
    );
  } finally {
    for (const close of closing.reverse()) await close();
    stopClock();
    rmSync(dir, { recursive: true, force: true });
  }
}

function openPublisher(dir: string, port: number, clock: HeapClock): Promise<Link> {
  const posture = loadShippedPostures().find(({ id }) => id === 'layered');
  if (posture === undefined) throw new Error('there is no posture layered');
  const pki = openPki({ dir: join(dir, 'pki'), clock });
  const endpoint = () => ({ host: HOST, port, listener: 'tls' as const });
  const judge = pki.judge({ revocation: true });
  const dial = dialer({ clock, settling: unsettled, judge, posture, endpoint }, pki.credentialFor(PUBLISHER));
  const options = { clientId: clientIdOf(PUBLISHER), keepAliveS: 180 };
  return dial(options, { message: () => undefined, closed: () => undefined });
}

/** To each pump in turn a chunk, then the next one. */
async function publishAll(
  link: Link,
  serials: readonly string[],
  content: Buffer,
  digest: string,
): Promise<void> {
  const pumps = serials.flatMap((serial) => parseSerial(serial) ?? []);
  const chunks = Math.ceil(content.length / CHUNK_BYTES);
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < chunks * pumps.length) {
      const serial = pumps[next % pumps.length];
      const offset = Math.floor(next / pumps.length) * CHUNK_BYTES;
      next += 1;
      if (serial === undefined) continue;
      const topic = topicName({ kind: 'artifact-chunk', digest, serial, offset });
      await link.publish(topic, content.subarray(offset, offset + CHUNK_BYTES), { qos: 1 });
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, one));
}

/** @throws if what came somewhere is not what was released */
async function allDone(pumps: Parameters<typeof ended>[0], count: number): Promise<ImageReport> {
  let last: ImageReport | undefined;
  await until(async () => {
    last = await ask<ImageReport>(pumps, 'report');
    return last.done === count;
  }, 'the image at all pumps');
  if (last === undefined || last.spoilt > 0) throw new Error(`${last?.spoilt} images have another digest`);
  return last;
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const beganAt = performance.now();
  while (!(await holds())) {
    if (performance.now() - beganAt > PATIENCE_MS) throw new Error(`not reached: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
