import { type Command, InvalidArgumentError } from 'commander';
import { LIBRARY_BANNER } from '../../protocol/drug-library/index.ts';
import { type LibraryManifest, PumprangeError } from '../../protocol/index.ts';
import {
  APPROVALS_NEEDED,
  approvalPath,
  approveLibrary,
  approverNamed,
  loadWardData,
  nextLibrarySequence,
  readLibrary,
} from '../../testbed/index.ts';
import { print } from '../output/terminal.ts';
import { wholeNumber } from './options.ts';
import { type DirOption, openOrMake, withDir } from './pki-folder.ts';

interface ApproveOptions extends DirOption {
  readonly as: string;
  readonly manifest?: string;
  readonly sequence?: number;
  readonly models?: readonly string[];
  readonly minimumFirmware?: string;
  readonly validDays?: number;
}

const DAY_MS = 24 * 3_600_000;
const TERMS = ['sequence', 'models', 'minimumFirmware', 'validDays'] as const;

export function addLibraryApprove(library: Command): void {
  const approve = library
    .command('approve')
    .description('approve a drug library as a pharmacist: it needs two; what is signed is its released form')
    .argument('<file>', 'a drug library, JSON')
    .requiredOption('--as <person>', 'the pharmacist who approves, e.g. anna');
  withDir(approve)
    .option('--manifest <file>', 'where the approval lies; FILE.manifest.json unless told')
    .option(
      '--sequence <n>',
      'number of the release; the next one unless told (first approval)',
      wholeNumber(1, 1e9),
    )
    .option(
      '--models <ids>',
      'for which models, e.g. lvp,syringe; all unless told (first approval)',
      modelList,
    )
    .option('--minimum-firmware <version>', 'firmware that it needs; 1.0.0 unless told (first approval)')
    .option(
      '--valid-days <n>',
      'how long pumps may still take it; 30 unless told (first approval)',
      wholeNumber(1, 730),
    )
    .action(run);
}

async function run(path: string, options: ApproveOptions): Promise<void> {
  const { careArea, sequence } = readLibrary(path).library;
  const manifestPath = options.manifest ?? approvalPath(path);
  const nowMs = Date.now();
  const pki = openOrMake(options.dir);
  const approver = approverNamed(options.as, pki);
  let isFirst = false;
  const { manifest, approvers, isApproved } = await approveLibrary({
    ...{ path, manifestPath, approver, nowMs },
    judge: pki.judge({ revocation: true }),
    terms: () => {
      isFirst = true;
      return {
        sequence: options.sequence ?? nextLibrarySequence(options.dir, careArea, sequence),
        models: options.models ?? [...loadWardData().models.keys()],
        minimumFirmware: options.minimumFirmware ?? '1.0.0',
        notAfterMs: nowMs + (options.validDays ?? 30) * DAY_MS,
      };
    },
    refuseTerms: () => {
      const given = TERMS.filter((term) => options[term] !== undefined);
      if (given.length === 0) return;
      throw new PumprangeError(
        'PR_USAGE',
        `${given.join(', ')}: the first approval has settled that, see ${manifestPath}`,
      );
    },
  });
  const before = isFirst ? 'DRAFT' : standing(approvers.length - 1, false);
  await print(
    `${LIBRARY_BANNER}\n${summary(manifest)}: ${before} → ${standing(approvers.length, isApproved)}\n` +
      `  approved by ${approvers.join(', ')}\n  for ${manifest.models.join(', ')} from firmware ${manifest.minimumFirmware}, until ${manifest.notAfter}\n` +
      `  ${manifestPath}${isApproved ? '' : ': another pharmacist has to approve it'}\n`,
  );
}

export function summary({ library, libraryVersion, careArea, sequence }: LibraryManifest): string {
  return `${library} ${libraryVersion} for ${careArea}, sequence ${sequence}`;
}

export function standing(approvals: number, isApproved: boolean): string {
  if (isApproved) return 'APPROVED';
  return approvals === 0 ? 'DRAFT' : `APPROVED ${approvals} of ${APPROVALS_NEEDED}`;
}

function modelList(text: string): readonly string[] {
  const known = [...loadWardData().models.keys()];
  const models = text.split(',').map((model) => model.trim());
  const unknown = models.filter((model) => !known.includes(model));
  if (unknown.length > 0)
    throw new InvalidArgumentError(`There is no model ${unknown.join(', ')}; there are ${known.join(', ')}.`);
  return [...new Set(models)];
}
