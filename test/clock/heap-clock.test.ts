import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeapClock, type Timer } from '../../clock/index.ts';

describe('firing', () => {
  test('timers fire in the order of their due times, each with the clock at its own', () => {
    const clock = new HeapClock(0);
    const fired: [string, number][] = [];
    for (const [name, dueMs] of [
      ['c', 30],
      ['a', 10],
      ['b', 20],
    ] as const) {
      clock.at(dueMs, () => fired.push([name, clock.now()]));
    }
    clock.runTo(100);
    expect(fired).toEqual([
      ['a', 10],
      ['b', 20],
      ['c', 30],
    ]);
    expect(clock.now()).toBe(100);
  });

  test('what is due at one instant fires in the order in which it was set', () => {
    const clock = new HeapClock(0);
    const fired: number[] = [];
    for (let index = 0; index < 50; index++) clock.at(index % 2 === 0 ? 5 : 6, () => fired.push(index));
    expect(clock.fireInstant()).toBe(25);
    expect(clock.fireInstant()).toBe(25);
    const even = fired.slice(0, 25);
    const odd = fired.slice(25);
    expect(even).toEqual([...even].sort((a, b) => a - b));
    expect(odd).toEqual([...odd].sort((a, b) => a - b));
  });

  test('what a callback sets for the same instant waits for the next call', () => {
    const clock = new HeapClock(0);
    const fired: string[] = [];
    clock.at(10, () => {
      fired.push('first');
      clock.after(0, () => fired.push('set meanwhile'));
    });
    clock.at(10, () => fired.push('second'));
    expect(clock.fireInstant()).toBe(2);
    expect(fired).toEqual(['first', 'second']);
    expect(clock.nextDueMs()).toBe(10);
    expect(clock.fireInstant()).toBe(1);
    expect(fired).toEqual(['first', 'second', 'set meanwhile']);
    expect(clock.now()).toBe(10);
  });

  test('a time that has passed is due at once, and never synchronously', () => {
    const clock = new HeapClock(1_000);
    let fired = 0;
    clock.at(10, () => fired++);
    clock.after(-5, () => fired++);
    expect(fired).toBe(0);
    expect(clock.nextDueMs()).toBe(1_000);
    expect(clock.fireInstant()).toBe(2);
    expect(clock.now()).toBe(1_000);
  });

  test('a 100 ms loop over 10 s in steps of 1 s fires 100 times', () => {
    const clock = new HeapClock(0);
    const firedAtMs: number[] = [];
    const loop = (): void => {
      firedAtMs.push(clock.now());
      clock.after(100, loop);
    };
    clock.after(100, loop);
    for (let second = 1; second <= 10; second++) clock.runTo(second * 1_000);
    expect(firedAtMs).toEqual(Array.from({ length: 100 }, (_, index) => (index + 1) * 100));
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('a due time of %d is refused', (dueMs) => {
    expect(() => new HeapClock(0).at(dueMs, () => undefined)).toThrow(RangeError);
  });
});

describe('cancelling', () => {
  test('a cancelled timer does not fire, and may be cancelled again', () => {
    const clock = new HeapClock(0);
    const fired: string[] = [];
    const timer = clock.at(10, () => fired.push('cancelled'));
    clock.at(20, () => fired.push('kept'));
    timer.cancel();
    timer.cancel();
    expect(clock.nextDueMs()).toBe(20);
    clock.runTo(30);
    timer.cancel();
    expect(fired).toEqual(['kept']);
  });

  test('a callback may cancel another of the same instant', () => {
    const clock = new HeapClock(0);
    const fired: string[] = [];
    let second: Timer | undefined;
    clock.at(10, () => {
      fired.push('first');
      second?.cancel();
    });
    second = clock.at(10, () => fired.push('second'));
    clock.at(10, () => fired.push('third'));
    expect(clock.fireInstant()).toBe(2);
    expect(fired).toEqual(['first', 'third']);
  });

  test('with every timer cancelled nothing is due', () => {
    const clock = new HeapClock(0);
    for (let index = 0; index < 10; index++) clock.at(index, () => undefined).cancel();
    expect(clock.nextDueMs()).toBeUndefined();
    expect(clock.fireInstant()).toBe(0);
    expect(clock.now()).toBe(0);
  });
});

describe('moving', () => {
  test('it refuses to jump over a timer that is due, and stays where it is', () => {
    const clock = new HeapClock(0);
    clock.at(10, () => undefined);
    expect(() => clock.moveTo(11)).toThrow(/due at 10/);
    expect(clock.now()).toBe(0);
    clock.moveTo(10);
    expect(clock.now()).toBe(10);
  });

  test('it never moves back', () => {
    const clock = new HeapClock(100);
    clock.moveTo(50);
    expect(clock.now()).toBe(100);
  });
});

test('any mixture of setting, cancelling and moving does what a sorted list would do', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), inMs: fc.integer({ min: -5, max: 40 }) }),
    fc.record({ kind: fc.constant('cancel' as const), which: fc.nat({ max: 60 }) }),
    fc.record({ kind: fc.constant('fire' as const) }),
    fc.record({ kind: fc.constant('run' as const), forMs: fc.nat({ max: 25 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const clock = new HeapClock(0);
      const fired: [number, number][] = [];
      const timers: Timer[] = [];
      let pending: { id: number; dueMs: number }[] = [];
      let modelMs = 0;
      const expected: [number, number][] = [];

      const fireModel = (untilMs: number, oneInstant: boolean): void => {
        // Stable: equal due times stay in the order in which they were set.
        pending.sort((a, b) => a.dueMs - b.dueMs);
        const lastMs = oneInstant ? (pending[0]?.dueMs ?? Number.NEGATIVE_INFINITY) : untilMs;
        for (const { id, dueMs } of pending.filter((one) => one.dueMs <= lastMs)) {
          modelMs = Math.max(modelMs, dueMs);
          expected.push([id, modelMs]);
        }
        pending = pending.filter((one) => one.dueMs > lastMs);
      };

      for (const one of steps) {
        if (one.kind === 'set') {
          const id = timers.length;
          timers.push(clock.after(one.inMs, () => fired.push([id, clock.now()])));
          pending.push({ id, dueMs: modelMs + Math.max(0, one.inMs) });
        } else if (one.kind === 'cancel') {
          timers[one.which]?.cancel();
          pending = pending.filter(({ id }) => id !== one.which);
        } else if (one.kind === 'fire') {
          clock.fireInstant();
          fireModel(0, true);
        } else {
          const untilMs = modelMs + one.forMs;
          clock.runTo(untilMs);
          fireModel(untilMs, false);
          modelMs = untilMs;
        }
        expect(clock.now()).toBe(modelMs);
      }
      expect(fired).toEqual(expected);
    }),
  );
});
