import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { followWall, HeapClock } from '../../clock/index.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('timers fire in real time, in order, at or after their due time', () => {
  const clock = new HeapClock(1_000_000);
  const stop = followWall(clock);
  const fired: [string, number][] = [];
  clock.after(200, () => fired.push(['later', clock.now()]));
  clock.after(50, () => fired.push(['sooner', clock.now()]));
  vi.advanceTimersByTime(49);
  expect(fired).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(fired).toEqual([['sooner', 1_000_050]]);
  vi.advanceTimersByTime(1_000);
  expect(fired).toEqual([
    ['sooner', 1_000_050],
    ['later', 1_000_200],
  ]);
  stop();
});

test('a timer that becomes due before the one that is waited for is not missed', () => {
  const clock = new HeapClock(0);
  const stop = followWall(clock);
  const fired: string[] = [];
  clock.after(10_000, () => fired.push('far'));
  vi.advanceTimersByTime(100);
  clock.after(10, () => fired.push('near'));
  vi.advanceTimersByTime(10);
  expect(fired).toEqual(['near']);
  stop();
});

test('a timer that was set before the wall took over fires too', () => {
  const clock = new HeapClock(0);
  let fired = 0;
  clock.at(30, () => fired++);
  const stop = followWall(clock);
  vi.advanceTimersByTime(30);
  expect(fired).toBe(1);
  stop();
});

test('a speed of 60 turns a second into a minute', () => {
  const clock = new HeapClock(0);
  const stop = followWall(clock, { speed: 60 });
  let firedAtMs = 0;
  clock.at(60_000, () => {
    firedAtMs = clock.now();
  });
  vi.advanceTimersByTime(999);
  expect(firedAtMs).toBe(0);
  vi.advanceTimersByTime(1);
  expect(firedAtMs).toBe(60_000);
  stop();
});

test('a wait beyond what setTimeout can hold does not fire early', () => {
  const clock = new HeapClock(0);
  const stop = followWall(clock);
  const days30Ms = 30 * 86_400_000;
  let fired = 0;
  const setting = vi.spyOn(globalThis, 'setTimeout');
  clock.at(days30Ms, () => fired++);
  expect(setting.mock.lastCall?.[1]).toBe(2_147_483_647);
  setting.mockRestore();
  vi.advanceTimersByTime(days30Ms - 1);
  expect(fired).toBe(0);
  vi.advanceTimersByTime(1);
  expect(fired).toBe(1);
  stop();
});

test('it never goes back, though its source does', () => {
  const clock = new HeapClock(0);
  let sourceMs = 500;
  clock.follow(
    () => sourceMs,
    () => undefined,
  );
  expect(clock.now()).toBe(500);
  sourceMs = 100;
  expect(clock.now()).toBe(500);
});

test('stopped, it stands where it is, fires nothing, and can be driven in simulated time', () => {
  const clock = new HeapClock(0);
  const stop = followWall(clock);
  let fired = 0;
  clock.at(1_000, () => fired++);
  vi.advanceTimersByTime(400);
  stop();
  stop();
  vi.advanceTimersByTime(5_000);
  expect(clock.now()).toBe(400);
  expect(fired).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  clock.runTo(1_000);
  expect(fired).toBe(1);
});

test('stopped by a callback, it fires nothing more of what is overdue', () => {
  const clock = new HeapClock(0);
  const fired: string[] = [];
  // So fast that both are overdue when the host's timer fires.
  const stop = followWall(clock, { speed: 1_000 });
  clock.at(10, () => {
    fired.push('stops');
    stop();
  });
  clock.at(11, () => fired.push('overdue'));
  vi.advanceTimersByTime(1_000);
  expect(fired).toEqual(['stops']);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('a speed of %d is refused', (speed) => {
  expect(() => followWall(new HeapClock(0), { speed })).toThrow(RangeError);
});
