import Table from 'cli-table3';
import type { LabLayout, ZonePolicy } from '../../testbed/index.ts';
import { BARE } from './bare-table.ts';
import { colors } from './terminal.ts';

type Conduit = ZonePolicy['conduits'][number];

/** A plan of zones as a person reads it at a time: a conduit that has closed by itself is no open one. */
export function planText(policy: ZonePolicy, atMs: number): string {
  const zones = table('zone', 'IPv4', 'IPv6', 'inside', 'who is admitted');
  for (const { id, isOpenInside, admits, ipv4, ipv6 } of policy.zones.values()) {
    zones.push([
      id,
      ipv4?.text ?? '–',
      ipv6?.text ?? '–',
      isOpenInside ? 'open' : 'isolated',
      admits === 'anybody' ? admits : [...admits].join(', '),
    ]);
  }
  const assets = table('asset', 'zone', 'services');
  for (const { id, zone, services } of policy.assets.values()) {
    assets.push([
      id,
      zone,
      services.map(({ name, protocol, port }) => `${name} ${protocol}/${port}`).join(', '),
    ]);
  }
  const conduits = table('from', 'to', 'what', 'until', 'why');
  for (const conduit of policy.conduits) {
    conduits.push([conduit.from, conduit.to, portsText(conduit), openText(conduit, atMs), conduit.why]);
  }
  const parts = [zones, assets, conduits].map((one) => `${one.toString()}\n`);
  const said = 'What no conduit names is denied. `--nft` prints the firewall that this compiles to.';
  return `${colors.bold(policy.title)}\n\n${parts.join('\n')}\n${said}\n`;
}

/** The same, as data. */
export function planDocument(policy: ZonePolicy, { zones, places }: LabLayout): object {
  return {
    id: policy.id,
    title: policy.title,
    zones,
    places,
    conduits: policy.conduits.map((conduit) => ({
      name: conduit.name,
      from: conduit.from,
      to: conduit.to,
      ports: conduit.ports,
      over: conduit.over ?? 'both',
      why: conduit.why,
      until: untilText(conduit) || null,
    })),
  };
}

function portsText({ ports, over }: Conduit): string {
  const text =
    ports === 'any'
      ? 'any'
      : ports
          .map(({ protocol, first, last }) => `${protocol}/${first}${last === first ? '' : `-${last}`}`)
          .join(', ');
  return over === undefined ? text : `${text} over ${over}`;
}

function openText(conduit: Conduit, atMs: number): string {
  const until = untilText(conduit);
  return conduit.untilMs > atMs ? until : `closed since ${until}`;
}

function untilText({ untilMs }: Conduit): string {
  return untilMs === Number.POSITIVE_INFINITY ? '' : new Date(untilMs).toISOString();
}

function table(...head: string[]): Table.Table {
  return new Table({
    head,
    chars: BARE,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
}
