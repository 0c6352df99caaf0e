import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../clock/index.ts';

const draw = (random: Random, count = 50): number[] => Array.from({ length: count }, () => random.next());

test('the same seed gives the same sequence, of every kind of draw', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const all = (random: Random) => [
        ...draw(random, 5),
        random.int(1, 6),
        random.between(-1, 1),
        random.pick(['a', 'b', 'c']),
        random.exponential(10),
        ...draw(random.fork('x'), 3),
      ];
      expect(all(seededRandom(seed))).toEqual(all(seededRandom(seed)));
    }),
  );
});

test('neighbouring seeds do not begin alike', () => {
  const first = Array.from({ length: 100 }, (_, seed) => seededRandom(seed).next());
  expect(new Set(first.map((value) => Math.floor(value * 10))).size).toBe(10);
});

test('drawing from a fork does not shift its parent, nor the other way about, nor a sibling', () => {
  const undisturbed = seededRandom(7);
  const parent = seededRandom(7);
  const fork = parent.fork('pump-1');
  draw(fork, 1_000);
  draw(parent.fork('pump-2'), 1_000);
  expect(draw(parent)).toEqual(draw(undisturbed));

  const late = seededRandom(7);
  draw(late, 1_000);
  expect(draw(late.fork('pump-1'))).toEqual(draw(seededRandom(7).fork('pump-1')));
});

test('forks of other names, and of other parents, go other ways', () => {
  const sequences = ['a', 'b', 'ab', 'ba', ''].flatMap((label) => [
    String(draw(seededRandom(1).fork(label))),
    String(draw(seededRandom(2).fork(label))),
  ]);
  expect(new Set([...sequences, String(draw(seededRandom(1)))]).size).toBe(11);
});

test('draws stay within their bounds, both ends of an integer range included', () => {
  const random = seededRandom(3);
  const dice = Array.from({ length: 600 }, () => random.int(1, 6));
  expect([...new Set(dice)].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  for (let index = 0; index < 600; index++) {
    const unit = random.next();
    expect(unit >= 0 && unit < 1).toBe(true);
    const between = random.between(-2, 3);
    expect(between >= -2 && between < 3).toBe(true);
    expect(random.exponential(5)).toBeGreaterThanOrEqual(0);
  }
});

test('waiting times have the mean that was asked for', () => {
  const random = seededRandom(11);
  let sum = 0;
  for (let index = 0; index < 20_000; index++) sum += random.exponential(40);
  // Five standard errors of the mean: 40 / √20,000 · 5 ≈ 1.4.
  expect(Math.abs(sum / 20_000 - 40)).toBeLessThan(1.5);
});

test('there is nothing to pick from an empty list', () => {
  expect(() => seededRandom(1).pick([])).toThrow(RangeError);
});
