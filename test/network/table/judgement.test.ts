import { describe, expect, it } from 'vitest';
import type { Passage } from '../../../network/plan/policy.ts';
import { type Judged, judgeReach, judgeUpper, type ReachCase } from '../../../network/table/judgement.ts';

const CONDUIT: Passage = {
  by: 'conduit',
  conduit: {
    name: 'pumps-to-broker',
    from: 'a',
    to: 'b',
    ports: 'any',
    why: 'x',
    untilMs: Number.POSITIVE_INFINITY,
  },
};
const judge = (one: Partial<ReachCase>): Judged =>
  judgeReach({
    passage: undefined,
    listens: true,
    answer: { outcome: 'dropped' },
    verdict: { verdict: 'drop' },
    ...one,
  });

const accept = { verdict: 'accept', rule: 'rule pumps-to-broker' } as const;

describe('a port, judged', () => {
  it('holds where a conduit opens it and it is open', () => {
    expect(judge({ passage: CONDUIT, answer: { outcome: 'open' }, verdict: accept })).toEqual({
      ...{
        expected: 'open',
        static: 'open',
        agrees: true,
        held: true,
        through: true,
        by: 'conduit pumps-to-broker',
      },
    });
  });

  it('holds where nothing opens it and nothing comes back', () => {
    expect(judge({})).toEqual({
      ...{
        expected: 'dropped',
        static: 'dropped',
        agrees: true,
        held: true,
        through: false,
        by: 'default deny',
      },
    });
  });

  it('does not hold where a firewall says no in the place of a host', () => {
    const way = { passage: CONDUIT, listens: false } as const;
    const shut = { verdict: 'reject', rule: 'rule "shut"' } as const;
    // RST looks the same, whoever sends it: the ruleset tells.
    for (const by of ['host', 'firewall'] as const) {
      expect(judge({ ...way, answer: { outcome: 'refused', by }, verdict: shut })).toMatchObject({
        ...{ expected: 'refused', static: 'refused', held: false, through: false },
        why: 'missing: the ruleset has nothing for conduit pumps-to-broker; rule "shut" ends it',
      });
    }
    expect(judge({ ...way, answer: { outcome: 'refused', by: 'firewall' }, verdict: accept })).toMatchObject({
      held: false,
    });
    expect(judge({ ...way, answer: { outcome: 'refused', by: 'host' }, verdict: accept })).toMatchObject({
      held: true,
    });
  });

  it('names the rule that keeps the answers from coming back', () => {
    const oneWay = { ...accept, answers: { verdict: 'drop', rule: 'policy of chain f' } } as const;
    expect(judge({ passage: CONDUIT, verdict: oneWay })).toMatchObject({
      ...{ static: 'dropped', agrees: true, held: false, by: 'policy of chain f' },
      why: 'missing: conduit pumps-to-broker is in the ruleset, and its answers are not let back; policy of chain f ends them',
    });
  });

  it('is refused by the host where it may be reached and nothing listens', () => {
    const one = { passage: { by: 'neighbours' }, listens: false, verdict: accept } as const;
    expect(judge({ ...one, answer: { outcome: 'refused', by: 'host' } })).toMatchObject({
      ...{
        expected: 'refused',
        static: 'refused',
        agrees: true,
        held: true,
        by: 'neighbours of one network',
      },
    });
  });

  it('is as closed where the firewall says no, by a prohibition or by what the ruleset says it sends', () => {
    const prohibited = judge({
      answer: { outcome: 'refused', by: 'firewall' },
      verdict: { verdict: 'reject' },
    });
    expect(prohibited).toMatchObject({ expected: 'dropped', static: 'refused', agrees: true, held: true });
    const reset = { outcome: 'refused', by: 'host' } as const;
    expect(judge({ answer: reset, verdict: { verdict: 'reject', rule: 'rule no' } })).toMatchObject({
      held: true,
      by: 'rule no',
    });
    expect(judge({ answer: reset })).toMatchObject({ held: false, agrees: false });
  });

  it.each(['open', 'refused'] as const)(
    'names the rule that is too wide, of a port that is %s',
    (outcome) => {
      expect(
        judge({ answer: { outcome, by: 'host' }, verdict: { verdict: 'accept', rule: 'rule any-any' } }),
      ).toMatchObject({
        ...{ expected: 'dropped', held: false, by: 'rule any-any' },
        why: expect.stringMatching(/^too wide: rule any-any lets through what no conduit of the plan has/),
      });
    },
  );

  it('names the conduit that is missing, and the rule that ends it', () => {
    expect(judge({ passage: CONDUIT, verdict: { verdict: 'drop', rule: 'rule old-block' } })).toEqual({
      ...{
        expected: 'open',
        static: 'dropped',
        agrees: true,
        held: false,
        through: false,
        by: 'conduit pumps-to-broker',
      },
      why: 'missing: the ruleset has nothing for conduit pumps-to-broker; rule old-block ends it',
    });
    expect(judge({ passage: CONDUIT })).toMatchObject({
      why: 'missing: the ruleset has nothing for conduit pumps-to-broker; default deny ends it',
    });
  });

  it('tells a ruleset that would let it through from what is seen', () => {
    expect(judge({ passage: CONDUIT, verdict: accept })).toMatchObject({
      ...{ static: 'open', agrees: false, held: false },
      why: 'missing: conduit pumps-to-broker is in the ruleset, and nothing comes through',
    });
  });

  it('tells a network that is right from a service that is not', () => {
    expect(
      judge({ passage: CONDUIT, verdict: accept, answer: { outcome: 'refused', by: 'host' } }),
    ).toMatchObject({
      why: 'conduit pumps-to-broker lets it through, and nothing listens there: expected open',
    });
    expect(
      judge({ passage: CONDUIT, listens: false, verdict: accept, answer: { outcome: 'open' } }),
    ).toMatchObject({
      why: 'conduit pumps-to-broker lets it through, and something listens there that should not: expected refused',
    });
  });

  it('may be silent where a firewall is to say no: it says so only so many times a second', () => {
    expect(judge({ verdict: { verdict: 'reject' } })).toMatchObject({
      ...{ static: 'refused', agrees: true, held: true },
    });
  });

  it('does not agree with what nobody can work out', () => {
    expect(judge({ verdict: { verdict: 'unknown' } })).toMatchObject({
      ...{ static: 'unknown', agrees: false, held: true },
    });
  });
});

describe('a layer above, judged', () => {
  const open = judge({ passage: CONDUIT, answer: { outcome: 'open' }, verdict: accept });
  const handshake = { expected: 'refused', by: 'mutual-tls', unreachable: 'unreachable' } as const;

  it('holds by its own table where the port is open', () => {
    expect(judgeUpper({ below: open, ...handshake, actual: 'refused' })).toEqual({
      ...{
        expected: 'refused',
        static: 'refused',
        agrees: true,
        held: true,
        through: true,
        by: 'mutual-tls',
      },
    });
    expect(judgeUpper({ below: open, ...handshake, actual: 'accepted' })).toMatchObject({
      ...{ held: false, by: 'mutual-tls', why: 'mutual-tls was to make it refused' },
    });
  });

  it('is unreachable where the port is to be closed', () => {
    expect(judgeUpper({ below: judge({}), ...handshake, actual: 'unreachable' })).toEqual({
      ...{
        expected: 'unreachable',
        static: 'unreachable',
        agrees: true,
        held: true,
        through: false,
        by: 'default deny',
      },
    });
  });

  it('blames what is wrong below', () => {
    const wide = judge({ answer: { outcome: 'open' }, verdict: { verdict: 'accept', rule: 'rule any-any' } });
    expect(judgeUpper({ below: wide, ...handshake, actual: 'refused' })).toMatchObject({
      ...{ expected: 'unreachable', static: 'refused', agrees: true, held: false, by: 'rule any-any' },
      why: expect.stringContaining('too wide'),
    });
    const missing = judge({ passage: CONDUIT });
    expect(judgeUpper({ below: missing, ...handshake, actual: 'unreachable' })).toMatchObject({
      ...{
        expected: 'refused',
        static: 'unreachable',
        agrees: true,
        held: false,
        by: 'conduit pumps-to-broker',
      },
    });
  });
});
