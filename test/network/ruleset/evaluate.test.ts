import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Layout, layOut } from '../../../network/plan/layout.ts';
import { loadZonePlan } from '../../../network/plan/load.ts';
import { passageOf } from '../../../network/plan/policy.ts';
import { compileRuleset } from '../../../network/ruleset/compile.ts';
import { evaluate } from '../../../network/ruleset/evaluate.ts';
import { type Listing, readListing } from '../../../network/ruleset/listing.ts';
import type { Packet } from '../../../network/ruleset/match.ts';
import { HOUSE } from '../../../testbed/index.ts';
import { hasTool } from '../../helpers/require-tool.ts';

const NOW = Date.parse('2026-11-29T12:00:00Z');
const BASE: Packet = {
  ...{ in: 'eth1', out: 'eth2', from: '10.1.1.5', to: '10.2.2.2' },
  ...{ version: 'ipv4', protocol: 'tcp', port: 443, atMs: NOW },
};

/** Loads text into nft, in a network namespace that lives as long as this takes, and reads it back. */
function loaded(text: string): Listing {
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['--net', 'sh', '-c', 'nft -f - && nft -j list ruleset'],
    { input: text, encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } },
  );
  if (status !== 0) throw new Error(stderr);
  return readListing(JSON.parse(stdout));
}

const chain = (rules: readonly string[], more = '', policy = 'drop') =>
  `table inet t {\n${more}\n chain forward {\n type filter hook forward priority 0; policy ${policy};\n${rules.join('\n')}\n }\n}\n`;

describe.skipIf(!hasTool('nft', 'nftables') || process.getuid?.() !== 0)(
  'a ruleset as the kernel lists it',
  () => {
    const verdictOf = (rules: readonly string[], packet: Partial<Packet> = {}, more = '') => {
      const { verdict, rule } = evaluate(loaded(chain(rules, more)), { ...BASE, ...packet });
      return `${verdict} by ${rule}`;
    };

    test.each<[string, readonly string[], Partial<Packet>, string]>([
      ['nothing', [], {}, 'drop by policy of chain inet t forward'],
      ['a comment', ['tcp dport 443 accept comment "web"'], {}, 'accept by rule "web"'],
      ['another port', ['tcp dport 444 accept'], {}, 'drop by policy of chain inet t forward'],
      ['another protocol', ['udp dport 443 accept'], {}, 'drop by policy of chain inet t forward'],
      ['a range', ['tcp dport 400-500 reject'], {}, 'reject by rule 1 of 1 in chain inet t forward'],
      [
        'what is not',
        ['tcp dport != 443 accept', 'ip saddr != 10.9.0.0/16 accept'],
        {},
        'accept by rule 2 of 2 in chain inet t forward',
      ],
      [
        'a block',
        ['ip saddr 10.1.0.0/16 ip daddr { 10.2.2.1-10.2.2.9, 10.3.0.0/16 } accept'],
        {},
        'accept by rule 1 of 1 in chain inet t forward',
      ],
      [
        'interfaces',
        ['iifname "eth1" oifname { "eth2", "wlan*" } accept'],
        {},
        'accept by rule 1 of 1 in chain inet t forward',
      ],
      ['a joker', ['iifname "et*" accept'], {}, 'accept by rule 1 of 1 in chain inet t forward'],
      [
        'answers',
        ['ct state established,related accept', 'ct state vmap { invalid : drop, new : accept }'],
        {},
        'accept by rule 2 of 2 in chain inet t forward',
      ],
      [
        'a date to come',
        ['meta time < "2027-01-01 00:00:00" accept'],
        {},
        'accept by rule 1 of 1 in chain inet t forward',
      ],
      [
        'a date past',
        ['meta time < "2026-01-01 00:00:00" accept'],
        {},
        'drop by policy of chain inet t forward',
      ],
      [
        'both at once',
        ['ip saddr . ip daddr { 10.1.1.5 . 10.2.2.2 } accept'],
        {},
        'accept by rule 1 of 1 in chain inet t forward',
      ],
      [
        'IPv6',
        ['ip6 daddr fd00::/16 accept'],
        { version: 'ipv6', from: 'fd01::1', to: 'fd00:0::2' },
        'accept by rule 1 of 1 in chain inet t forward',
      ],
      [
        'the other version',
        ['ip6 daddr fd00::/16 accept', 'meta nfproto ipv4 drop'],
        {},
        'drop by rule 2 of 2 in chain inet t forward',
      ],
      [
        'any protocol',
        ['meta l4proto { tcp, udp } th dport 443 counter log accept'],
        {},
        'accept by rule 1 of 1 in chain inet t forward',
      ],
      [
        'a first packet',
        ['tcp flags & (syn | ack) == syn accept'],
        {},
        'accept by rule 1 of 1 in chain inet t forward',
      ],
      [
        'what is not understood',
        ['tcp dport 443 ip ttl 5 accept'],
        {},
        'unknown by ip ttl in rule 1 of 1 in chain inet t forward',
      ],
      [
        'a limit',
        ['limit rate 10/second accept'],
        {},
        'unknown by limit in rule 1 of 1 in chain inet t forward',
      ],
      [
        'what never gets so far',
        ['accept', 'ip ttl 5 drop'],
        {},
        'accept by rule 1 of 2 in chain inet t forward',
      ],
    ])('%s', (_name, rules, packet, expected) => expect(verdictOf(rules, packet)).toBe(expected));

    test('chains, sets and maps', () => {
      const more = `set bad { type ipv4_addr; flags interval; elements = { 10.1.1.0/24 } }
      map by { type ifname : verdict; elements = { "eth1" : jump pumps, "eth3" : drop } }
      chain pumps { ip saddr @bad return; tcp dport 443 accept comment "in"; }
      chain last { tcp dport 444 accept comment "gone"; }`.replaceAll('; }', '\n}');
      const rules = ['iifname vmap @by', 'tcp dport 444 goto last', 'accept comment "rest"'];
      expect(verdictOf(rules, {}, more)).toBe('accept by rule "rest"');
      expect(verdictOf(rules, { from: '10.1.2.3' }, more)).toBe('accept by rule "in"');
      expect(verdictOf(rules, { in: 'eth3' }, more)).toMatch(/^drop/);
      expect(verdictOf(rules, { port: 444 }, more)).toBe('accept by rule "gone"');
    });

    test('what one table accepts, another may drop', () => {
      const listing = loaded(
        `${chain(['accept'])}\ntable ip v4 { chain f { type filter hook forward priority 10; policy accept; tcp dport 443 drop comment "late"\n }\n }`,
      );
      expect(evaluate(listing, BASE)).toEqual({ verdict: 'drop', rule: 'rule "late"' });
      expect(evaluate(listing, { ...BASE, version: 'ipv6', from: 'fd00::1', to: 'fd00::2' }).verdict).toBe(
        'accept',
      );
    });

    test('what only counts and logs decides nothing, whatever it asks for', () => {
      const rules = [
        'limit rate 5/second log prefix "x"',
        'ip ttl 5 counter',
        'tcp dport 443 accept comment "web"',
      ];
      expect(verdictOf(rules)).toBe('accept by rule "web"');
    });

    test('an answer is looked at as one', () => {
      const back: Partial<Packet> = { state: 'established', fromPort: 443, port: 49_152 };
      expect(verdictOf(['ct state established accept comment "answers"'], back)).toBe(
        'accept by rule "answers"',
      );
      expect(verdictOf(['tcp dport 443 accept'], back)).toBe('drop by policy of chain inet t forward');
      expect(verdictOf(['tcp sport 443 accept comment "stateless"'], back)).toBe(
        'accept by rule "stateless"',
      );
    });

    test('without any rule everything is forwarded', () => {
      expect(evaluate(loaded(''), BASE)).toEqual({ verdict: 'accept', rule: 'no chain of `forward`' });
    });

    test.each(['sp1800-8', 'flat'])('that of %s says what the plan says, for every two devices', (name) => {
      const policy = loadZonePlan(join(HOUSE, 'network', 'zones', `${name}.yaml`));
      const layout = layOut(policy, 2);
      const listing = loaded(compileRuleset(policy, layout));
      const differing = [...packets(layout)].filter(({ packet, from, to }) => {
        const passage = passageOf(
          policy,
          from,
          { asset: to, protocol: packet.protocol, port: packet.port },
          NOW,
          packet.version,
        );
        return (evaluate(listing, packet).verdict === 'accept') !== (passage !== undefined);
      });
      expect(differing.slice(0, 3)).toEqual([]);
    });

    function* packets(layout: Layout) {
      const known = [
        53, 67, 123, 443, 1812, 1883, 5432, 6514, 6661, 7443, 8022, 8080, 8443, 8883, 20_021, 20_023, 20_080,
      ];
      const interfaceOf = (zone: string): string =>
        layout.zones.find(({ id }) => id === zone)?.interface ?? '';
      const visitors = layout.zones.map(({ id, visitor }) => ({ asset: undefined, zone: id, ...visitor }));
      for (const from of [...layout.places, ...visitors]) {
        for (const to of layout.places) {
          // Neighbours do not go through the router.
          if (from.zone === to.zone) continue;
          for (const version of ['ipv4', 'ipv6'] as const) {
            for (const protocol of ['tcp', 'udp'] as const) {
              for (const port of known) {
                const ends = {
                  in: interfaceOf(from.zone),
                  out: interfaceOf(to.zone),
                  from: from[version] ?? '',
                  to: to[version] ?? '',
                };
                yield { packet: { ...ends, version, protocol, port, atMs: NOW }, from, to: to.asset };
              }
            }
          }
        }
      }
    }
  },
);
