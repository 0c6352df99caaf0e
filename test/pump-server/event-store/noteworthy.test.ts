import { describe, expect, it } from 'vitest';
import { type EventMessage, parseSerial } from '../../../protocol/index.ts';
import { noteworthy } from '../../../pump-server/event-store/noteworthy.ts';

const SERIAL = parseSerial('LVP-0001')!;
const body = (event: string, detail: EventMessage['body']['detail']): EventMessage['body'] => ({
  event,
  channel: null,
  happenedAt: '2026-01-01T00:00:00.000Z',
  detail,
  oldestSeq: 0,
});

describe('what the evidence takes up of the log of a pump', () => {
  it('has the codes that were wrong, and who was locked out by it', () => {
    const refused = { action: 'unlock', by: 'nurse', reason: 'the code is wrong', control: null };
    expect(noteworthy(SERIAL, body('action-refused', refused))).toEqual({
      event: 'pump-log.code-refused',
      outcome: 'denied',
      subject: 'urn:pumprange:pump:LVP-0001',
      control: null,
      cause: 'the code is wrong',
    });
    expect(
      noteworthy(SERIAL, body('action-refused', { ...refused, control: 'keypad-lockout' })),
    ).toMatchObject({ control: 'keypad-lockout' });
  });

  it('has who entered service mode', () => {
    expect(noteworthy(SERIAL, body('service-entered', { by: 'biomed' }))).toMatchObject({
      event: 'pump-log.service-entered',
      cause: 'biomed',
    });
  });

  it('has who opened the keypad without a code, and why', () => {
    expect(noteworthy(SERIAL, body('break-glass-used', { by: 'nurse', reason: 'locked-out' }))).toMatchObject(
      {
        event: 'pump-log.break-glass',
        outcome: 'allowed',
        cause: 'locked-out',
      },
    );
  });

  it('leaves out the rest', () => {
    expect(noteworthy(SERIAL, body('action-refused', { action: 'start', reason: 'x', control: null }))).toBe(
      undefined,
    );
    expect(noteworthy(SERIAL, body('powered-on', {}))).toBe(undefined);
  });
});
