import Table from 'cli-table3';
import { type AdoptionReport, clean } from '../../testbed/index.ts';
import { BARE } from './bare-table.ts';
import { colors } from './terminal.ts';

type PumpAdoption = AdoptionReport['pumps'][number];

/** The adoption of libraries as a terminal shows it: what is released, the pumps, the stragglers. */
export function adoptionText(report: AdoptionReport): string {
  const { banner, asOf, source, releases, pumps, stragglers } = report;
  const whence = source === 'server' ? 'the running ward' : 'what the ward has left; it does not run';
  const inUse = pumps.filter(({ adoption }) => adoption === 'in-use').length;
  return [
    colors.bold(banner),
    `${second(asOf)}, from ${whence}`,
    '',
    ...releases.map(
      ({ careArea, library, libraryVersion, sequence, releasedAt, releasedBy }) =>
        `${careArea}: ${library} ${libraryVersion}, sequence ${sequence}, released ${second(releasedAt)}${releasedBy === null ? '' : ` by ${releasedBy}`}`,
    ),
    '',
    pumpTable(pumps),
    '',
    stragglers.length === 0
      ? `all ${inUse} pumps go by what is released`
      : `${inUse} of ${pumps.length} pumps go by what is released; behind: ${stragglers.join(', ')}`,
    '',
  ].join('\n');
}

function pumpTable(pumps: readonly PumpAdoption[]): string {
  const table = new Table({
    head: ['serial', 'care area', 'link', 'in use', 'since', 'pending', 'since', 'adoption'],
    chars: BARE,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const { serial, careArea, link, inUse, pending, adoption, reason } of pumps) {
    table.push([
      serial,
      careArea,
      link,
      clean(inUse?.version ?? '–'),
      sinceText(inUse?.since),
      clean(pending?.version ?? '–'),
      sinceText(pending?.since),
      `${PAINT[adoption](adoption)}${reason === null ? '' : `: ${clean(reason)}`}`,
    ]);
  }
  return table.toString();
}

/** One pump a row; the notice is in each, as rows are copied. */
export function adoptionCsv({ banner, asOf, pumps }: AdoptionReport): string {
  const rows = pumps.map((pump) => [
    ...[pump.serial, pump.model, pump.careArea, pump.link, pump.statusAt],
    ...[pump.inUse?.version, pump.inUse?.since, pump.pending?.version, pump.pending?.since],
    ...[pump.released, pump.adoption, pump.reason, asOf, banner],
  ]);
  return [COLUMNS, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

const COLUMNS = [
  'serial',
  'model',
  'careArea',
  'link',
  'statusAt',
  'inUseVersion',
  'inUseSince',
  'pendingVersion',
  'pendingSince',
  'releasedVersion',
  'adoption',
  'reason',
  'asOf',
  'notice',
];

/** A cell [RFC 4180]. What a pump wrote is never taken for a formula. */
function cell(value: string | null | undefined): string {
  const text = (value ?? '').replace(/^[=+\-@\t\r]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function sinceText(since: string | null | undefined): string {
  return since === undefined || since === null ? '–' : second(since);
}

/** RFC 3339 without what nobody reads on a terminal. */
function second(time: string): string {
  return time.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}

const PAINT = {
  'in-use': colors.green,
  pending: colors.yellow,
  missing: colors.red,
  'nothing-released': colors.dim,
} as const;
