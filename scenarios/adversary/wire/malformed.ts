import { generate } from 'mqtt-packet';
import type { Malformation } from '../../format/adversary-actions/malformations.ts';

/** What is sent, and whether a session is opened first. */
interface Malformed {
  readonly inSession: boolean;
  /** @param clientId the name that the client has, or would have */
  readonly bytes: (clientId: string) => Uint8Array;
}

/** A packet: type and flags in one octet, a length that is right, and a body. */
function packet(first: number, body: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = body.length;
  do {
    const octet = rest % 128;
    rest = Math.floor(rest / 128);
    length.push(rest > 0 ? octet | 0x80 : octet);
  } while (rest > 0);
  return Buffer.concat([Buffer.of(first, ...length), body]);
}

/** A string or binary field: two octets of length in front [MQTT 1.5.3]. */
function field(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** CONNECT with flags of one's own, of level 4, with a keep-alive of a minute. */
function connect(flags: number, fields: readonly Uint8Array[], protocol = 'MQTT'): Buffer {
  return packet(0x10, Buffer.concat([field(protocol), Buffer.of(4, flags, 0, 60), ...fields]));
}

const publish = (first: number, topic: string | Uint8Array, ...rest: readonly Uint8Array[]): Buffer =>
  packet(first, Buffer.concat([field(topic), ...rest]));

const CLEAN = 0x02;
const TOPIC = 'wire/malformed';

export const MALFORMED: Readonly<Record<Malformation, Malformed>> = {
  'not-mqtt': { inSession: false, bytes: () => Buffer.from('GET / HTTP/1.1\r\nHost: broker\r\n\r\n') },
  'publish-before-connect': { inSession: false, bytes: () => publish(0x30, TOPIC, Buffer.from('x')) },
  'second-connect': {
    inSession: true,
    bytes: (clientId) => generate({ cmd: 'connect', clientId, protocolId: 'MQTT', protocolVersion: 4 }),
  },
  'other-protocol-name': { inSession: false, bytes: (id) => connect(CLEAN, [field(id)], 'MQTX') },
  'connect-reserved-flag': { inSession: false, bytes: (id) => connect(CLEAN | 0x01, [field(id)]) },
  'will-qos-3': {
    inSession: false,
    bytes: (id) => connect(CLEAN | 0x04 | 0x18, [field(id), field(TOPIC), field('gone')]),
  },
  'connect-cut-short': {
    inSession: false,
    bytes: (id) => connect(CLEAN, [field(id).subarray(0, 3)]),
  },
  'bytes-behind-connect': {
    inSession: false,
    bytes: (id) => connect(CLEAN, [field(id), Buffer.from('more')]),
  },
  'oversized-connect': {
    inSession: false,
    bytes: (id) => connect(CLEAN | 0x80 | 0x40, [field(id), field(long()), field(long()), long()]),
  },
  'length-of-five-bytes': { inSession: true, bytes: () => Buffer.of(0x30, 0x80, 0x80, 0x80, 0x80, 0x01) },
  'reserved-type': { inSession: true, bytes: () => Buffer.of(0xf0, 0) },
  'reserved-header-flags': {
    inSession: true,
    bytes: () => packet(0x80, Buffer.concat([Buffer.of(0, 1), field(TOPIC), Buffer.of(0)])),
  },
  'servers-packet': { inSession: true, bytes: () => Buffer.of(0x90, 3, 0, 1, 0) },
  'publish-qos-3': { inSession: true, bytes: () => publish(0x36, TOPIC, Buffer.of(0, 1)) },
  'topic-with-wildcard': { inSession: true, bytes: () => publish(0x30, 'pumps/+/command') },
  'topic-not-utf8': { inSession: true, bytes: () => publish(0x30, Buffer.of(0x61, 0xff, 0xfe)) },
  'topic-with-null': { inSession: true, bytes: () => publish(0x30, 'wire/\u0000') },
  'packet-id-zero': { inSession: true, bytes: () => publish(0x32, TOPIC, Buffer.of(0, 0)) },
  'no-filter': { inSession: true, bytes: () => packet(0x82, Buffer.of(0, 1)) },
};

function long(): Buffer {
  return Buffer.alloc(65_535 - 100, 0x61);
}
