import type { Passage } from '../plan/policy.ts';
import type { ReachAnswer } from '../probe/answer.ts';
import type { Outcome } from './document.ts';

/** What a ruleset does with a packet, and which rule of it decides. */
export interface StaticVerdict {
  readonly verdict: 'accept' | 'drop' | 'reject' | 'unknown';
  readonly rule?: string;
  /** What it does with the answers, where it lets the first packet through; absent: that was not worked out. */
  readonly answers?: StaticVerdict;
}

export interface ReachCase {
  /** By the plan; absent: nothing lets it through. */
  readonly passage: Passage | undefined;
  /** Whether something should be there that answers. */
  readonly listens: boolean;
  readonly answer: Pick<ReachAnswer, 'outcome' | 'by'>;
  readonly verdict: StaticVerdict;
}

export interface Judged {
  readonly expected: Outcome;
  readonly static: Outcome;
  readonly agrees: boolean;
  readonly held: boolean;
  /** Whether it got through the network, be it to a port that is closed. */
  readonly through: boolean;
  readonly by: string;
  readonly why?: string | undefined;
}

const DEFAULT_DENY = 'default deny';

/** Compares what the plan wants with what was seen and with what the ruleset says, and names who is to blame. */
export function judgeReach(one: ReachCase): Judged {
  const { passage, listens, answer, verdict } = one;
  const passed: Outcome = listens ? 'open' : 'refused';
  const expected: Outcome = passage === undefined ? 'dropped' : passed;
  const worked = staticOutcome(verdict, passed);
  const isAway = isTurnedAway(one);
  const held =
    passage === undefined ? answer.outcome === 'dropped' || isAway : expected === answer.outcome && !isAway;
  const through = answer.outcome !== 'dropped' && !isAway;
  const judged = {
    expected,
    static: worked,
    agrees: worked === answer.outcome || isUntold(one),
    held,
    through,
  };
  if (held) return { ...judged, by: passage === undefined ? ruleName(verdict) : passageName(passage) };
  return { ...judged, ...blame(one, expected) };
}

/** What the ruleset makes of a port behind which something listens, or nothing. */
function staticOutcome({ verdict, answers }: StaticVerdict, passed: Outcome): Outcome {
  switch (verdict) {
    case 'accept':
      if (answers?.verdict === 'unknown') return 'unknown';
      // Whoever asks hears nothing where the answer is not let back.
      return answers === undefined || answers.verdict === 'accept' ? passed : 'dropped';
    case 'drop':
      return 'dropped';
    case 'reject':
      return 'refused';
    case 'unknown':
      return 'unknown';
  }
}

/** A firewall that says no is as closed as one that says nothing; that no host said it, only the ruleset can tell where it sends RST. */
function isTurnedAway({ answer, verdict }: ReachCase): boolean {
  return answer.outcome === 'refused' && (answer.by === 'firewall' || verdict.verdict === 'reject');
}

/** A kernel sends only so many prohibitions a second [icmp(7)]: one that is not sent is no contradiction. */
function isUntold({ answer, verdict }: ReachCase): boolean {
  return verdict.verdict === 'reject' && answer.outcome === 'dropped';
}

function blame(
  { passage, answer, verdict, listens }: ReachCase,
  expected: Outcome,
): Pick<Judged, 'by' | 'why'> {
  const got = answer.outcome === 'refused' ? 'reaches the host' : 'is open';
  if (passage === undefined) {
    if (verdict.verdict === 'accept') {
      const rule = ruleName(verdict);
      return { by: rule, why: `too wide: ${rule} lets through what no conduit of the plan has; it ${got}` };
    }
    return {
      by: DEFAULT_DENY,
      why: `no conduit of the plan lets it through, and no rule seems to; it ${got}`,
    };
  }
  const by = passageName(passage);
  const isPassed = answer.outcome !== 'dropped' && answer.by !== 'firewall' && verdict.verdict !== 'reject';
  if (isPassed) {
    const there = listens ? 'nothing listens there' : 'something listens there that should not';
    return { by, why: `${by} lets it through, and ${there}: expected ${expected}` };
  }
  if (verdict.verdict === 'accept') {
    const { answers } = verdict;
    if (answers === undefined || answers.verdict === 'accept') {
      return { by, why: `missing: ${by} is in the ruleset, and nothing comes through` };
    }
    const rule = ruleName(answers);
    return {
      by: rule,
      why: `missing: ${by} is in the ruleset, and its answers are not let back; ${rule} ends them`,
    };
  }
  const rule = ruleName(verdict);
  return { by, why: `missing: the ruleset has nothing for ${by}; ${rule} ends it` };
}

export function passageName(passage: Passage): string {
  return passage.by === 'neighbours' ? 'neighbours of one network' : `conduit ${passage.conduit.name}`;
}

function ruleName({ rule }: StaticVerdict): string {
  return rule ?? DEFAULT_DENY;
}

export interface UpperCase {
  /** The verdict on the port below. */
  readonly below: Judged;
  /** What the layer itself should answer, and who decides it. */
  readonly expected: Outcome;
  readonly by: string;
  /** What this layer calls a port that cannot be reached. */
  readonly unreachable: Outcome;
  readonly actual: Outcome;
}

/** A layer above: it holds what its own table says where the port below is open, and is unreachable elsewhere. */
export function judgeUpper({ below, expected: wanted, by, unreachable, actual }: UpperCase): Judged {
  const expected = below.expected === 'open' ? wanted : unreachable;
  const worked = below.static === 'open' ? wanted : below.static === 'unknown' ? 'unknown' : unreachable;
  const isThrough = below.through && actual !== unreachable;
  const judged = {
    expected,
    static: worked,
    agrees: worked === actual,
    held: expected === actual,
    through: isThrough,
  };
  if (!below.held) {
    return { ...judged, by: below.by, ...(!judged.held && { why: below.why }) };
  }
  if (below.expected !== 'open') return { ...judged, by: below.by };
  return judged.held ? { ...judged, by } : { ...judged, by, why: `${by} was to make it ${expected}` };
}
