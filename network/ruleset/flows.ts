import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import Papa from 'papaparse';
import { PumprangeError } from '../../protocol/index.ts';
import type { Layout } from '../plan/layout.ts';
import { ANY, type IpVersion } from '../plan/policy.ts';
import { TABLE } from './compile.ts';

/** Columns of a table of flows, which firewalls of other makes can export, or a person can type. */
const COLUMNS = ['from', 'to', 'protocol', 'ports', 'action', 'name'] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], string>>;

const MOST_ROWS = 10_000;
const ACTIONS: Readonly<Record<string, string>> = { allow: 'accept', deny: 'drop', reject: 'reject' };

/**
 * Makes an nftables ruleset of a CSV of flows: the first row that meets a new connection decides, what no row meets is dropped.
 * `from` and `to` are a zone, an asset, an address, a block, or `any`; `ports` such as `443`, `8000-8010`, `80 443`, or `any`.
 *
 * @throws PumprangeError `PR_RULESET_INVALID` with each problem as `file:line: …`
 */
export function flowsToRuleset(text: string, file: string, layout: Layout): string {
  const parsed = Papa.parse<Record<string, string>>(text.replace(/^\uFEFF/, ''), {
    ...{ header: true, preview: MOST_ROWS + 1 },
    transformHeader: (name) => name.trim().toLowerCase(),
    transform: (value) => value.trim(),
  });
  const missing = COLUMNS.filter((name) => name !== 'name' && !parsed.meta.fields?.includes(name));
  const problems: string[] = missing.map((name) => `${file}:1: there is no column "${name}"`);
  if (parsed.data.length > MOST_ROWS) problems.push(`${file}: more than ${MOST_ROWS} rows`);
  const rules: string[] = [];
  if (problems.length === 0) {
    for (const [index, data] of parsed.data.entries()) {
      const line = index + 2;
      const isSaid =
        (data['from'] ?? '').startsWith('#') || Object.values(data).every((value) => value === '');
      if (isSaid) continue;
      const row = Object.fromEntries(COLUMNS.map((name) => [name, data[name] ?? ''])) as Row;
      const rule = ruleOf(row, line, layout);
      if ('problem' in rule) problems.push(`${file}:${line}: ${rule.problem}`);
      else rules.push(...rule.lines);
    }
  }
  if (problems.length > 0) throw new PumprangeError('PR_RULESET_INVALID', problems.join('\n'));
  return [
    `# Compiled by Pumprange from a table of ${rules.length} flows. TRAINING, NOT FOR HUMAN USE.`,
    `table inet ${TABLE}`,
    `delete table inet ${TABLE}`,
    `table inet ${TABLE} {`,
    '  chain forward {',
    '    type filter hook forward priority filter; policy drop;',
    '    ct state established,related counter accept comment "answers"',
    ...rules.map((rule) => `    ${rule}`),
    '  }',
    '}',
    '',
  ].join('\n');
}

function ruleOf(
  row: Row,
  line: number,
  layout: Layout,
): { readonly lines: readonly string[] } | { readonly problem: string } {
  const action = ACTIONS[row.action.toLowerCase()];
  if (action === undefined)
    return { problem: `action "${row.action}" is none of ${Object.keys(ACTIONS).join(', ')}` };
  const [from, to] = [partyOf(row.from, 'iifname', layout), partyOf(row.to, 'oifname', layout)];
  if (from === undefined) return { problem: `from "${row.from}" is no zone, asset, address or block` };
  if (to === undefined) return { problem: `to "${row.to}" is no zone, asset, address or block` };
  const ports = portsOf(row);
  if ('problem' in ports) return ports;
  const name = shortened((row.name || `line ${line}`).replace(/["\\\r\n]/g, ' '));
  const isPlain = from.addresses === undefined && to.addresses === undefined;
  const matches = isPlain
    ? [`${from.interface} ${to.interface}`]
    : (['ipv4', 'ipv6'] as const).flatMap((version) => {
        const parts = [
          from.interface,
          to.interface,
          addressMatch('saddr', version, from.addresses),
          addressMatch('daddr', version, to.addresses),
        ];
        return parts.includes(undefined) ? [] : [parts.join(' ')];
      });
  const lines = matches.map((match) =>
    `${match} ${ports.match} counter ${action} comment "${name}"`.replace(/ +/g, ' ').trim(),
  );
  return { lines };
}

interface Party {
  /** A match of the interface, or ''. */
  readonly interface: string;
  /** Absent: all behind the interface. */
  readonly addresses?: readonly string[];
}

function partyOf(text: string, key: 'iifname' | 'oifname', layout: Layout): Party | undefined {
  if (text.toLowerCase() === ANY) return { interface: '' };
  const zone = layout.zones.find(({ id }) => id === text);
  if (zone !== undefined) return { interface: `${key} "${zone.interface}"` };
  const places = layout.places.filter(({ asset }) => asset === text);
  if (places.length > 0) {
    return { interface: '', addresses: places.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6 ?? []].flat()) };
  }
  return isAddressOrBlock(text) ? { interface: '', addresses: [text] } : undefined;
}

/** @returns '' for everybody, `undefined` where nobody has an address of this version */
function addressMatch(
  side: 'saddr' | 'daddr',
  version: IpVersion,
  addresses: readonly string[] | undefined,
): string | undefined {
  if (addresses === undefined) return '';
  const own = addresses.filter((one) => one.includes(':') === (version === 'ipv6'));
  if (own.length === 0) return undefined;
  return `${version === 'ipv4' ? 'ip' : 'ip6'} ${side} { ${own.join(', ')} }`;
}

function portsOf({ protocol, ports }: Row): { readonly match: string } | { readonly problem: string } {
  const by = protocol.toLowerCase();
  if (by !== 'tcp' && by !== 'udp' && by !== ANY)
    return { problem: `protocol "${protocol}" is none of tcp, udp, any` };
  const isAll = ports === '' || ports.toLowerCase() === ANY;
  if (isAll) return { match: by === ANY ? '' : `meta l4proto ${by}` };
  const parts = ports.split(/[\s;]+/);
  const wrong = parts.find((part) => {
    const [first = '', last = first, ...rest] = part.split('-');
    const isPort = (one: string): boolean =>
      /^\d{1,5}$/.test(one) && Number(one) >= 1 && Number(one) <= 65_535;
    return rest.length > 0 || !isPort(first) || !isPort(last) || Number(first) > Number(last);
  });
  if (wrong !== undefined) return { problem: `ports "${wrong}" are none` };
  const set = `dport { ${parts.join(', ')} }`;
  return { match: by === ANY ? `meta l4proto { tcp, udp } th ${set}` : `${by} ${set}` };
}

/** In full: nft takes no `10.1`, which some take for 10.0.0.1. */
function isAddressOrBlock(text: string): boolean {
  const [address = '', ...bits] = text.split('/');
  return isIP(address) !== 0 && (bits.length === 0 || ipaddr.isValidCIDR(text));
}

/** nftables counts a comment in bytes, and takes 127. */
function shortened(name: string): string {
  let text = '';
  for (const character of name) {
    if (Buffer.byteLength(text + character) > LONGEST_NAME_BYTES) break;
    text += character;
  }
  return text;
}

const LONGEST_NAME_BYTES = 100;
