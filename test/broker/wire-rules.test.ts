import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Floor, openFloor, pump } from '../helpers/floor.ts';
import { connectRaw, openRaw } from '../helpers/raw-mqtt.ts';

/** MQTT 3.1.1, byte by byte, on real TLS connections: what a client may not send ends its connection, and the audit says what came. */

let floor: Floor;
beforeEach(async () => {
  floor = await openFloor();
});
afterEach(() => floor.stop());

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const field = (content: string | Buffer): Buffer => {
  const bytes = Buffer.from(content);
  return Buffer.concat([u16(bytes.length), bytes]);
};
const packet = (first: number, ...body: (Buffer | number[])[]): Buffer => {
  const bytes = Buffer.concat(body.map((part) => Buffer.from(part)));
  if (bytes.length > 127) throw new Error('one byte of length only');
  return Buffer.concat([Buffer.from([first, bytes.length]), bytes]);
};
const TOPIC = 'pumps/LVP-0001/telemetry';
const ID = 'pump:LVP-0001';

interface Connect {
  readonly name?: string;
  readonly level?: number;
  readonly flags?: number;
  readonly first?: number;
  readonly rest?: readonly Buffer[];
}
const connect = ({
  name = 'MQTT',
  level = 4,
  flags = 2,
  first = 0x10,
  rest = [field(ID)],
}: Connect): Buffer => packet(first, field(name), [level, flags, 0, 60], ...rest);

const lastDenial = () => floor.evidence.findLast(({ outcome }) => outcome === 'denied');

describe('CONNECT', () => {
  const NOT_UTF8 = Buffer.from([0x70, 0xc3, 0x28]);
  const will = (topic: string | Buffer): Buffer[] => [field(ID), field(topic), field('offline')];
  const CASES: readonly [what: string, bytes: Buffer, clause: string, returnCode?: number][] = [
    ['reserved flags of the header', connect({ first: 0x11 }), '[MQTT-2.2.2-2]'],
    ['another protocol', connect({ name: 'HTTP' }), '[MQTT-3.1.2-1]'],
    ['protocol level 3, as MQTT 3.1', connect({ name: 'MQIsdp', level: 3 }), '[MQTT-3.1.2-2]', 1],
    ['protocol level 5', connect({ level: 5 }), '[MQTT-3.1.2-2]', 1],
    ['protocol level 0', connect({ level: 0 }), '[MQTT-3.1.2-2]', 1],
    ['the bit of a bridge in the level', connect({ level: 0x84 }), '[MQTT-3.1.2-2]', 1],
    ['the reserved flag', connect({ flags: 3 }), '[MQTT-3.1.2-3]'],
    ['a will of QoS 3', connect({ flags: 0x1e, rest: will(TOPIC) }), '[MQTT-3.1.2-14]'],
    ['a QoS of a will without a will', connect({ flags: 0x0a }), '[MQTT-3.1.2-13]'],
    ['a retained will without a will', connect({ flags: 0x22 }), '[MQTT-3.1.2-15]'],
    [
      'a password without a user name',
      connect({ flags: 0x42, rest: [field(ID), field('x')] }),
      '[MQTT-3.1.2-22]',
    ],
    [
      'an empty client id without a clean session',
      connect({ flags: 0, rest: [field('')] }),
      '[MQTT-3.1.3-8]',
      2,
    ],
    ['no client id', connect({ rest: [] }), '[MQTT-3.1.3-3]'],
    ['U+0000 in the client id', connect({ rest: [field('pump:\0')] }), '[MQTT-1.5.3-2]'],
    ['a client id that is not UTF-8', connect({ rest: [field(NOT_UTF8)] }), '[MQTT-1.5.3-1]'],
    [
      'a surrogate in the client id',
      connect({ rest: [field(Buffer.from([0xed, 0xa0, 0x80]))] }),
      '[MQTT-1.5.3-1]',
    ],
    [
      'a wildcard in the topic of the will',
      connect({ flags: 6, rest: will('pumps/+/status') }),
      '[MQTT-3.3.2-2]',
    ],
    ['an empty topic of the will', connect({ flags: 6, rest: will('') }), '[MQTT-4.7.3-1]'],
    ['a will that is not there', connect({ flags: 6 }), 'will'],
    ['a user name that is not there', connect({ flags: 0x82 }), 'user name'],
    ['bytes behind the end', connect({ rest: [field(ID), Buffer.from([1, 2])] }), 'behind the last field'],
    ['a name that is longer than the packet', packet(0x10, [0, 40], [0x4d]), 'too early'],
  ];

  test.each(CASES)('%s', async (_, bytes, clause, returnCode) => {
    const client = await openRaw(floor, pump());
    client.socket.write(bytes);
    await floor.wire.settle();
    expect(client.packets).toMatchObject(returnCode === undefined ? [] : [{ cmd: 'connack', returnCode }]);
    expect(client.socket.closed).toBe(true);
    const told = floor.evidence.filter(({ event }) => event === 'session.refused');
    expect(told).toMatchObject([{ outcome: 'denied', subject: 'urn:pumprange:pump:LVP-0001' }]);
    expect(told[0]?.cause).toContain(clause);
    expect(floor.broker.counts()).toMatchObject({ clients: 0, denied: 1 });
  });

  test('that is right is taken, byte by byte too', async () => {
    const client = await openRaw(floor, pump());
    for (const byte of connect({})) {
      client.socket.write(Buffer.from([byte]));
      await floor.wire.settle();
    }
    expect(client.packets).toMatchObject([{ cmd: 'connack', returnCode: 0 }]);
  });

  test('may be followed at once by what a client wants to say [MQTT 3.1.4]', async () => {
    const client = await openRaw(floor, pump());
    const said = Array.from({ length: 100 }, () => packet(0x30, field(TOPIC), Buffer.from('x')));
    client.socket.write(Buffer.concat([connect({}), ...said]));
    await floor.wire.settle();
    expect(client.packets).toMatchObject([{ cmd: 'connack', returnCode: 0 }]);
    expect(floor.broker.counts()).toMatchObject({ clients: 1, published: 100 });
  });
});

describe('a client that is connected', () => {
  const CASES: readonly [what: string, bytes: Buffer, clause: string][] = [
    ['a second CONNECT', connect({}), '[MQTT-3.1.0-2]'],
    ['the reserved type 0', packet(0x00), '[MQTT 2.2.1]'],
    ['the reserved type 15', packet(0xf0), '[MQTT 2.2.1]'],
    ['CONNACK', packet(0x20, [0, 0]), '[MQTT 2.2.1]'],
    ['SUBACK', packet(0x90, [0, 1, 0]), '[MQTT 2.2.1]'],
    ['UNSUBACK', packet(0xb0, [0, 1]), '[MQTT 2.2.1]'],
    ['PINGRESP', packet(0xd0), '[MQTT 2.2.1]'],
    ['a remaining length of five bytes', Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]), '[MQTT 2.2.3]'],
    ['flags of PUBACK', packet(0x41, u16(1)), '[MQTT-2.2.2-2]'],
    ['flags of PUBREL', packet(0x60, u16(1)), '[MQTT-2.2.2-2]'],
    ['flags of SUBSCRIBE', packet(0x80, u16(1), field('x'), [0]), '[MQTT-2.2.2-2]'],
    ['flags of UNSUBSCRIBE', packet(0xa0, u16(1), field('x')), '[MQTT-2.2.2-2]'],
    ['flags of PINGREQ', packet(0xc1), '[MQTT-2.2.2-2]'],
    ['flags of DISCONNECT', packet(0xe1), '[MQTT-2.2.2-2]'],
    ['PUBLISH with QoS 3', packet(0x36, field(TOPIC), u16(1)), '[MQTT-3.3.1-4]'],
    ['PUBLISH with DUP and QoS 0', packet(0x38, field(TOPIC)), '[MQTT-3.3.1-2]'],
    ['PUBLISH on #', packet(0x30, field('pumps/#')), '[MQTT-3.3.2-2]'],
    ['PUBLISH on +', packet(0x30, field('pumps/+/telemetry')), '[MQTT-3.3.2-2]'],
    ['PUBLISH on nothing', packet(0x30, field('')), '[MQTT-4.7.3-1]'],
    ['PUBLISH on U+0000', packet(0x30, field('pumps/\0')), '[MQTT-1.5.3-2]'],
    ['PUBLISH on what is not UTF-8', packet(0x30, field(Buffer.from([0x70, 0xff]))), '[MQTT-1.5.3-1]'],
    ['PUBLISH with packet identifier 0', packet(0x32, field(TOPIC), u16(0)), '[MQTT-2.3.1-1]'],
    ['PUBLISH without one', packet(0x32, field(TOPIC)), 'without a packet identifier'],
    ['PUBLISH that ends within its topic', packet(0x30, [0, 90], Buffer.from('pumps')), 'within its topic'],
    ['PUBACK with packet identifier 0', packet(0x40, u16(0)), '[MQTT-2.3.1-1]'],
    ['PUBACK that is too long', packet(0x40, u16(1), [0]), 'four bytes'],
    ['PUBREL that is too short', packet(0x62, [1]), 'four bytes'],
    ['SUBSCRIBE with packet identifier 0', packet(0x82, u16(0), field('x'), [0]), '[MQTT-2.3.1-1]'],
    ['SUBSCRIBE to nothing', packet(0x82, u16(1)), '[MQTT-3.8.3-3]'],
    ['SUBSCRIBE to an empty filter', packet(0x82, u16(1), field(''), [0]), '[MQTT-4.7.3-1]'],
    ['SUBSCRIBE with QoS 3', packet(0x82, u16(1), field('x'), [3]), '[MQTT-3.8.3-4]'],
    ['SUBSCRIBE with reserved bits', packet(0x82, u16(1), field('x'), [4]), '[MQTT-3.8.3-4]'],
    ['SUBSCRIBE without a QoS', packet(0x82, u16(1), field('x')), 'too early'],
    ['SUBSCRIBE to a filter with # inside', packet(0x82, u16(1), field('a/#/b'), [0]), '[MQTT-4.7.1-2]'],
    [
      'SUBSCRIBE to a filter with # beside a letter',
      packet(0x82, u16(1), field('a#'), [0]),
      '[MQTT-4.7.1-2]',
    ],
    [
      'SUBSCRIBE to a filter with + beside a letter',
      packet(0x82, u16(1), field('a/b+'), [0]),
      '[MQTT-4.7.1-3]',
    ],
    ['SUBSCRIBE to a filter with ++', packet(0x82, u16(1), field('++'), [0]), '[MQTT-4.7.1-3]'],
    ['SUBSCRIBE to U+0000', packet(0x82, u16(1), field('\0'), [0]), '[MQTT-1.5.3-2]'],
    ['UNSUBSCRIBE from nothing', packet(0xa2, u16(1)), '[MQTT-3.10.3-2]'],
    ['UNSUBSCRIBE with packet identifier 0', packet(0xa2, u16(0), field('x')), '[MQTT-2.3.1-1]'],
    ['PINGREQ with a body', packet(0xc0, [0]), 'PINGREQ with a body'],
    ['DISCONNECT with a body', packet(0xe0, [0]), 'DISCONNECT with a body'],
  ];

  test.each(CASES)('%s', async (_, bytes, clause) => {
    const client = await connectRaw(floor, pump());
    // What came before it in the same segment counts, what comes behind it does not.
    const good = packet(0x30, field(TOPIC), Buffer.from('x'));
    client.socket.write(Buffer.concat([good, bytes, good]));
    await floor.wire.settle();
    expect(client.socket.closed).toBe(true);
    expect(lastDenial()).toMatchObject({ event: 'packet.refused', subject: 'urn:pumprange:pump:LVP-0001' });
    expect(lastDenial()?.cause).toContain(clause);
    expect(floor.broker.counts()).toMatchObject({ clients: 0, denied: 1 });
    expect(floor.broker.counts().published).toBeLessThanOrEqual(1);
  });

  test('is not heard any more behind its DISCONNECT [MQTT-3.14.4-2]', async () => {
    const client = await connectRaw(floor, pump());
    const good = packet(0x30, field(TOPIC), Buffer.from('x'));
    const denied = packet(0x30, field('elsewhere'), Buffer.from('x'));
    client.socket.write(Buffer.concat([good, packet(0xe0), good, denied]));
    await floor.wire.settle();
    expect(client.socket.closed).toBe(true);
    expect(floor.broker.counts()).toMatchObject({ clients: 0, published: 1, denied: 0 });
    expect(floor.evidence.at(-1)).toMatchObject({ event: 'session.closed' });
  });

  test('is not disturbed by what is right', async () => {
    const client = await connectRaw(floor, pump());
    client.socket.write(
      Buffer.concat([
        packet(0x82, u16(1), field('pumps/LVP-0001/command'), [1], field('libraries/#'), [2]),
        packet(0x34, field(TOPIC), u16(7)),
        packet(0x62, u16(7)),
        packet(0x3a, field(TOPIC), u16(8)),
        packet(0x40, u16(999)),
        packet(0xa2, u16(2), field('pumps/LVP-0001/command')),
        packet(0xc0),
      ]),
    );
    await floor.wire.settle();
    expect(client.socket.closed).toBe(false);
    expect(client.packets.map(({ cmd }) => cmd).sort()).toEqual(
      ['connack', 'suback', 'pubrec', 'pubcomp', 'puback', 'unsuback', 'pingresp'].sort(),
    );
  });
});
