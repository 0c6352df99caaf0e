import Table from 'cli-table3';
import type { WardRow } from '../../testbed/index.ts';
import { BARE } from './bare-table.ts';
import { colors } from './terminal.ts';

const HEAD = [
  'serial',
  'model',
  'care area',
  'drug',
  'rate mL/h',
  'remaining mL',
  'state',
  'alarm',
  'battery',
  'firmware',
  'link',
];
/** The ward as a table, a pump a row and one channel a line; `mostRows` keeps it on the screen. */
export function wardTable(rows: readonly WardRow[], mostRows: number): string {
  const table = new Table({
    head: HEAD,
    chars: BARE,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: ['left', 'left', 'left', 'left', 'right', 'right', 'left', 'left', 'right', 'left', 'left'],
  });
  for (const row of rows.slice(0, mostRows)) {
    for (const channel of row.reading.channels) {
      const remainingMl = Math.max(0, channel.volumeToBeInfusedMl - channel.deliveredMl);
      const alarm = [...row.reading.alarms].sort((a, b) => RANK[b.priority] - RANK[a.priority])[0];
      const idle = channel.drug === null && channel.flowMlPerH === 0;
      table.push([
        row.serial,
        row.model,
        row.careArea,
        channel.drug ?? '–',
        idle ? '–' : channel.flowMlPerH.toFixed(1),
        idle ? '–' : remainingMl.toFixed(1),
        channel.therapy === 'infusing' ? colors.green(channel.therapy) : channel.therapy,
        alarm === undefined ? '' : PAINT[alarm.priority](alarm.alarm),
        `${row.reading.batteryPercent.toFixed(0)}%${row.reading.power === 'mains' ? '⚡' : ' '}`,
        row.reading.firmware.running,
        linkText(row),
      ]);
    }
  }
  const hidden = rows.length - mostRows;
  return hidden > 0 ? `${table.toString()}\n… and ${hidden} more pumps` : table.toString();
}

/** Nobody but the bedside sees a pump that supervision has lost: that is said before what the pump believes itself. */
function linkText({ link, supervision }: WardRow): string {
  if (supervision === 'unsupervised') return colors.red(supervision);
  return link === 'online' ? link : colors.red(link);
}

const RANK = { low: 0, medium: 1, high: 2 } as const;
const PAINT = { low: colors.cyan, medium: colors.yellow, high: colors.red } as const;
