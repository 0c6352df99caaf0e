import Table from 'cli-table3';
import type { LabReport } from '../../testbed/index.ts';
import { BARE } from './bare-table.ts';
import { colors } from './terminal.ts';

/** A lab for people: its zones, what stands in them, what runs, and what its router counted. */
export function labText(report: LabReport): string {
  const { name, plan, keeper, components, processes, rules, impairments } = report;
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
    ...(rules.length === 0
      ? []
      : [
          table(
            ['rule', 'chain', 'packets', 'bytes'],
            rules.map((one) => [
              one.name,
              `${one.table} ${one.chain ?? ''}`,
              `${one.packets}`,
              `${one.bytes}`,
            ]),
          ),
        ]),
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

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const made = new Table({
    chars: BARE,
    head: head.map((one) => colors.dim(one)),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  made.push(...rows.map((row) => [...row]));
  return made.toString();
}
