import { createHash } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';
import { followWall, HeapClock } from '../../../clock/index.ts';
import { openPki } from '../../../pki/index.ts';
import {
  Composer,
  chunksFor,
  clientIdOf,
  type Link,
  parseSerial,
  parseTopic,
  type Serial,
} from '../../../protocol/index.ts';
import { ArtifactFetch } from '../../../simulator/shell/artifact-fetch.ts';
import { openMqtt } from '../../../simulator/transport/index.ts';
import { HOST } from '../../../testbed/testbed.ts';

/**
 * Those who want the image, as a process of their own: each has its own certificate, TLS connection and MQTT session, and fetches as pumps do,
 * with their own code. The rest of a pump is left out; what it costs others measure.
 */

/** Sent as `fetch <digest> <size>` (asks, as a pump does) or `take <digest> <size>` (only listens). */
export interface ImageReport {
  readonly serials: readonly string[];
  /** Whoever subscribed, or fetches. */
  readonly ready: number;
  readonly done: number;
  /** Of those, whose bytes have another digest. */
  readonly spoilt: number;
  /** What came over TCP so far, and what went. TLS counts. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

interface Client {
  readonly serial: Serial;
  readonly tcp: Socket;
  readonly link: Link;
  chunk: (offset: number, bytes: Buffer) => void;
}

/** Handshakes under way at a time. */
const UNDER_WAY = 32;

const [dir = '', port = '0', count = '0'] = process.argv.slice(2);
const clock = new HeapClock(Date.now());
followWall(clock);
const pki = openPki({ dir: `${dir}/pki`, clock });
const clients: Client[] = [];
let ready = 0;
let done = 0;
let spoilt = 0;

let next = 0;
await Promise.all(
  Array.from({ length: UNDER_WAY }, async () => {
    while (next < Number(count)) {
      next += 1;
      clients.push(await open(next));
    }
  }),
);
process.on('message', (question) => {
  const [verb, digest = '', size = '0'] = String(question).split(' ');
  if (verb === 'fetch' || verb === 'take') begin(verb, digest, Number(size));
  process.send?.(report());
});
process.on('disconnect', () => process.exit());
process.send?.(report());

async function open(number: number): Promise<Client> {
  const serial = parseSerial(`LVP-${String(number).padStart(4, '0')}`);
  if (serial === undefined) throw new Error(`no serial number for pump ${number}`);
  const { chainPem, privateKeyPem, rootPem } = pki.issue({ identity: { kind: 'pump', id: serial } });
  // The TCP connection is kept apart: the bytes that it counts are those on the wire, those of a TLSSocket are not.
  const tcp = connectTcp(Number(port), HOST);
  tcp.setNoDelay(true);
  const secureContext = createSecureContext({ cert: chainPem, key: privateKeyPem, ca: rootPem });
  const tls = connectTls({ socket: tcp, secureContext });
  await new Promise<void>((resolve, reject) => {
    tls.once('secureConnect', () => resolve());
    tls.once('error', reject);
  });
  const chunk = (topic: string, payload: Buffer): void => {
    const parsed = parseTopic(topic);
    if (parsed?.kind === 'artifact-chunk') client.chunk(parsed.offset, payload);
  };
  const link = await openMqtt(
    tls,
    clock,
    { clientId: clientIdOf({ kind: 'pump', id: serial }), keepAliveS: 180 },
    { message: chunk, closed: (reason) => console.error(`${serial} is offline: ${reason}`) },
  );
  const client: Client = { serial, tcp, link, chunk: () => undefined };
  return client;
}

function begin(verb: 'fetch' | 'take', digest: string, sizeBytes: number): void {
  [ready, done, spoilt] = [0, 0, 0];
  for (const client of clients) {
    if (verb === 'fetch') fetchImage(client, digest, sizeBytes);
    else takeImage(client, digest, sizeBytes);
  }
}

function fetchImage(client: Client, digest: string, sizeBytes: number): void {
  const { serial, link } = client;
  const fetch = new ArtifactFetch({
    digest,
    version: '9.0.0',
    sizeBytes,
    serial,
    clock,
    composer: new Composer({ kind: 'pump', id: serial }, 'boot-1', () => clock.now()),
    done: (bytes) => {
      done += 1;
      if (createHash('sha256').update(bytes).digest('hex') !== digest) spoilt += 1;
    },
  });
  client.chunk = (offset, bytes) => fetch.chunk(offset, bytes);
  ready += 1;
  fetch.online(link);
}

/** Judges the digest, too, and so has the same to do. */
function takeImage(client: Client, digest: string, sizeBytes: number): void {
  const hash = createHash('sha256');
  let bytesHere = 0;
  client.chunk = (_offset, bytes) => {
    hash.update(bytes);
    bytesHere += bytes.length;
    if (bytesHere < sizeBytes) return;
    done += 1;
    if (hash.digest('hex') !== digest) spoilt += 1;
  };
  client.link.subscribe(chunksFor(digest, client.serial), 1).then((granted) => {
    if (granted) ready += 1;
  });
}

function report(): ImageReport {
  const sum = (of: (client: Client) => number): number =>
    clients.reduce((total, client) => total + of(client), 0);
  return {
    serials: clients.map(({ serial }) => serial),
    ready,
    done,
    spoilt,
    bytesIn: sum(({ tcp }) => tcp.bytesRead),
    bytesOut: sum(({ tcp }) => tcp.bytesWritten),
  };
}
