import { describe, expect, test } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import { createMemoryPki } from '../../../pki/index.ts';
import { CONTROL_IDS, Composer, type ControlId, signMessage, urnOf } from '../../../protocol/index.ts';
import { type CommandContext, judgeCommand } from '../../../simulator/shell/command-intake.ts';

const START_MS = Date.parse('2026-03-02T06:00:00Z');
const SELF = urnOf({ kind: 'pump', id: 'LVP-0001' });
const clock = new HeapClock(START_MS);
const pki = createMemoryPki({ clock });
const nurse = pki.credentialFor({ kind: 'nurse', id: 'nurse-01' });
const pharmacist = pki.credentialFor({ kind: 'pharmacist', id: 'pharmacist-01' });

const context = (changes: Partial<CommandContext> = {}): CommandContext => ({
  self: SELF,
  judge: pki.judge({ revocation: true }),
  controls: new Set(CONTROL_IDS),
  weaknesses: [],
  nowMs: START_MS,
  lastSeq: () => -1,
  confirmed: () => false,
  ...changes,
});

const command = <Body extends object>(body: Body, extras: { to?: typeof SELF; expiresAtMs?: number } = {}) =>
  new Composer({ kind: 'nurse-station', id: 'station-01' }, 'boot-1', () => START_MS).compose(
    'command',
    body,
    { to: SELF, expiresAtMs: START_MS + 60_000, ...extras },
  );
const setRate = (extras: { to?: typeof SELF; expiresAtMs?: number } = {}) =>
  command({ command: 'set-rate', channel: 'A', rateMlPerH: 50 }, extras);
const bytes = (message: object) => Buffer.from(JSON.stringify(message));
const without = (...ids: ControlId[]) => new Set(CONTROL_IDS.filter((id) => !ids.includes(id)));

describe('a command', () => {
  test('that a nurse signed just now for this pump is taken', async () => {
    const verdict = judgeCommand(bytes(await signMessage(setRate(), nurse)), context());
    expect(verdict).toMatchObject({ accepted: true });
  });

  test.each([
    ['unsigned', async () => setRate()],
    ['signed by a pharmacist', () => signMessage(setRate(), pharmacist)],
    [
      'changed after it was signed',
      async () => {
        const signed = await signMessage(setRate(), nurse);
        return { ...signed, body: { ...signed.body, rateMlPerH: 500 } };
      },
    ],
  ])('that is %s is refused by `signed-commands`', async (_, make) => {
    expect(judgeCommand(bytes(await make()), context())).toMatchObject({
      accepted: false,
      control: 'signed-commands',
    });
  });

  test('that is unsigned is taken where the control is off, or the firmware cannot do it', () => {
    const off = without('signed-commands', 'command-freshness');
    expect(judgeCommand(bytes(setRate()), context({ controls: off }))).toMatchObject({ accepted: true });
    expect(
      judgeCommand(bytes(setRate()), context({ weaknesses: ['does-not-verify-command-signature'] })),
    ).toMatchObject({ accepted: true });
  });

  test.each([
    ['expired', { expiresAtMs: START_MS }],
    ['good for too long', { expiresAtMs: START_MS + 3_600_000 }],
  ])('that is %s is refused by `command-freshness`', async (_, extras) => {
    const signed = await signMessage(setRate(extras), nurse);
    expect(judgeCommand(bytes(signed), context())).toMatchObject({
      accepted: false,
      control: 'command-freshness',
    });
  });

  test('that was seen before is refused by `command-freshness`', async () => {
    const signed = await signMessage(setRate(), nurse);
    expect(judgeCommand(bytes(signed), context({ lastSeq: () => 0 }))).toMatchObject({
      accepted: false,
      control: 'command-freshness',
    });
  });

  test('to a pump that infuses waits for the bedside, and its number is used up', async () => {
    const signed = await signMessage(setRate(), nurse);
    expect(judgeCommand(bytes(signed), context({ confirmed: () => true }))).toMatchObject({
      accepted: false,
      control: 'bedside-confirmation',
      genuine: true,
    });
  });

  test.each([
    ['set-alarm-limit', { command: 'set-alarm-limit', channel: 'A', occlusionLimitMmHg: 500 }],
    ['bolus', { command: 'bolus', channel: 'A', volumeMl: 1 }],
  ] as const)('`%s` waits for the bedside once somebody has confirmed a programme', async (_, body) => {
    const signed = await signMessage(command(body), nurse);
    expect(judgeCommand(bytes(signed), context({ confirmed: () => true }))).toMatchObject({
      accepted: false,
      control: 'bedside-confirmation',
    });
    const off = without('bedside-confirmation');
    expect(judgeCommand(bytes(signed), context({ confirmed: () => true, controls: off }))).toMatchObject({
      accepted: true,
    });
  });

  test('that changes an alarm limit waits for the bedside at rest too: nobody would confirm it', async () => {
    const limit = command({ command: 'set-alarm-limit', channel: 'A', occlusionLimitMmHg: 500 });
    expect(judgeCommand(bytes(await signMessage(limit, nurse)), context())).toMatchObject({
      control: 'bedside-confirmation',
    });
  });

  test('for another pump, or that is no command, is refused by no control', async () => {
    const other = await signMessage(setRate({ to: urnOf({ kind: 'pump', id: 'LVP-0002' }) }), nurse);
    expect(judgeCommand(bytes(other), context())).toMatchObject({ accepted: false, control: null });
    expect(judgeCommand(Buffer.from([0xff, 0x00]), context())).toMatchObject({
      accepted: false,
      control: null,
    });
  });
});
