import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** The only source of chance in the model: the same seed gives the same sequence, on every machine. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [from, to], both ends included. */
  int(from: number, to: number): number;
  /** A number in [from, to). */
  between(from: number, to: number): number;
  /** One of the given values; throws `RangeError` on an empty list. */
  pick<T>(values: readonly T[]): T;
  /** A waiting time with the given mean, exponentially distributed. */
  exponential(mean: number): number;
  /**
   * An independent generator named by `label`. Drawing from one never shifts another, so adding a pump does not
   * change what happens to its neighbours.
   */
  fork(label: string): Random;
}

const WARM_UP_DRAWS = 24;

/** @param seed any integer; its lower 32 bits count. */
export function seededRandom(seed: number): Random {
  const source = xoroshiro128plus(seed | 0);
  // The generator spreads a small seed only after some draws: without these, seeds 1 to 5 began alike.
  for (let draw = 0; draw < WARM_UP_DRAWS; draw++) uniformInt(source, 0, 1);
  const next = (): number => uniformFloat64(source);
  return {
    next,
    int: (from, to) => uniformInt(source, from, to),
    between: (from, to) => from + (to - from) * next(),
    pick<T>(values: readonly T[]): T {
      const value = values[uniformInt(source, 0, Math.max(0, values.length - 1))];
      if (value === undefined) throw new RangeError('nothing to pick from');
      return value;
    },
    exponential: (mean) => -mean * Math.log(1 - next()),
    fork: (label) => seededRandom(hash(`${seed | 0}/${label}`)),
  };
}

/** FNV-1a, 32 bits: spreads labels over seeds; nothing secret hangs on it. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value | 0;
}
