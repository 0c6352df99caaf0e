import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import {
  ackMessage,
  alarmMessage,
  artifactRequestMessage,
  Composer,
  ceilingReleaseMessage,
  commandMessage,
  configurationReleaseMessage,
  eventMessage,
  firmwareReleaseMessage,
  libraryReleaseMessage,
  orderMessage,
  parseMessage,
  patientMessage,
  receiptMessage,
  renewalMessage,
  statusMessage,
  telemetryMessage,
  urnOf,
} from '../../protocol/index.ts';
import { ceilingOf } from '../helpers/ceiling.ts';
import { configurationOf } from '../helpers/configuration.ts';

const START_MS = Date.parse('2026-03-02T06:00:00.123Z');
const DIGEST = 'ab'.repeat(32);
const composer = () => new Composer({ kind: 'pump', id: 'LVP-0001' }, 'boot-1', () => START_MS);
const happenedAt = new Date(START_MS).toISOString();

const channel = {
  channel: 'A',
  therapy: 'infusing',
  drug: 'morphine',
  rateMlPerH: 2,
  deliveredMl: 1,
  volumeToBeInfusedMl: 50,
  reservoirMl: 49,
  pressureMmHg: 80,
};
const release = {
  version: 1,
  digest: DIGEST,
  sizeBytes: 10,
  sequence: 1,
  notAfter: happenedAt,
};

/** One good body of each message. */
const MESSAGES: readonly [type: string, schema: z.ZodType, body: Record<string, unknown>][] = [
  ['command', commandMessage, { command: 'set-rate', channel: 'A', rateMlPerH: 5 }],
  ['command', commandMessage, { command: 'identify' }],
  [
    'order',
    orderMessage,
    {
      orderId: 'o-1',
      orderVersion: 1,
      channel: 'A',
      encounter: 'e-1',
      drug: 'morphine',
      rateMlPerH: 2,
      volumeToBeInfusedMl: 50,
    },
  ],
  ['receipt', receiptMessage, { upToSeq: 0 }],
  ['renewal', renewalMessage, { authority: 'ab'.repeat(32) }],
  ['ceiling-release', ceilingReleaseMessage, { ceiling: ceilingOf('adult-icu') }],
  ['configuration-release', configurationReleaseMessage, { configuration: configurationOf() }],
  [
    'library-release',
    libraryReleaseMessage,
    {
      manifest: {
        document: 'library-manifest',
        ...release,
        library: 'adult-icu',
        libraryVersion: '1.0.0',
        careArea: 'adult-icu',
        models: ['lvp'],
        minimumFirmware: '1.0.0',
      },
    },
  ],
  [
    'firmware-release',
    firmwareReleaseMessage,
    {
      manifest: {
        document: 'firmware-manifest',
        ...release,
        model: 'lvp',
        firmwareVersion: '1.2.3',
        securityEpoch: 0,
      },
    },
  ],
  [
    'status',
    statusMessage,
    {
      link: 'online',
      model: 'lvp',
      hardwareRevision: 'A',
      udi: '(01)00000000000000',
      careArea: 'adult-icu',
      firmware: '1.0.0',
      library: null,
      libraryPending: null,
      activeAlarms: [],
      capabilities: [],
      schemaVersions: { command: [1] },
    },
  ],
  ['telemetry', telemetryMessage, { channels: [channel], power: 'mains', batteryPercent: 100 }],
  [
    'alarm',
    alarmMessage,
    { alarm: 'occlusion', channel: 'A', priority: 'high', change: 'raised', happenedAt },
  ],
  [
    'event',
    eventMessage,
    { event: 'started', channel: null, happenedAt, detail: { rateMlPerH: 2, by: null } },
  ],
  [
    'ack',
    ackMessage,
    {
      answers: { from: 'x', bootId: 'y', seq: 3 },
      outcome: 'refused',
      control: 'signed-commands',
      reason: 'unsigned',
    },
  ],
  ['patient', patientMessage, { encounter: 'e', patientName: 'Test Training', recordNumber: '0', bed: '1' }],
  ['artifact-request', artifactRequestMessage, { offset: 0, length: 262_144 }],
];

const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe.each(MESSAGES)('%s', (type, schema, body) => {
  const message = composer().compose(type, body);

  test('is read as it was written', () => {
    expect(parseMessage(schema, bytesOf(message))).toEqual({ ok: true, message });
  });

  test('with an unknown key in the envelope or in the body is refused, and the key is named', () => {
    for (const odd of [
      { ...message, priority: 'high' },
      { ...message, body: { ...body, patientName: 'x' } },
    ]) {
      if (type === 'patient' && !('priority' in odd)) continue;
      const parsed = parseMessage(schema, bytesOf(odd));
      expect(parsed).toMatchObject({ ok: false });
      expect(JSON.stringify(parsed)).toMatch(/priority|patientName/);
    }
  });

  test.each(Object.keys(body))('without `%s` is refused', (key) => {
    const { [key]: _, ...rest } = body;
    expect(parseMessage(schema, bytesOf({ ...message, body: rest })).ok).toBe(false);
  });
});

describe('an envelope', () => {
  const message = composer().compose('receipt', { upToSeq: 4 });
  const spoilt = (change: Record<string, unknown>): boolean =>
    parseMessage(receiptMessage, bytesOf({ ...message, ...change })).ok;

  test.each([
    ['another type', { type: 'command' }],
    ['another version', { version: 2 }],
    ['a sender that is no identity', { from: 'LVP-0001' }],
    ['an addressee that is no identity', { to: 'everybody' }],
    ['no boot id', { bootId: '' }],
    ['a negative number', { seq: -1 }],
    ['half a number', { seq: 0.5 }],
    ['a time without milliseconds', { time: '2026-03-02T06:00:00Z' }],
    ['a time of another zone', { time: '2026-03-02T06:00:00.000+01:00' }],
    ['a time that does not exist', { time: '2026-02-30T06:00:00.000Z' }],
    ['an unknown quality of time', { timeQuality: 'perfect' }],
    ['nine signatures', { signatures: Array(9).fill({ protected: 'a', signature: 'a' }) }],
    ['a signature that is not base64url', { signatures: [{ protected: 'a+', signature: 'a' }] }],
    ['a signature with more to it', { signatures: [{ protected: 'a', signature: 'a', header: {} }] }],
  ])('with %s is refused', (_, change) => {
    expect(spoilt(change)).toBe(false);
  });

  test('may name an addressee and an expiry', () => {
    const to = urnOf({ kind: 'pump', id: 'LVP-0001' });
    const addressed = composer().compose('receipt', { upToSeq: 4 }, { to, expiresAtMs: START_MS + 60_000 });
    expect(addressed).toMatchObject({ to, expiresAt: '2026-03-02T06:01:00.123Z' });
    expect(parseMessage(receiptMessage, bytesOf(addressed)).ok).toBe(true);
  });

  test('counts each stream up by one from 0, unless the caller does', () => {
    const one = composer();
    const seqs = ['event', 'alarm', 'event', 'event'].map((type) => one.compose(type, {}).seq);
    expect(seqs).toEqual([0, 0, 1, 2]);
    expect(one.compose('event', {}, { seq: 40 }).seq).toBe(40);
    expect(one.compose('event', {}).seq).toBe(3);
  });
});

describe('reading', () => {
  test('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          expect(parseMessage(commandMessage, bytes).ok).toBe(false);
        },
      ),
    );
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['half a message', bytesOf(composer().compose('receipt', { upToSeq: 0 })).subarray(0, 30)],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('%s is refused with a reason', (_, bytes) => {
    expect(parseMessage(receiptMessage, bytes)).toEqual({ ok: false, reason: 'not JSON in UTF-8' });
  });

  test('the reason of a refusal is short, however long the key that it names', () => {
    const message = composer().compose('receipt', { upToSeq: 0, ['k'.repeat(60_000)]: 1 });
    const parsed = parseMessage(receiptMessage, bytesOf(message));
    expect(parsed).toMatchObject({ ok: false, reason: expect.stringMatching(/^body: Unrecognized key/) });
    expect(parsed).toHaveProperty('reason.length', 200);
  });

  test('more than 64 KiB is refused unread', () => {
    const parsed = parseMessage(receiptMessage, Buffer.alloc(65_537, ' '));
    expect(parsed).toEqual({ ok: false, reason: '65537 bytes are too many' });
    const padded = Buffer.concat([
      Buffer.alloc(65_536 - 400, ' '),
      bytesOf(composer().compose('receipt', { upToSeq: 0 })),
    ]);
    expect(parseMessage(receiptMessage, padded).ok).toBe(true);
  });

  test.each([0, -1, '5', null, Number.POSITIVE_INFINITY])('a rate of %j is refused', (rateMlPerH) => {
    const text = JSON.stringify(
      composer().compose('command', { command: 'set-rate', channel: 'A', rateMlPerH: 'RATE' }),
    ).replace('"RATE"', rateMlPerH === Number.POSITIVE_INFINITY ? '1e400' : JSON.stringify(rateMlPerH));
    expect(parseMessage(commandMessage, Buffer.from(text)).ok).toBe(false);
  });
});
