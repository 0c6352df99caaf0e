import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AlarmMessage,
  type EventMessage,
  PumprangeError,
  type Serial,
} from '../../../protocol/index.ts';
import { EventStore } from '../../../pump-server/event-store/event-store.ts';
import {
  memoryRecords,
  type RecordStore,
  recordOf,
  type StoredRecord,
} from '../../../pump-server/event-store/record-store.ts';
import { FakePump, OTHER, SERIAL } from '../fake-link.ts';

function record(seq: number, serial: Serial = SERIAL, bootId = 'boot-1', what?: string): StoredRecord {
  const pump = new FakePump(serial, bootId);
  // Alarms and events share one numbering.
  const message = seq % 3 === 0 ? pump.alarm(seq, what) : pump.event(seq, what);
  return recordOf(serial, message as AlarmMessage | EventMessage);
}

/** The same, from a pump whose log begins at `oldestSeq`. */
function recordOfPumpWith(oldestSeq: number, seq: number): StoredRecord {
  const plain = record(seq);
  const message = { ...plain.message, body: { ...plain.message.body, oldestSeq } };
  return { ...plain, message: message as AlarmMessage | EventMessage };
}

function seqs(store: EventStore, serial: Serial = SERIAL): number[] {
  return store
    .stored()
    .filter((each) => each.serial === serial)
    .map(({ seq }) => seq);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, seq) => seq);

describe('EventStore', () => {
  it('stores alarms and events of a pump in one order and says up to where', () => {
    const store = new EventStore();
    expect(store.take(record(0))).toEqual({ outcome: 'stored', upToSeq: 0 });
    expect(store.take(record(1))).toEqual({ outcome: 'stored', upToSeq: 1 });
    expect(store.stored().map(({ stream, seq }) => [stream, seq])).toEqual([
      ['alarm', 0],
      ['event', 1],
    ]);
  });

  it('keeps what comes ahead of a gap and stores it when the gap is filled', () => {
    const store = new EventStore();
    expect(store.take(record(2))).toEqual({ outcome: 'waiting', missingSeq: 0 });
    expect(store.take(record(4))).toEqual({ outcome: 'waiting', missingSeq: 0 });
    expect(store.stored()).toEqual([]);
    expect(store.gaps()).toEqual([
      { serial: SERIAL, fromSeq: 0, toSeq: 1 },
      { serial: SERIAL, fromSeq: 3, toSeq: 3 },
    ]);
    store.take(record(0));
    expect(store.take(record(1))).toEqual({ outcome: 'stored', upToSeq: 2 });
    expect(store.gaps()).toEqual([{ serial: SERIAL, fromSeq: 3, toSeq: 3 }]);
    expect(store.take(record(3))).toEqual({ outcome: 'stored', upToSeq: 4 });
    expect(store.gaps()).toEqual([]);
  });

  it('drops and counts a repetition, also of a record that waits', () => {
    const store = new EventStore();
    store.take(record(0));
    store.take(record(2));
    expect(store.take(record(0))).toEqual({ outcome: 'repeated', upToSeq: 0 });
    expect(store.take(record(2))).toEqual({ outcome: 'repeated', upToSeq: 0 });
    expect(store.duplicates).toBe(2);
    expect(seqs(store)).toEqual([0]);
  });

  it('takes a record that was sent again later for the same one', () => {
    const store = new EventStore();
    store.take(record(0));
    const again = record(0);
    const later = { ...again.message, time: '2026-03-02T07:00:00.000Z' };
    expect(store.take({ ...again, message: later }).outcome).toBe('repeated');
  });

  it('goes on over a new boot of the pump', () => {
    const store = new EventStore();
    store.take(record(0));
    expect(store.take(record(1, SERIAL, 'boot-2'))).toEqual({ outcome: 'stored', upToSeq: 1 });
    expect(store.stored().map(({ bootId }) => bootId)).toEqual(['boot-1', 'boot-2']);
  });

  it.each([
    ['of another boot', record(0, SERIAL, 'boot-2')],
    ['with another body', record(0, SERIAL, 'boot-1', 'air-in-line')],
  ])('refuses a record %s under a number that is taken', (_what, other) => {
    const store = new EventStore();
    store.take(record(0));
    expect(store.take(other)).toEqual({ outcome: 'conflict' });
    expect(store.conflicts).toBe(1);
    expect(store.duplicates).toBe(0);
    expect(store.stored()).toEqual([record(0)]);
  });

  it('keeps the nearest of too many that wait, and counts what it drops', () => {
    const store = new EventStore(memoryRecords(), 2);
    store.take(record(9));
    store.take(record(5));
    expect(store.take(record(3)).outcome).toBe('waiting'); // 9 gives way
    expect(store.take(record(8)).outcome).toBe('dropped');
    expect(store.dropped).toBe(2);
    expect(store.gaps()).toEqual([
      { serial: SERIAL, fromSeq: 0, toSeq: 2 },
      { serial: SERIAL, fromSeq: 4, toSeq: 4 },
    ]);
  });

  it('gives up what the pump no longer has, once, and stores what waited between', () => {
    const store = new EventStore();
    store.take(record(0));
    store.take(record(3));
    store.take(record(7));
    expect(store.take(recordOfPumpWith(6, 6))).toEqual({
      outcome: 'stored',
      upToSeq: 7,
      lost: [
        { fromSeq: 1, toSeq: 2, why: 'gone' },
        { fromSeq: 4, toSeq: 5, why: 'gone' },
      ],
    });
    expect(seqs(store)).toEqual([0, 3, 6, 7]);
    expect(store.gaps()).toEqual([]);
    expect(store.take(recordOfPumpWith(6, 8))).toEqual({ outcome: 'stored', upToSeq: 8 });
  });

  it('keeps a gap open that the pump can still close', () => {
    const store = new EventStore();
    expect(store.take(recordOfPumpWith(2, 5))).toEqual({
      outcome: 'waiting',
      missingSeq: 2,
      lost: [{ fromSeq: 0, toSeq: 1, why: 'gone' }],
    });
    expect(store.gaps()).toEqual([{ serial: SERIAL, fromSeq: 2, toSeq: 4 }]);
  });

  it('does not believe that a pump lacks what it sends', () => {
    const store = new EventStore();
    expect(store.take(recordOfPumpWith(9_999, 2))).toMatchObject({ lost: [{ fromSeq: 0, toSeq: 1 }] });
    expect(seqs(store)).toEqual([2]);
  });

  it('takes a record that was given up and comes after all', () => {
    const store = new EventStore();
    store.take(recordOfPumpWith(3, 3));
    expect(store.take(record(1))).toEqual({ outcome: 'stored', upToSeq: 3 });
    expect(store.take(record(1))).toEqual({ outcome: 'repeated', upToSeq: 3 });
    expect(seqs(store)).toEqual([3, 1]);
  });

  it('takes a record for the same one whatever its pump still has by then', () => {
    const store = new EventStore();
    store.take(recordOfPumpWith(0, 0));
    expect(store.take(recordOfPumpWith(0, 1)).outcome).toBe('stored');
    expect(store.take(recordOfPumpWith(1, 1)).outcome).toBe('repeated');
  });

  it('remembers over a restart what was given up', () => {
    const records = memoryRecords();
    const before = new EventStore(records);
    before.take(recordOfPumpWith(3, 3));
    before.take(record(1));
    const store = new EventStore(records);
    expect(store.take(recordOfPumpWith(4, 4))).toEqual({ outcome: 'stored', upToSeq: 4 });
  });

  it('gives nothing up that a full disk did not take down', () => {
    const full = failing();
    const store = new EventStore(full.records);
    full.takes(0);
    expect(store.take(recordOfPumpWith(2, 2))).toMatchObject({ outcome: 'not-stored' });
    full.takes(9);
    expect(store.take(recordOfPumpWith(2, 2))).toMatchObject({ lost: [{ fromSeq: 0, toSeq: 1 }] });
  });

  it('goes on behind a record that cannot be read, also when its turn is yet to come', () => {
    const store = new EventStore();
    const unreadable = (seq: number) => ({ fromSeq: seq, toSeq: seq, why: 'unreadable' });
    expect(store.giveUp(SERIAL, 0)).toEqual({ outcome: 'given-up', upToSeq: 0, lost: [unreadable(0)] });
    expect(store.giveUp(SERIAL, 0)).toEqual({ outcome: 'repeated', upToSeq: 0 });
    expect(store.giveUp(SERIAL, 2)).toEqual({ outcome: 'waiting', missingSeq: 1 });
    expect(store.take(record(4))).toEqual({ outcome: 'waiting', missingSeq: 1 });
    expect(store.giveUp(SERIAL, 3)).toEqual({ outcome: 'waiting', missingSeq: 1 });
    expect(store.take(record(1))).toEqual({
      outcome: 'stored',
      upToSeq: 4,
      lost: [unreadable(2), unreadable(3)],
    });
    expect(seqs(store)).toEqual([1, 4]);
    expect(store.gaps()).toEqual([]);
  });

  it('goes on behind an unreadable record that is the oldest that its pump has', () => {
    const store = new EventStore();
    store.giveUp(SERIAL, 5);
    expect(store.take(recordOfPumpWith(5, 6))).toEqual({
      outcome: 'stored',
      upToSeq: 6,
      lost: [
        { fromSeq: 0, toSeq: 4, why: 'gone' },
        { fromSeq: 5, toSeq: 5, why: 'unreadable' },
      ],
    });
  });

  it('takes a record that could not be read and can be after all', () => {
    const store = new EventStore();
    store.giveUp(SERIAL, 0);
    store.giveUp(SERIAL, 2);
    expect(store.take(record(2))).toEqual({ outcome: 'waiting', missingSeq: 1 });
    expect(store.take(record(0))).toEqual({ outcome: 'stored', upToSeq: 0 });
    expect(store.take(record(1))).toEqual({ outcome: 'stored', upToSeq: 2 });
    expect(seqs(store)).toEqual([0, 1, 2]);
  });

  it('gives nothing up that it has, and gives no receipt for it', () => {
    const store = new EventStore();
    store.take(record(0));
    store.take(record(2));
    expect(store.giveUp(SERIAL, 0)).toEqual({ outcome: 'conflict' });
    expect(store.giveUp(SERIAL, 2)).toEqual({ outcome: 'conflict' });
    expect(store.take(record(1))).toEqual({ outcome: 'stored', upToSeq: 2 });
  });

  it('notes no more numbers that cannot be read than records that wait', () => {
    const store = new EventStore(memoryRecords(), 2);
    expect([5, 6, 7, 6].map((seq) => store.giveUp(SERIAL, seq).outcome)).toEqual([
      'waiting',
      'waiting',
      'dropped',
      'waiting',
    ]);
  });

  it('gives up an unreadable record once a full disk takes that down', () => {
    const full = failing();
    const store = new EventStore(full.records);
    full.takes(0);
    expect(store.giveUp(SERIAL, 0)).toEqual({ outcome: 'waiting', missingSeq: 0 });
    full.takes(9);
    expect(store.giveUp(SERIAL, 0)).toMatchObject({ outcome: 'given-up', upToSeq: 0 });
    expect(full.records.lost()).toEqual([{ serial: SERIAL, fromSeq: 0, toSeq: 0 }]);
  });

  it('goes on where the store ends', () => {
    const records = memoryRecords();
    new EventStore(records).take(record(0));
    const store = new EventStore(records);
    expect(store.take(record(0))).toEqual({ outcome: 'repeated', upToSeq: 0 });
    expect(store.take(record(1))).toEqual({ outcome: 'stored', upToSeq: 1 });
  });

  it('loses nothing to a disk that is full for a while', () => {
    const full = failing();
    const store = new EventStore(full.records);
    store.take(record(0));
    store.take(record(2));
    store.take(record(3));
    full.takes(0);
    expect(store.take(record(1)).outcome).toBe('not-stored');
    full.takes(2);
    // 1 and 2 fit, 3 does not; the receipt says no more than that.
    expect(store.take(record(1))).toEqual({ outcome: 'stored', upToSeq: 2 });
    full.takes(9);
    expect(store.take(record(3))).toEqual({ outcome: 'stored', upToSeq: 3 });
    expect(seqs(store)).toEqual([0, 1, 2, 3]);
    expect(store.duplicates).toBe(0);
  });

  it('has each record once and in order, whatever is repeated, reordered and late', () => {
    const arrivals = fc.integer({ min: 1, max: 30 }).chain((count) =>
      fc.tuple(
        fc.constant(count),
        fc.array(fc.tuple(fc.constantFrom(SERIAL, OTHER), fc.integer({ min: 0, max: count - 1 })), {
          maxLength: 80,
        }),
      ),
    );
    fc.assert(
      fc.property(arrivals, ([count, noise]) => {
        const store = new EventStore();
        const receipts = new Map<Serial, number>();
        const given = new Set<string>();
        for (const [serial, seq] of noise) {
          given.add(`${serial} ${seq}`);
          const taken = store.take(record(seq, serial));
          if ('upToSeq' in taken && taken.upToSeq !== null) {
            expect(taken.upToSeq).toBeGreaterThanOrEqual(receipts.get(serial) ?? 0);
            receipts.set(serial, taken.upToSeq);
          }
          // A receipt never runs ahead of the store, and the store never of what came.
          for (const each of [SERIAL, OTHER]) {
            const stored = seqs(store, each);
            expect(stored).toEqual(upTo(stored.length));
            expect(stored.every((one) => given.has(`${each} ${one}`))).toBe(true);
            expect(stored.length).toBeGreaterThan(receipts.get(each) ?? -1);
          }
        }
        // The pump repeats what has no receipt, in order, and then all is there.
        for (const serial of [SERIAL, OTHER]) {
          for (const seq of upTo(count)) store.take(record(seq, serial));
          expect(seqs(store, serial)).toEqual(upTo(count));
        }
        expect(store.gaps()).toEqual([]);
        expect(store.stored().length + store.duplicates).toBe(noise.length + 2 * count);
        expect(store.conflicts + store.dropped).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('gets there with any bound on what waits, if the pump repeats', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.shuffledSubarray(upTo(20), { minLength: 20 }),
        (most, order) => {
          const store = new EventStore(memoryRecords(), most);
          for (const seq of order) store.take(record(seq));
          for (const seq of upTo(20)) store.take(record(seq));
          expect(seqs(store)).toEqual(upTo(20));
        },
      ),
    );
  });
});

/** A store that takes so many more records. */
function failing(): { records: RecordStore; takes: (count: number) => void } {
  const inner = memoryRecords();
  let left = Number.POSITIVE_INFINITY;
  return {
    takes: (count) => {
      left = count;
    },
    records: {
      ...inner,
      append(one) {
        if (left === 0) throw new PumprangeError('PR_DISK', 'full');
        left -= 1;
        inner.append(one);
      },
      giveUp(stretch) {
        if (left === 0) throw new PumprangeError('PR_DISK', 'full');
        left -= 1;
        inner.giveUp(stretch);
      },
    },
  };
}
