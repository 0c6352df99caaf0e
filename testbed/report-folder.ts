import { generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PumprangeError } from '../protocol/index.ts';
import {
  attackFacts,
  junitXml,
  matrixJunit,
  navigatorLayer,
  type PriceList,
  type RehearsalReport,
  type RunDetail,
  renderReport,
  reportMarkdown,
} from '../scenarios/index.ts';
import { sealEvidence } from '../supervision/index.ts';
import { writeFileWhole } from './files.ts';

export interface ReportFolder {
  readonly dir: string;
  readonly report: RehearsalReport;
  /** What the command prints with `--json`. */
  readonly printed: unknown;
  readonly prices?: PriceList | undefined;
  readonly transcripts?: readonly { readonly name: string; readonly text: string }[] | undefined;
}

/**
 * Whether a report could be written into a folder, by writing something there. It is left as it was, but for folders above it.
 *
 * @throws PumprangeError `PR_DISK`
 */
export function probeReportFolder(dir: string): void {
  const isNew = !existsSync(dir);
  const probe = join(dir, `.probe-${process.pid}`);
  try {
    writeFileWhole(probe, '');
    rmSync(isNew ? dir : probe, { recursive: isNew });
  } catch (cause) {
    if (cause instanceof PumprangeError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PumprangeError('PR_DISK', reason, { cause });
  }
}

/**
 * Writes a report into a folder, which is made if it is not there: the page, the same as Markdown, JSON and JUnit, and the evidence of its
 * runs as hash-chained logs. Their checkpoints are signed by a key that is made for this report and forgotten; its public half lies beside.
 *
 * @returns the names of the files
 * @throws PumprangeError `PR_DISK`
 */
export async function writeReportFolder(folder: ReportFolder): Promise<readonly string[]> {
  const { dir, report, printed, prices, transcripts = [] } = folder;
  const results = report.rehearsed.flatMap(({ runs }) => runs.map(({ result }) => result));
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const files = new Map<string, string>([
    ['report.md', reportMarkdown(report, prices)],
    ['report.json', `${JSON.stringify(printed, null, 2)}\n`],
    ['details.json', `${JSON.stringify(report)}\n`],
    ['junit.xml', report.matrix === null ? junitXml({ version: 1, runs: results }) : matrixJunit(report)],
    ...transcripts.map(({ name, text }): [string, string] => [`transcripts/${name}.txt`, text]),
  ]);
  if (report.matrix !== null) {
    const layer = navigatorLayer(attackFacts(report), report.matrix.posture);
    files.set('attack-navigator-layer.json', `${JSON.stringify(layer, null, 2)}\n`);
  }
  for (const [name, run] of evidenceRuns(report)) {
    const { lines, checkpoint } = sealEvidence(run.evidence, Date.parse(report.madeAt), (bytes) =>
      sign('sha256', bytes, privateKey),
    );
    files.set(`${name}.jsonl`, lines.map((line) => `${line}\n`).join(''));
    files.set(`${name}.checkpoints.jsonl`, `${JSON.stringify(checkpoint)}\n`);
  }
  files.set('evidence-signer.pem', publicKey.export({ type: 'spki', format: 'pem' }).toString());
  const names = ['report.html', ...files.keys()];
  files.set('report.html', await renderReport({ report, prices, files: names }));
  for (const [name, content] of files) writeFileWhole(join(dir, name), content);
  return names;
}

/** The runs whose evidence is kept: of a matrix those with all controls, else each. */
function evidenceRuns({ matrix, rehearsed }: RehearsalReport): readonly (readonly [string, RunDetail])[] {
  return rehearsed.flatMap(({ id, firmware, runs }) =>
    runs.flatMap((run) => {
      if (matrix !== null && run.cell.cell !== 'all') return [];
      const parts = [
        'evidence',
        id,
        ...(matrix === null ? [run.result.posture] : []),
        ...(firmware === null ? [] : [firmware]),
      ];
      return [[parts.join('-'), run] as const];
    }),
  );
}
