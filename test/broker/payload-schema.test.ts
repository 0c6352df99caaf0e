import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { MESSAGE_SCHEMAS, type MessageType, messageFault } from '../../broker/payload/message-fault.ts';
import { parseMessage } from '../../protocol/messages/parse.ts';
import { ceilingOf } from '../helpers/ceiling.ts';
import { configurationOf } from '../helpers/configuration.ts';
import { type Floor, observer, openFloor, pump, station, subscribe } from '../helpers/floor.ts';

const envelope = (type: string, from: string, body: unknown) => ({
  type,
  version: 1,
  from,
  bootId: 'boot-1',
  seq: 3,
  time: '2026-03-02T06:00:00.000Z',
  timeQuality: 'synchronised',
  body,
});
const PUMP = 'urn:pumprange:pump:LVP-0001';
const DIGEST = 'ab'.repeat(32);
const GOOD: Readonly<Record<MessageType, unknown>> = {
  status: envelope('status', PUMP, {
    link: 'online',
    model: 'lvp',
    hardwareRevision: 'A',
    udi: '(01)0',
    careArea: 'adult-icu',
    firmware: '1.0.0',
    library: null,
    libraryPending: null,
    activeAlarms: [{ alarm: 'occlusion', channel: 'A', priority: 'high' }],
    capabilities: ['x'],
    schemaVersions: { status: [1] },
  }),
  telemetry: envelope('telemetry', PUMP, {
    channels: [
      {
        channel: 'A',
        therapy: 'infusing',
        drug: null,
        rateMlPerH: 5,
        deliveredMl: 1,
        volumeToBeInfusedMl: 50,
        reservoirMl: 49.5,
        pressureMmHg: -2,
      },
    ],
    power: 'mains',
    batteryPercent: 88,
  }),
  alarm: envelope('alarm', PUMP, {
    alarm: 'occlusion',
    channel: null,
    priority: 'low',
    change: 'raised',
    happenedAt: '2026-03-02T06:00:00.000Z',
    oldestSeq: 0,
  }),
  event: envelope('event', PUMP, {
    event: 'started',
    channel: 'A',
    happenedAt: '2026-03-02T06:00:00.000Z',
    detail: { rate: 5, drug: 'x', confirmed: true, left: null },
  }),
  command: envelope('command', 'urn:pumprange:nurse-station:s1', {
    command: 'set-rate',
    channel: 'A',
    rateMlPerH: 7,
  }),
  ack: envelope('ack', PUMP, {
    answers: { from: 'x', bootId: 'y', seq: 1 },
    outcome: 'refused',
    control: null,
    reason: 'r',
  }),
  patient: envelope('patient', PUMP, { encounter: 'e', patientName: 'n', recordNumber: 'r', bed: 'b' }),
  order: envelope('order', 'urn:pumprange:gateway:g', {
    orderId: 'o',
    orderVersion: 1,
    channel: 'A',
    encounter: 'e',
    drug: 'd',
    rateMlPerH: 1,
    volumeToBeInfusedMl: 2,
  }),
  receipt: envelope('receipt', 'urn:pumprange:pump-server:s', { upToSeq: 4 }),
  renewal: envelope('renewal', 'urn:pumprange:pump-server:s', { authority: DIGEST }),
  'ceiling-release': envelope('ceiling-release', 'urn:pumprange:pump-server:s', {
    ceiling: ceilingOf('adult-icu'),
  }),
  'library-release': envelope('library-release', 'urn:pumprange:pump-server:s', {
    manifest: {
      document: 'library-manifest',
      version: 1,
      library: 'l',
      sequence: 1,
      libraryVersion: '1.0.0',
      careArea: 'adult-icu',
      models: ['lvp'],
      minimumFirmware: '1.0.0',
      digest: DIGEST,
      sizeBytes: 5,
      notAfter: '2026-03-02T06:00:00.000Z',
    },
  }),
  'configuration-release': envelope('configuration-release', 'urn:pumprange:pump-server:s', {
    configuration: configurationOf(),
  }),
  'firmware-release': envelope('firmware-release', 'urn:pumprange:pump-server:s', {
    manifest: {
      document: 'firmware-manifest',
      version: 1,
      model: 'lvp',
      firmwareVersion: '1.0.0',
      sequence: 1,
      securityEpoch: 0,
      digest: DIGEST,
      sizeBytes: 5,
      notAfter: '2026-03-02T06:00:00.000Z',
    },
    wave: ['LVP-0001'],
  }),
  'artifact-request': envelope('artifact-request', PUMP, { offset: 0, length: 100 }),
};
const TYPES = Object.keys(GOOD) as MessageType[];

test.each(TYPES)('%s: a good message fits, and one member more, less or other does not', (type) => {
  const text = JSON.stringify(GOOD[type]);
  expect(messageFault(type, Buffer.from(text))).toBeUndefined();
  expect(messageFault(type, Buffer.from(text.replace('{', '{"more":1,')))).toMatch(/additional/);
  expect(messageFault(type, Buffer.from(text.replace('"seq":3,', '')))).toMatch(/required/);
  expect(messageFault(type, Buffer.from(text.replace('urn:pumprange:', 'urn:other:')))).toMatch(
    /no identity/,
  );
  expect(messageFault(type, Buffer.from(text.slice(0, -1)))).toBe('not JSON');
  expect(messageFault(type, Buffer.from([0xff, ...Buffer.from(text)]))).toBe('not UTF-8');
  expect(messageFault(type, Buffer.from(text.replace('boot-1', 'x'.repeat(70_000))))).toMatch(/too many/);
});

test('what is compiled takes and refuses what the schemas of the protocol do', () => {
  const junk = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      '',
      'x',
      -1,
      0,
      1.5,
      1e300,
      true,
      [],
      {},
      '2026-02-30T06:00:00.000Z',
      ['a'],
      PUMP,
    ),
    fc.jsonValue({ maxDepth: 2 }),
  );
  let refused = 0;
  fc.assert(
    fc.property(fc.constantFrom(...TYPES), fc.nat(60), junk, fc.boolean(), (type, place, value, cut) => {
      const message = structuredClone(GOOD[type]);
      const places: [object, string][] = [];
      const walk = (node: unknown): void => {
        if (typeof node !== 'object' || node === null) return;
        for (const key of Object.keys(node)) {
          places.push([node, key]);
          walk(Reflect.get(node, key));
        }
      };
      walk(message);
      const [parent, key] = places[place % places.length]!;
      if (cut) Reflect.deleteProperty(parent, key);
      else Reflect.set(parent, key, value);
      const bytes = Buffer.from(JSON.stringify(message));
      const ours = messageFault(type, bytes) === undefined;
      if (!ours) refused += 1;
      expect([type, key, value, ours]).toEqual([
        type,
        key,
        value,
        parseMessage(MESSAGE_SCHEMAS[type], bytes).ok,
      ]);
    }),
    { numRuns: 5_000 },
  );
  expect(refused).toBeGreaterThan(2_000);
});

describe('at the broker', () => {
  let floor: Floor;
  afterEach(() => floor.stop());
  const say = async (topic: string, payload: string) => {
    const watcher = await floor.seat(observer());
    await subscribe(floor, watcher, 'pumps/+/telemetry', 'pumps/+/command');
    const seat = await floor.seat(topic.endsWith('command') ? station() : pump());
    seat.link.publish(topic, payload, { qos: 1 }).catch(() => undefined);
    await floor.wire.settle();
    return { received: watcher.received.length, closed: seat.closed.length };
  };

  test.each([
    ['pumps/LVP-0001/telemetry', 'telemetry'],
    ['pumps/LVP-0001/command', 'command'],
  ] as const)('a message of %s is passed on, and nothing else is', async (topic, type) => {
    floor = await openFloor({ payloadSchema: true });
    expect(await say(topic, JSON.stringify(GOOD[type]))).toEqual({ received: 1, closed: 0 });
    expect(await say(topic, JSON.stringify(GOOD.ack))).toEqual({ received: 0, closed: 1 });
    expect(floor.evidence.findLast(({ outcome }) => outcome === 'denied')).toMatchObject({
      event: 'publish.denied',
      control: 'payload-schema',
      object: topic,
    });
  });

  test('a will is a publication: one that is no message is refused at CONNECT', async () => {
    floor = await openFloor({ payloadSchema: true });
    const will = { topic: 'pumps/LVP-0001/status', payload: 'offline', retain: true };
    await expect(floor.seat(pump(), { will })).rejects.toThrow();
    await floor.seat(pump(), { will: { ...will, payload: JSON.stringify(GOOD.status) } });
    expect(floor.broker.counts()).toMatchObject({ clients: 1, denied: 1 });
  });

  test('is absent where it is off', async () => {
    floor = await openFloor();
    expect(await say('pumps/LVP-0001/telemetry', 'not JSON')).toEqual({ received: 1, closed: 0 });
  });
});
