import { type Chain, type Expression, keyOf, type Listing, type Rule } from './listing.ts';
import { mapped, meets, NotUnderstood, type Packet } from './match.ts';

/** What becomes of the first packet of a connection. */
export interface RulesetVerdict {
  /** unknown: a rule asks something that is not understood here. */
  readonly verdict: 'accept' | 'drop' | 'reject' | 'unknown';
  /** The rule that decided, by its comment, or by its place; a chain's policy where none did. */
  readonly rule: string;
}

type Ending = 'accept' | 'drop' | 'reject';
type Step = { readonly end: Ending; readonly rule: string } | 'return' | undefined;

/** Of `jump` in `jump`; the kernel has 16. */
const DEEPEST = 16;

/**
 * What a ruleset makes of a packet that is forwarded, worked out rule by rule. It is only said: what happens is seen in the lab. Covers what
 * firewalls between zones are written with: interfaces, addresses, ports, sets and maps, connection state, jumps; a rule that asks for
 * more gives `unknown`.
 */
export function evaluate(listing: Listing, packet: Packet): RulesetVerdict {
  const chains = listing.chains
    .filter(({ type, hook, family }) => type === 'filter' && hook === 'forward' && isFor(family, packet))
    .sort((one, other) => (one.prio ?? 0) - (other.prio ?? 0));
  let last: RulesetVerdict = { verdict: 'accept', rule: 'no chain of `forward`' };
  for (const chain of chains) {
    try {
      last = inChain(listing, packet, chain);
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      return { verdict: 'unknown', rule: error.message };
    }
    // What one chain accepts, the next may still drop.
    if (last.verdict !== 'accept') return last;
  }
  return last;
}

function isFor(family: string, { version }: Packet): boolean {
  return family === 'inet' || family === (version === 'ipv4' ? 'ip' : 'ip6');
}

function inChain(listing: Listing, packet: Packet, chain: Chain): RulesetVerdict {
  const step = walk(listing, packet, chain, chain.name, 0);
  if (step === undefined || step === 'return') {
    return {
      verdict: chain.policy === 'drop' ? 'drop' : 'accept',
      rule: `policy of chain ${chain.family} ${chain.table} ${chain.name}`,
    };
  }
  return { verdict: step.end, rule: step.rule };
}

/** Goes through the rules of a chain until one ends it. */
function walk(listing: Listing, packet: Packet, table: Chain, name: string, depth: number): Step {
  if (depth > DEEPEST) throw new NotUnderstood('jumps without end');
  for (const rule of listing.rules.get(keyOf(table, name)) ?? []) {
    // What only counts, logs or marks decides nothing, whatever it asks for.
    if (!rule.expr.some((expression) => isTerminal(Object.keys(expression)[0] ?? ''))) continue;
    const step = inRule(listing, packet, table, rule, depth);
    if (step !== undefined) return step;
  }
  return undefined;
}

function inRule(listing: Listing, packet: Packet, table: Chain, rule: Rule, depth: number): Step {
  const sets = (name: string) => listing.sets.get(keyOf(table, name));
  for (const expression of rule.expr) {
    const [kind = '', body] = Object.entries(expression)[0] ?? [];
    if (kind === 'match') {
      if (!guarded(listing, rule, () => meets(packet, body, sets))) return undefined;
    } else if (kind === 'vmap') {
      const verdict = guarded(listing, rule, () =>
        mapped(packet, body as { key?: unknown; data?: unknown }, sets),
      );
      if (verdict === undefined) return undefined;
      return endOf(listing, packet, { table, rule, depth }, verdict);
    } else if (!PASSIVE.has(kind)) {
      return endOf(listing, packet, { table, rule, depth }, expression);
    }
  }
  return undefined;
}

function isTerminal(kind: string): boolean {
  return TERMINAL.has(kind);
}

/** What a rule can end with. `queue` hands a packet to a program, and nobody knows what that does. */
const TERMINAL: ReadonlySet<string> = new Set([
  ...['accept', 'drop', 'reject', 'return', 'jump', 'goto', 'vmap', 'queue', 'xt'],
]);

/** Say something, count or mark; none of these decides. */
const PASSIVE: ReadonlySet<string> = new Set(['counter', 'log', 'comment', 'mangle', 'notrack', 'ct helper']);

function endOf(
  listing: Listing,
  packet: Packet,
  { table, rule, depth }: { readonly table: Chain; readonly rule: Rule; readonly depth: number },
  expression: Expression,
): Step {
  const [kind = '', body] = Object.entries(expression)[0] ?? [];
  switch (kind) {
    case 'accept':
    case 'drop':
    case 'reject':
      return { end: kind, rule: nameOf(listing, rule) };
    case 'return':
      return 'return';
    case 'jump':
    case 'goto': {
      const target = String((body as { target?: unknown } | undefined)?.target);
      const step = walk(listing, packet, table, target, depth + 1);
      // Back to the next rule after a jump; after a goto, to the end.
      return step === 'return' || step === undefined ? (kind === 'goto' ? 'return' : undefined) : step;
    }
    default:
      throw new NotUnderstood(`${kind} in ${nameOf(listing, rule)}`);
  }
}

function guarded<T>(listing: Listing, rule: Rule, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof NotUnderstood)
      throw new NotUnderstood(`${error.message} in ${nameOf(listing, rule)}`);
    throw error;
  }
}

/** A rule by its comment, or by its place as a person counts. */
function nameOf(listing: Listing, rule: Rule): string {
  if (rule.comment !== undefined) return `rule "${rule.comment}"`;
  const { family, table, chain } = rule;
  const all = listing.rules.get(keyOf(rule, chain)) ?? [];
  return `rule ${all.indexOf(rule) + 1} of ${all.length} in chain ${family} ${table} ${chain}`;
}
