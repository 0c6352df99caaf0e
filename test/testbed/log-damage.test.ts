import { expect, it } from 'vitest';
import type { LogRecord } from '../../simulator/shell/index.ts';
import { logDamage } from '../../testbed/log-damage.ts';

const record = (seq: number, event = 'keypad-locked'): LogRecord => ({
  seq,
  bootId: 'boot-1',
  stream: 'event',
  body: { event, channel: null, happenedAt: '2026-01-01T00:00:00.000Z', detail: {} },
});
const stored = ({ seq, body }: LogRecord) => ({ seq, message: { body: { ...body, oldestSeq: 0 } } });

it('finds nothing amiss where each record is at the pump, at the server or at both', () => {
  const made = [record(0), record(1), record(2)];
  expect(logDamage(made, made.slice(1), made.slice(0, 2).map(stored))).toEqual({ lost: 0, altered: 0 });
});

it('tells what is nowhere, and what says something else wherever it is', () => {
  const made = [record(0), record(1), record(2), record(3)];
  const struck = (seq: number) => record(seq, 'struck-out');
  expect(logDamage(made, [struck(1)], [stored(struck(2)), stored(record(3))])).toEqual({
    lost: 1,
    altered: 2,
  });
});
