import { PumprangeError } from '../../protocol/index.ts';
import { loadPrices, type RehearsalReport } from '../../scenarios/index.ts';
import { probeReportFolder, type ReportFolder, writeReportFolder } from '../../testbed/index.ts';
import { VERSION } from '../version.ts';

/** The options of a command that writes reports. */
export interface ReportFlags {
  readonly report?: string;
  readonly prices?: string;
}

/**
 * Reads the price list and looks whether the folder can be written before anything is rehearsed: a mistake in either must not cost the run.
 *
 * @throws PumprangeError `PR_DISK`, `PR_PRICES_INVALID`, `PR_FILE_UNREADABLE`
 */
export function reportWriter({ report: dir, prices: file }: ReportFlags) {
  if (dir !== undefined) probe(dir);
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

function probe(dir: string): void {
  try {
    probeReportFolder(dir);
  } catch (error) {
    if (!(error instanceof PumprangeError) || error.code !== 'PR_DISK') throw error;
    throw new PumprangeError('PR_DISK', `--report ${dir}: ${error.message}`, { cause: error });
  }
}
