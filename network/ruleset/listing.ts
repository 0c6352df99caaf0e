import { z } from 'zod';
import { PumprangeError } from '../../protocol/index.ts';

const expression = z.record(z.string(), z.unknown());
const named = { family: z.string(), table: z.string(), handle: z.number().optional() };

const chainSchema = z.object({
  ...named,
  name: z.string(),
  type: z.string().optional(),
  hook: z.string().optional(),
  prio: z.number().optional(),
  policy: z.string().optional(),
});
const ruleSchema = z.object({
  ...named,
  chain: z.string(),
  comment: z.string().optional(),
  expr: z.array(expression),
});
const setSchema = z.object({ ...named, name: z.string(), elem: z.array(z.unknown()).default([]) });

const listingSchema = z.object({
  nftables: z.array(
    z.looseObject({
      chain: chainSchema.optional(),
      rule: ruleSchema.optional(),
      set: setSchema.optional(),
      map: setSchema.optional(),
    }),
  ),
});

export type Expression = z.infer<typeof expression>;
export type Chain = z.infer<typeof chainSchema>;
export type Rule = z.infer<typeof ruleSchema>;

/** A ruleset as the kernel has it. */
export interface Listing {
  readonly chains: readonly Chain[];
  /** By family, table and chain; in their order. */
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
  /** Elements of sets and maps, by family, table and name. */
  readonly sets: ReadonlyMap<string, readonly unknown[]>;
}

/**
 * Reads what `nft -j list ruleset` printed, parsed.
 *
 * @throws PumprangeError `PR_RULESET_INVALID`
 */
export function readListing(printed: unknown): Listing {
  const read = listingSchema.safeParse(printed);
  if (!read.success) throw unreadable(read.error.issues[0]?.message ?? 'no list of nftables');
  const rules = new Map<string, Rule[]>();
  const sets = new Map<string, readonly unknown[]>();
  const chains: Chain[] = [];
  for (const { chain, rule, set, map } of read.data.nftables) {
    if (chain !== undefined) chains.push(chain);
    if (rule !== undefined) {
      const key = keyOf(rule, rule.chain);
      rules.set(key, [...(rules.get(key) ?? []), rule]);
    }
    for (const one of [set, map]) if (one !== undefined) sets.set(keyOf(one, one.name), one.elem);
  }
  return { chains, rules, sets };
}

/** The key of something that has a name in a table. */
export function keyOf({ family, table }: Pick<Rule, 'family' | 'table'>, name: string): string {
  return `${family} ${table} ${name}`;
}

function unreadable(why: string): PumprangeError {
  return new PumprangeError('PR_RULESET_INVALID', `what nft lists cannot be read: ${why}`);
}
