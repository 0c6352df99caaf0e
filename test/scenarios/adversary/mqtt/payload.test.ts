import { expect, test } from 'vitest';
import { Composer, commandMessage as commandSchema, parseMessage } from '../../../../protocol/index.ts';
import { payloadBytes } from '../../../../scenarios/adversary/mqtt/payload.ts';

const NOW_MS = Date.UTC(2026, 0, 5);
const composer = () => new Composer({ kind: 'observer', id: 'laptop' }, 'boot-1', () => NOW_MS);
const json = (payload: Parameters<typeof payloadBytes>[0]) =>
  JSON.parse(String(payloadBytes(payload, composer(), NOW_MS)));

test('text and bytes are said as they are', () => {
  expect(payloadBytes({ text: '{ "a": é' }, composer(), NOW_MS)).toBe('{ "a": é');
  expect(payloadBytes({ base64: 'AAEC' }, composer(), NOW_MS)).toEqual(Buffer.from([0, 1, 2]));
});

test('a message names whom it likes as its sender', () => {
  const body = { link: 'online' };
  expect(json({ message: { type: 'status', body } })).toMatchObject({
    type: 'status',
    from: 'urn:pumprange:observer:laptop',
    seq: 0,
    body,
  });
  const pump = { kind: 'pump', id: 'LVP-0001' } as const;
  const lie = json({ message: { type: 'status', from: pump, to: pump, expiresIn: '30s', body } });
  expect(lie).toMatchObject({
    from: 'urn:pumprange:pump:LVP-0001',
    to: 'urn:pumprange:pump:LVP-0001',
    expiresAt: new Date(NOW_MS + 30_000).toISOString(),
  });
});

test.each([
  [
    { command: 'set-rate', rateMlPerH: 40 },
    { command: 'set-rate', channel: 'A', rateMlPerH: 40 },
  ],
  [
    { command: 'bolus', volumeMl: 2, channel: 'B' },
    { command: 'bolus', channel: 'B', volumeMl: 2 },
  ],
  [
    { command: 'set-alarm-limit', occlusionLimitMmHg: 50 },
    { command: 'set-alarm-limit', channel: 'A', occlusionLimitMmHg: 50 },
  ],
  [{ command: 'pause' }, { command: 'pause', channel: 'A' }],
  [{ command: 'identify' }, { command: 'identify' }],
] as const)('a command reads as a pump understands it: %o', (said, body) => {
  const bytes = Buffer.from(
    String(payloadBytes({ command: { pump: 'LVP-0001' as never, ...said } }, composer(), NOW_MS)),
  );
  expect(parseMessage(commandSchema, bytes)).toMatchObject({
    ok: true,
    message: { to: 'urn:pumprange:pump:LVP-0001', body },
  });
});
