import type { ExposureReport } from '../../testbed/index.ts';
import { colors } from './terminal.ts';

type Totals = ExposureReport['before'];

const PAINT = {
  critical: colors.red,
  high: colors.red,
  medium: colors.yellow,
  low: (text: string): string => text,
} as const;

/** How many pumps a line names. */
const MOST_SERIALS = 4;

/** What to patch first, then each advisory with its pumps. */
export function exposureText(report: ExposureReport): string {
  const { before, after, patchFirst, advisories, plan } = report;
  const steps = patchFirst.map(({ model, from, to, pumps, reasons }, index) => {
    const head = `${index + 1}. ${colors.bold(`${model} ${from} → ${to}`)}  ${shortened(pumps)}\n`;
    return `${head}${reasons.map((reason) => `   ${reason}\n`).join('')}`;
  });
  const open = advisories.filter(({ pumpsBefore }) => pumpsBefore > 0);
  const width = Math.max(0, ...open.map(({ title }) => title.length));
  const rows = open.map(({ id, severity, title, pumpsBefore, pumpsAfter, modelled }) => {
    const counts = `${String(pumpsBefore).padStart(5)} → ${String(pumpsAfter).padEnd(5)}`;
    const note = modelled ? '' : '  not modelled';
    return `${id}  ${PAINT[severity](severity.padEnd(8))}  ${title.padEnd(width)}  ${counts}${note}\n`;
  });
  const rollout = Object.entries(plan).map(([model, version]) => `${model} ${version}`);
  return [
    `TEST ONLY. Exposed: ${totalsText(before)}\n`,
    rollout.length === 0 ? '' : `After ${rollout.join(', ')}: ${totalsText(after)}\n`,
    steps.length === 0
      ? '\nNothing to patch: no update closes anything.\n'
      : `\nPatch first:\n${steps.join('')}`,
    rows.length === 0 ? '' : `\nAdvisories, pumps before → after:\n${rows.join('')}`,
  ].join('');
}

function totalsText({ exposedPumps, exposures, unknownPumps, bySeverity }: Totals): string {
  const { critical, high, medium, low } = bySeverity;
  const unknown = unknownPumps === 0 ? '' : `; of ${unknownPumps} nobody knows what is in them`;
  return `${exposedPumps} pumps, ${exposures} times (${critical} critical, ${high} high, ${medium} medium, ${low} low)${unknown}`;
}

function shortened(serials: readonly string[]): string {
  const shown = serials.slice(0, MOST_SERIALS).join(', ');
  return serials.length <= MOST_SERIALS ? shown : `${shown} and ${serials.length - MOST_SERIALS} more`;
}
