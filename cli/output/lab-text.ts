import Table from 'cli-table3';
import type { LabReport } from '../../testbed/index.ts';
import { BARE } from './bare-table.ts';
import { colors } from './terminal.ts';

/** A lab for people: its zones, what stands in them, what runs, and what its router counted. */
export function labText(report: LabReport): string {
  const { name, plan, keeper, components, processes, impairments } = report;
  const begins = components.length === 0 ? '' : `, ${components.length} programs of the floor`;
  const parts = [
    `${colors.bold(`lab "${name}"`)}: ${plan}, kept by process ${keeper}${begins}`,
    zonesTable(report),
    assetsTable(report),
    ...(components.length === 0
      ? []
      : [
          table(
            ['program', 'zone', 'state'],
            components.map((one) => [one.name, one.zone, one.state]),
          ),
        ]),
    ...rulesTable(report),
    ...impairments.map((one) => colors.yellow(one)),
    `${processes.length} processes in its namespaces. \`pumprange network lab down${name === 'lab' ? '' : ` --name ${name}`}\` takes it down.`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function zonesTable({ zones }: LabReport): string {
  return table(
    ['zone', 'router', '', 'visitor', '', 'interface'],
    zones.map(({ id, router, visitor, interface: device }) => [
      ...[id, router.ipv4, router.ipv6 ?? '', visitor.ipv4, visitor.ipv6 ?? '', device],
    ]),
  );
}

function assetsTable({ assets }: LabReport): string {
  return table(
    ['asset', 'zone', 'address', ''],
    assets.map(({ asset, index, zone, ipv4, ipv6 }) => [
      ...[assets.some((one) => one.asset === asset && one.index > 0) ? `${asset} ${index + 1}` : asset],
      ...[zone, ipv4, ipv6 ?? ''],
    ]),
  );
}

/** What something has passed, or was stopped by. */
function rulesTable({ rules }: LabReport): readonly string[] {
  if (rules.length === 0) return [];
  const met = rules.filter(({ packets }) => packets > 0);
  const others = `${rules.length - met.length} of ${rules.length} rules have met nothing yet.`;
  if (met.length === 0) return [others];
  const rows = met.map(({ name, table: of, chain, packets, bytes }) => [
    ...[name, `${of} ${chain ?? ''}`, String(packets), String(bytes)],
  ]);
  return [`${table(['rule', 'chain', 'packets', 'bytes'], rows)}\n${others}`];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const made = new Table({
    chars: BARE,
    head: head.map((one) => colors.dim(one)),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  made.push(...rows.map((row) => [...row]));
  return made.toString();
}
