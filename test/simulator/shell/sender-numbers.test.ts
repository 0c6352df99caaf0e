import { describe, expect, test } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import { createMemoryPki } from '../../../pki/index.ts';
import {
  CONTROL_IDS,
  type CommandMessage,
  Composer,
  commandMessage,
  parseMessage,
  signMessage,
  urnOf,
} from '../../../protocol/index.ts';
import { judgeCommand } from '../../../simulator/shell/command-intake.ts';
import { SenderNumbers } from '../../../simulator/shell/sender-numbers.ts';

const START_MS = Date.parse('2026-03-02T06:00:00Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SELF = urnOf({ kind: 'pump', id: 'LVP-0001' });
const FROM = urnOf({ kind: 'nurse-station', id: 'station-01' });

/** A pause from a boot of the station, good for so long from the start. */
function pause(bootId: string, livesMs: number | null = MINUTE_MS, seq = 0): CommandMessage {
  const expiry = livesMs === null ? {} : { expiresAtMs: START_MS + livesMs };
  const message = new Composer({ kind: 'nurse-station', id: 'station-01' }, bootId, () => START_MS).compose(
    'command',
    { command: 'pause', channel: 'A' },
    { to: SELF, seq, ...expiry },
  );
  const parsed = parseMessage(commandMessage, Buffer.from(JSON.stringify(message)));
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.message;
}

/** Numbers of a thousand boots, each of one command. */
function full(livesMs: number): SenderNumbers {
  const numbers = new SenderNumbers();
  for (let boot = 0; boot < 1_000; boot += 1) numbers.use(pause(`boot-${boot}`, livesMs), START_MS);
  return numbers;
}

describe('the numbers of senders', () => {
  test('are those of each boot, and never go back', () => {
    const numbers = new SenderNumbers();
    expect(numbers.last(FROM, 'boot-0', START_MS)).toBe(-1);
    numbers.use(pause('boot-0', MINUTE_MS, 7), START_MS);
    numbers.use(pause('boot-0', MINUTE_MS, 3), START_MS);
    expect(numbers.last(FROM, 'boot-0', START_MS)).toBe(7);
    expect(numbers.last(FROM, 'boot-1', START_MS)).toBe(-1);
  });

  test('are kept while a command that used one could still work, however many boots come', () => {
    const numbers = full(5 * MINUTE_MS);
    expect(numbers.last(FROM, 'boot-0', START_MS)).toBe(0);
    expect(numbers.last(FROM, 'another', START_MS + 5 * MINUTE_MS - 1)).toBeNull();
    numbers.use(pause('another'), START_MS);
    expect(numbers.last(FROM, 'boot-0', START_MS)).toBe(0);
    expect(numbers.last(FROM, 'another', START_MS)).toBeNull();
    // A boot that is known goes on.
    numbers.use(pause('boot-0', 5 * MINUTE_MS, 1), START_MS);
    expect(numbers.last(FROM, 'boot-0', START_MS)).toBe(1);
  });

  test('make room for others once all that used them has expired', () => {
    const numbers = full(5 * MINUTE_MS);
    numbers.use(pause('boot-7', HOUR_MS, 1), START_MS);
    numbers.use(pause('boot-7', MINUTE_MS, 2), START_MS);
    const laterMs = START_MS + 5 * MINUTE_MS;
    expect(numbers.last(FROM, 'another', laterMs)).toBe(-1);
    numbers.use(pause('another', 6 * MINUTE_MS), laterMs);
    expect(numbers.last(FROM, 'another', laterMs)).toBe(0);
    expect(numbers.last(FROM, 'boot-0', laterMs)).toBe(-1);
    expect(numbers.last(FROM, 'boot-7', laterMs)).toBe(2);
  });

  test('of commands without an expiry are kept as long as a command may live', () => {
    const numbers = new SenderNumbers();
    for (let boot = 0; boot < 1_000; boot += 1) numbers.use(pause(`boot-${boot}`, null), START_MS);
    expect(numbers.last(FROM, 'another', START_MS + 5 * MINUTE_MS - 1)).toBeNull();
    expect(numbers.last(FROM, 'another', START_MS + 5 * MINUTE_MS)).toBe(-1);
  });
});

describe('a signed command', () => {
  const clock = new HeapClock(START_MS);
  const pki = createMemoryPki({ clock });
  const nurse = pki.credentialFor({ kind: 'nurse', id: 'nurse-01' });

  /** Judges as a pump does, which remembers. */
  function judgeAt(numbers: SenderNumbers, signed: object, atMs: number): string {
    const verdict = judgeCommand(Buffer.from(JSON.stringify(signed)), {
      self: SELF,
      judge: pki.judge({ revocation: true }),
      controls: new Set(CONTROL_IDS),
      weaknesses: [],
      nowMs: atMs,
      lastSeq: (from, bootId) => numbers.last(from, bootId, atMs),
      confirmed: () => false,
    });
    if (verdict.message !== undefined && verdict.genuine) numbers.use(verdict.message, atMs);
    return verdict.accepted ? 'accepted' : verdict.reason;
  }

  test('that lived too long works at no later time', async () => {
    const numbers = new SenderNumbers();
    const signed = await signMessage(pause('boot-0', HOUR_MS), nurse);
    expect(judgeAt(numbers, signed, START_MS)).toBe('it lives too long');
    expect(judgeAt(numbers, signed, START_MS + 56 * MINUTE_MS)).toBe('it was seen before');
  });

  test('does not work again after a thousand others, and others wait for room', async () => {
    const numbers = new SenderNumbers();
    const first = await signMessage(pause('boot-first', 4 * MINUTE_MS), nurse);
    expect(judgeAt(numbers, first, START_MS)).toBe('accepted');
    for (let boot = 0; boot < 1_000; boot += 1) {
      const other = await signMessage(pause(`boot-${boot}`), nurse);
      const expected = boot < 999 ? 'accepted' : 'too many boots of senders are remembered';
      expect(judgeAt(numbers, other, START_MS)).toBe(expected);
    }
    expect(judgeAt(numbers, first, START_MS)).toBe('it was seen before');
    const late = await signMessage(pause('boot-late', 2 * MINUTE_MS), nurse);
    expect(judgeAt(numbers, late, START_MS)).toBe('too many boots of senders are remembered');
    expect(judgeAt(numbers, late, START_MS + MINUTE_MS)).toBe('accepted');
  });
});
