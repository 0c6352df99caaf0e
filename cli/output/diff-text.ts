import Table from 'cli-table3';
import type pico from 'picocolors';
import type { NetworkDiff } from '../../testbed/index.ts';
import { BARE } from './bare-table.ts';

type Colors = ReturnType<typeof pico.createColors>;
type Change = NetworkDiff['gained'][number];

/** Lines beyond these are in the files. */
const MOST_LINES = 40;

/** What a change of the network comes to, for a terminal. */
export function diffText(diff: NetworkDiff, colors: Colors): string {
  const { attacks, care, newlyReachable } = diff;
  return [
    colors.bold(`${nameOf(diff.old)} → ${nameOf(diff.new)}`),
    '',
    changes('Opened', diff.gained, colors.red),
    changes('Closed', diff.lost, colors.green),
    list(
      'Reachable now',
      newlyReachable.map(({ asset, for: whom }) => `${asset} for ${whom.join(', ')}`),
    ),
    list(`Attacks that become possible, of ${attacks.tried}`, attacks.possible, colors.red),
    list('Attacks that become impossible', attacks.impossible, colors.green),
    list(`Care that breaks, of ${care.tried} workflows`, care.broken, colors.red),
    list('Care that works again', care.mended, colors.green),
    sessionsText(diff),
    idleText(diff.idle, colors),
    `${diff.old.probes + diff.new.probes} probes and ${2 * (attacks.tried + care.tried)} rehearsals in ${(diff.wallMs / 1_000).toFixed(1)} s`,
  ]
    .filter((part) => part !== undefined)
    .join('\n');
}

function nameOf({ plan, ruleset }: NetworkDiff['old']): string {
  return ruleset === 'compiled' ? plan : `${ruleset} (zones ${plan})`;
}

function changes(title: string, all: readonly Change[], color: Colors['red']): string {
  if (all.length === 0) return `${title}: nothing\n`;
  const table = new Table({
    chars: BARE,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const change of all.slice(0, MOST_LINES)) {
    const { from, roles, to, service, probe, was, is, ipVersions, by } = change;
    const versions = ipVersions.length === 2 ? '' : ` (${ipVersions.join('')})`;
    table.push([
      whoText(from, roles),
      `${to} ${service ?? probe}${service === undefined || change.layer === 'l3-l4' ? '' : ` ${probe}`}${versions}`,
      `${was.join('/')} → ${is.join('/')}`,
      by,
    ]);
  }
  const rest = all.length - MOST_LINES;
  return `${color(`${title}: ${all.length}`)}\n${table.toString()}\n${rest > 0 ? `  and ${rest} more: --json, --html\n` : ''}`;
}

/** All roles by name, as long as they are few. */
function whoText(from: string, roles: readonly string[]): string {
  if (roles.length === 0) return from;
  return `${from} as ${roles.length > 3 ? `any of ${roles.length} roles` : roles.join(', ')}`;
}

function list(title: string, items: readonly string[], color: (text: string) => string = String): string {
  return items.length === 0
    ? `${title}: none`
    : `${color(`${title}: ${items.length}`)}\n${items.map((item) => `  ${item}`).join('\n')}`;
}

function sessionsText({ sessions }: NetworkDiff): string {
  if (sessions === null) return 'Sessions: the zones are others, so none was open over the change';
  if (sessions.length === 0) return 'Sessions: none was open that would not be let in any more';
  const counts = new Map<string, number>();
  for (const { outcome } of sessions) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const text = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  return `Sessions that were open and would not be let in any more: ${sessions.length}; ${text}`;
}

function idleText(idle: NetworkDiff['idle'], colors: Colors): string | undefined {
  if (idle === null) return undefined;
  const { idleTimeoutS, keepAliveS, scaledBy, outcome } = idle;
  const text = `A pump that says nothing for ${keepAliveS} s, on a firewall that forgets after ${idleTimeoutS} s: ${outcome} (seen with both divided by ${scaledBy})`;
  return outcome === 'goes on' ? text : colors.red(text);
}
