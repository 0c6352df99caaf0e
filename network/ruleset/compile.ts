import type { LaidZone, Layout, Place } from '../plan/layout.ts';
import {
  ANY,
  type CompiledConduit,
  type IpVersion,
  type PortRange,
  type ZonePolicy,
} from '../plan/policy.ts';

/** The one table of a compiled ruleset; whoever loads it replaces that and nothing else. */
export const TABLE = 'pumprange';
/** Where the log goes: a group of nfnetlink_log, which nobody has to listen to. */
const LOG_GROUP = 18;
/** Of nftables, for a log's prefix and a comment: 127 characters. */
const LONGEST_NAME = 100;

/**
 * The nftables ruleset of a plan: default deny, answers let through, a rule or two for each conduit, each with the conduit's name as its
 * comment and in its log. Replaces the table `inet pumprange` in one transaction. Dates are in UTC: load it with `TZ=UTC`.
 */
export function compileRuleset(policy: ZonePolicy, layout: Layout): string {
  const rules = policy.conduits.flatMap((conduit) => [
    '',
    ...comment(conduit.why),
    ...rulesOf(policy, layout, conduit),
  ]);
  return [
    ...comment(policy.title),
    `# Compiled by Pumprange from the zone plan "${policy.id}". TRAINING, NOT FOR HUMAN USE.`,
    '# What no rule names is dropped. Each rule has the name of its conduit as its comment, and logs new connections under it.',
    `table inet ${TABLE}`,
    `delete table inet ${TABLE}`,
    `table inet ${TABLE} {`,
    '  chain forward {',
    '    type filter hook forward priority filter; policy drop;',
    '',
    '    ct state established,related counter accept comment "answers"',
    '    ct state invalid counter drop comment "no-connection"',
    ...rules.map((line) => (line === '' ? line : `    ${line}`)),
    '',
    `    counter log prefix "pr denied " group ${LOG_GROUP} drop comment "default-deny"`,
    '  }',
    '}',
    '',
  ].join('\n');
}

/** Text of a plan may be longer than a line, and none of it may be read as a rule. */
function comment(text: string): readonly string[] {
  return text.split(/[\r\n\u2028\u2029\v\f]+/).map((line) => `# ${line}`);
}

function rulesOf(policy: ZonePolicy, layout: Layout, conduit: CompiledConduit): readonly string[] {
  const versions: readonly IpVersion[] = conduit.over === undefined ? ['ipv4', 'ipv6'] : [conduit.over];
  const ends = endsOf(policy, layout, conduit);
  // Names of interfaces say nothing about the version; addresses do.
  const isPlain = ends.from === undefined && ends.to === undefined && conduit.over === undefined;
  const matches = isPlain
    ? [ends.interfaces]
    : versions.flatMap((version) => {
        const from = addressMatch('saddr', version, ends.from);
        const to = addressMatch('daddr', version, ends.to);
        if (from === undefined || to === undefined) return [];
        const either = from === '' && to === '' ? `meta nfproto ${version}` : '';
        return [[ends.interfaces, either, from, to].filter((part) => part !== '').join(' ')];
      });
  const name = conduit.name.slice(0, LONGEST_NAME);
  const until = conduit.untilMs === Number.POSITIVE_INFINITY ? '' : `meta time < "${utc(conduit.untilMs)}" `;
  const what = `${until}counter log prefix "pr ${name} " group ${LOG_GROUP} accept comment "${name}"`;
  return matches.flatMap((match) =>
    portMatches(conduit.ports).map((ports) => [match, ports, what].filter((part) => part !== '').join(' ')),
  );
}

interface Ends {
  readonly interfaces: string;
  /** Devices; `undefined`: whoever is behind the interface. */
  readonly from: readonly Place[] | undefined;
  readonly to: readonly Place[] | undefined;
}

function endsOf(policy: ZonePolicy, layout: Layout, { from, to }: CompiledConduit): Ends {
  const end = (party: string) => {
    const asset = policy.assets.get(party);
    const zone = layout.zones.find(({ id }) => id === (asset?.zone ?? party));
    return { zone, places: asset && layout.places.filter((place) => place.asset === asset.id) };
  };
  const [start, target] = [end(from), end(to)];
  const named = (key: string, party: string, zone: LaidZone | undefined): string =>
    party === ANY || zone === undefined ? '' : `${key} "${zone.interface}"`;
  const interfaces = [named('iifname', from, start.zone), named('oifname', to, target.zone)];
  return {
    interfaces: interfaces.filter((part) => part !== '').join(' '),
    from: start.places,
    to: target.places,
  };
}

/** @returns '' for everybody, `undefined` where nobody has an address of this version */
function addressMatch(
  side: 'saddr' | 'daddr',
  version: IpVersion,
  places: readonly Place[] | undefined,
): string | undefined {
  if (places === undefined) return '';
  const addresses = places.flatMap((place) => place[version] ?? []);
  if (addresses.length === 0) return undefined;
  return `${version === 'ipv4' ? 'ip' : 'ip6'} ${side} ${oneOrSet(addresses)}`;
}

function portMatches(ports: CompiledConduit['ports']): readonly string[] {
  if (ports === 'any') return [''];
  return (['tcp', 'udp'] as const).flatMap((protocol) => {
    const own = ports.filter((port) => port.protocol === protocol).map(portText);
    return own.length === 0 ? [] : [`${protocol} dport ${oneOrSet([...new Set(own)])}`];
  });
}

function portText({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function oneOrSet(values: readonly string[]): string {
  return values.length === 1 ? (values[0] ?? '') : `{ ${values.join(', ')} }`;
}

function utc(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
