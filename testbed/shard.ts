import { PumprangeError } from '../protocol/index.ts';

/** One part of a fleet that is spread over processes or hosts: the third of ten is `{ index: 3, of: 10 }`. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

export const WHOLE: Shard = { index: 1, of: 1 };

/**
 * Reads `3/10`.
 *
 * @throws PumprangeError `PR_USAGE`
 */
export function parseShard(text: string): Shard {
  const [, index, of] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (!(shard.index <= shard.of)) {
    throw new PumprangeError('PR_USAGE', `${JSON.stringify(text)} is no shard: the third of ten is 3/10`);
  }
  return shard;
}

/**
 * What belongs to a shard. All shards together are everything, and no two have anything in common. Neighbours stay together: models and care
 * areas take turns along a fleet, so that each shard has some of each.
 */
export function shardOf<T>(all: readonly T[], { index, of }: Shard): T[] {
  const start = (part: number): number => Math.floor((all.length * part) / of);
  return all.slice(start(index - 1), start(index));
}
