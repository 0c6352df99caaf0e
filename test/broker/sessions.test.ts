import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Floor, observer, openFloor, pump, station, subscribe } from '../helpers/floor.ts';
import { connectRaw, openRaw } from '../helpers/raw-mqtt.ts';

let floor: Floor;
beforeEach(async () => {
  floor = await openFloor();
});
afterEach(() => floor.stop());

const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined);
const lastDenial = () => floor.evidence.findLast(({ outcome }) => outcome === 'denied');

describe('CONNECT', () => {
  test('an empty client id without a clean session is refused [MQTT-3.1.3-8]', async () => {
    const client = await openRaw(floor, pump());
    // By hand: no library writes it. MQTT 3.1.1, flags 0, keep-alive 0, client id of no bytes.
    client.socket.write(Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0, 0, 0, 0, 0]));
    await floor.wire.settle();
    expect(client.packets).toMatchObject([{ cmd: 'connack', returnCode: 2 }]);
    expect(client.socket.closed).toBe(true);
    expect(floor.evidence.filter(({ event }) => event === 'session.refused')).toMatchObject([
      { cause: expect.stringContaining('[MQTT-3.1.3-8]'), subject: 'urn:pumprange:pump:LVP-0001' },
    ]);
    expect(floor.broker.counts()).toMatchObject({ clients: 0, denied: 1 });
  });

  test('an empty client id with one gets the name of the certificate', async () => {
    const client = await connectRaw(floor, pump(), { clientId: '' });
    expect(client.packets).toMatchObject([{ cmd: 'connack', returnCode: 0 }]);
    expect(floor.broker.connected()).toEqual([pump()]);
    expect(floor.evidence.findLast(({ event }) => event === 'session.opened')).toMatchObject({
      session: 'pump:LVP-0001',
      subject: 'urn:pumprange:pump:LVP-0001',
    });
  });

  test('under another name than the certificate’s is refused, and the evidence names the control', async () => {
    const client = await connectRaw(floor, pump(), { clientId: 'pump:LVP-0002' });
    expect(client.packets).toMatchObject([{ cmd: 'connack', returnCode: 2 }]);
    expect(lastDenial()).toMatchObject({
      event: 'session.refused',
      control: 'identity-binding',
      subject: 'urn:pumprange:pump:LVP-0001',
    });
    expect(floor.broker.counts()).toMatchObject({ clients: 0, denied: 1 });
  });

  test('of MQTT 5 is refused with what 3.1.1 has for it', async () => {
    const client = await connectRaw(floor, pump(), { protocolVersion: 5 });
    expect(client.packets).toMatchObject([{ cmd: 'connack', returnCode: 1 }]);
    expect(client.socket.closed).toBe(true);
    expect(floor.broker.counts().clients).toBe(0);
  });

  test('a second time is a violation, and the connection closes [MQTT-3.1.0-2]', async () => {
    const client = await connectRaw(floor, pump());
    client.send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: 'pump:LVP-0001',
    });
    await floor.wire.settle();
    expect(client.socket.closed).toBe(true);
  });

  test('that never comes, and much else instead, is not waited for', async () => {
    const client = await openRaw(floor, pump());
    // A CONNECT that says it is 200 MB long, and goes on.
    client.socket.write(Buffer.concat([Buffer.from([0x10, 0xff, 0xff, 0xff, 0x5f]), Buffer.alloc(200_000)]));
    await floor.wire.settle();
    expect(client.socket.closed).toBe(true);
    expect(floor.evidence.filter(({ event }) => event === 'session.refused')).toMatchObject([
      { cause: 'too much was sent before CONNECT' },
    ]);
    expect(floor.broker.counts()).toMatchObject({ clients: 0, denied: 1 });
  });

  test.each([
    ['PUBLISH', Buffer.from([0x30, 3, 0, 1, 0x61])],
    ['PINGREQ', Buffer.from([0xc0, 0])],
    ['no MQTT at all', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('must come first: %s instead of it closes the connection [MQTT-3.1.0-1]', async (_, bytes) => {
    const client = await openRaw(floor, pump());
    client.socket.write(bytes);
    await floor.wire.settle();
    expect(client.socket.closed).toBe(true);
    expect(floor.evidence.filter(({ event }) => event === 'session.refused').length).toBe(1);
    expect(floor.broker.counts()).toMatchObject({ clients: 0, denied: 1 });
  });

  test('by the same identity takes the session over', async () => {
    const first = await floor.seat(pump());
    const second = await floor.seat(pump());
    expect([first.closed.length, second.closed.length]).toEqual([1, 0]);
    expect(floor.evidence.filter(({ event }) => event === 'session.taken-over')).toMatchObject([
      { outcome: 'observed', cause: 'the same identity connected again', session: 'pump:LVP-0001' },
    ]);
    expect(await subscribe(floor, second, 'pumps/LVP-0001/command')).toEqual([true]);
    expect(floor.broker.connected()).toEqual([pump()]);
  });

  test('two observers of one certificate stand side by side', async () => {
    const clients = [
      await connectRaw(floor, observer(), { clientId: '' }),
      await connectRaw(floor, observer(), { clientId: '' }),
    ];
    expect(clients.map(({ socket }) => socket.closed)).toEqual([false, false]);
    expect(floor.broker.counts().clients).toBe(2);
    expect(floor.evidence.filter(({ event }) => event === 'session.taken-over')).toEqual([]);
  });
});

describe('without identity binding', () => {
  test('a stolen certificate takes another’s session over, and the evidence shows whose it is', async () => {
    await floor.stop();
    floor = await openFloor({ without: ['identity-binding'] });
    const victim = await floor.seat(station());
    const thief = await floor.seat(pump('LVP-0666'), { clientId: 'nurse-station:station-01' });
    expect(victim.closed.length).toBe(1);
    expect(await subscribe(floor, thief, 'pumps/+/patient')).toEqual([true]);
    const opened = floor.evidence.findLast(({ event }) => event === 'session.opened');
    expect(opened).toMatchObject({
      session: 'nurse-station:station-01',
      subject: 'urn:pumprange:nurse-station:station-01',
    });
    expect(opened?.certificateFingerprint).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('a publication', () => {
  test('that is denied reaches nobody, closes the connection and is recorded', async () => {
    const watcher = await floor.seat(observer());
    await subscribe(floor, watcher, 'pumps/+/command');
    const sender = await floor.seat(pump());
    quietly(sender.link.publish('pumps/LVP-0002/command', 'x', { qos: 1 }));
    await floor.wire.settle();
    expect(sender.closed.length).toBe(1);
    expect(watcher.received).toEqual([]);
    expect(lastDenial()).toMatchObject({
      event: 'publish.denied',
      control: 'topic-authorization',
      subject: 'urn:pumprange:pump:LVP-0001',
      object: 'pumps/LVP-0002/command',
      visibility: 'blue',
    });
    expect(floor.broker.counts()).toMatchObject({ published: 0, delivered: 0, denied: 1 });
  });

  test.each([[[]], [['topic-authorization']]] as const)(
    'on $SYS is refused, without %j too',
    async (without) => {
      await floor.stop();
      floor = await openFloor({ without });
      const sender = await floor.seat(pump());
      quietly(sender.link.publish('$SYS/broker/clients', '0', { qos: 1 }));
      await floor.wire.settle();
      expect(sender.closed.length).toBe(1);
      expect(floor.broker.counts().published).toBe(0);
    },
  );

  test('of a command is recorded with who and where; telemetry is counted only', async () => {
    const watcher = await floor.seat(observer());
    await subscribe(floor, watcher, 'pumps/+/command', 'pumps/+/telemetry');
    const nurses = await floor.seat(station());
    const sender = await floor.seat(pump());
    quietly(nurses.link.publish('pumps/LVP-0001/command', 'c', { qos: 1 }));
    await floor.wire.settle();
    const before = floor.evidence.length;
    quietly(sender.link.publish('pumps/LVP-0001/telemetry', 't', { qos: 0 }));
    await floor.wire.settle();
    expect(floor.evidence.length).toBe(before);
    expect(floor.evidence.filter(({ event }) => event === 'publish.allowed')).toMatchObject([
      { object: 'pumps/LVP-0001/command', subject: 'urn:pumprange:nurse-station:station-01' },
    ]);
    expect(floor.broker.counts()).toEqual({ clients: 3, published: 2, delivered: 2, denied: 0 });
  });
});

describe('a subscription', () => {
  test('that is denied answers 0x80 beside those that are granted, and the session stands [MQTT-3.9.3-2]', async () => {
    const client = await connectRaw(floor, pump());
    client.send({
      cmd: 'subscribe',
      messageId: 7,
      subscriptions: [
        { topic: 'pumps/LVP-0001/command', qos: 1 },
        { topic: 'pumps/+/command', qos: 1 },
        { topic: 'pumps/LVP-0001/order', qos: 0 },
      ],
    });
    await floor.wire.settle();
    expect(client.packets.at(-1)).toMatchObject({ cmd: 'suback', messageId: 7, granted: [1, 128, 0] });
    expect(client.socket.closed).toBe(false);
    expect(lastDenial()).toMatchObject({ event: 'subscribe.denied', object: 'pumps/+/command' });

    const nurses = await floor.seat(station());
    for (const serial of ['LVP-0001', 'LVP-0002']) {
      quietly(nurses.link.publish(`pumps/${serial}/command`, serial, { qos: 1 }));
    }
    await floor.wire.settle();
    const got = client.packets.flatMap((packet) =>
      packet.cmd === 'publish' ? [String(packet.payload)] : [],
    );
    expect(got).toEqual(['LVP-0001']);
  });
});

test('a kept session is not resumed with more than its identity may read', async () => {
  // MQTT keeps the subscriptions of a session that is not clean; each is judged again when it is restored.
  const client = await connectRaw(floor, pump(), { clean: false });
  client.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [{ topic: 'pumps/LVP-0001/command', qos: 1 }],
  });
  await floor.wire.settle();
  client.socket.destroy();
  await floor.wire.settle();
  const again = await connectRaw(floor, pump(), { clean: false });
  expect(again.packets).toMatchObject([{ cmd: 'connack', returnCode: 0, sessionPresent: true }]);
  const nurses = await floor.seat(station());
  quietly(nurses.link.publish('pumps/LVP-0001/command', 'c', { qos: 1 }));
  await floor.wire.settle();
  expect(again.packets.at(-1)).toMatchObject({ cmd: 'publish', topic: 'pumps/LVP-0001/command' });
  expect(floor.broker.counts().denied).toBe(0);
});
