import { expect, test } from 'vitest';
import { memoryLog } from '../../../simulator/shell/log-store.ts';
import { PumpLog } from '../../../simulator/shell/pump-log.ts';

const event = (name: string) =>
  ({
    stream: 'event',
    body: { event: name, channel: null, happenedAt: '2026-03-02T06:00:00.000Z', detail: {} },
  }) as const;

test('records are numbered from 0, kept until they are confirmed, and then forgotten', () => {
  const log = new PumpLog();
  for (const name of ['a', 'b', 'c']) log.append(event(name), 'boot-1');
  expect(log.unconfirmed().map(({ seq }) => seq)).toEqual([0, 1, 2]);
  expect(log.forget(1)).toBe(true);
  expect(log.unconfirmed().map(({ seq }) => seq)).toEqual([2]);
  expect(log.forget(1)).toBe(false);
  expect([log.knows(2), log.knows(3)]).toEqual([true, false]);
});

test('a log that nobody confirms is bounded; the oldest go, and are counted', () => {
  const log = new PumpLog();
  for (let number = 0; number < 10_003; number++) log.append(event('x'), 'boot-1');
  expect(log.unconfirmed()).toHaveLength(10_000);
  expect(log.unconfirmed()[0]?.seq).toBe(3);
  expect(log.lost).toBe(3);
});

test('a log knows its oldest record, which is the next one where there is none', () => {
  const log = new PumpLog(undefined, 3);
  expect(log.oldestSeq).toBe(0);
  for (let number = 0; number < 5; number++) log.append(event('x'), 'boot-1');
  expect([log.oldestSeq, log.at(1), log.at(2)?.seq, log.at(5)]).toEqual([2, undefined, 2, undefined]);
  log.forget(4);
  expect([log.oldestSeq, log.nextSeq]).toEqual([5, 5]);
});

test('a log goes on where its memory ends, whoever opens it', () => {
  const store = memoryLog();
  const before = new PumpLog(store);
  for (const name of ['a', 'b']) before.append(event(name), 'boot-1');
  before.forget(0);
  const log = new PumpLog(store);
  expect(log.append(event('c'), 'boot-2').seq).toBe(2);
  expect(log.unconfirmed().map(({ seq, bootId }) => [seq, bootId])).toEqual([
    [1, 'boot-1'],
    [2, 'boot-2'],
  ]);
});
