import { loadPrices, type RehearsalReport } from '../../scenarios/index.ts';
import { type ReportFolder, writeReportFolder } from '../../testbed/index.ts';
import { VERSION } from '../version.ts';

/** The options of a command that writes reports. */
export interface ReportFlags {
  readonly report?: string;
  readonly prices?: string;
}

/** Reads the price list before anything is rehearsed: a mistake in it must not cost the run. */
export function reportWriter({ report: dir, prices: file }: ReportFlags) {
  const prices = file === undefined ? undefined : loadPrices(file);
  return {
    isWanted: dir !== undefined,
    async write(
      content: Pick<RehearsalReport, 'matrix' | 'residuals' | 'rehearsed'>,
      more: Pick<ReportFolder, 'printed' | 'transcripts'>,
    ): Promise<void> {
      if (dir === undefined) return;
      const madeAt = new Date().toISOString();
      const report: RehearsalReport = { version: 1, tool: `pumprange ${VERSION}`, madeAt, ...content };
      await writeReportFolder({ dir, report, prices, ...more });
      process.stderr.write(`report: ${dir}/report.html\n`);
    },
  };
}
