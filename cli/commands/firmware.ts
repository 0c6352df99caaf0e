import { readFileSync, statSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { isId, PumprangeError } from '../../protocol/index.ts';
import {
  acceptFirmwareFile,
  buildFirmware,
  loadWardData,
  releaseFirmwareFile,
  signFirmwareFile,
  verifyFirmwareFile,
} from '../../testbed/index.ts';
import { findingsText } from '../output/findings-text.ts';
import { print } from '../output/terminal.ts';
import { addFirmwareExposure } from './firmware-exposure.ts';
import { wholeNumber } from './options.ts';
import { type DirOption, openExisting, withDir } from './pki-folder.ts';

/** An image of the size that real ones have. */
const USUAL_PAYLOAD_BYTES = 4 * 1024 * 1024;
const LARGEST_PAYLOAD_BYTES = 60 * 1024 * 1024;

interface BuildOptions {
  readonly model: string;
  readonly version: string;
  readonly payload?: string;
  readonly payloadBytes: number;
  readonly sequence: number;
  readonly days: number;
  readonly out: string;
}

interface SignOptions extends DirOption {
  readonly as: string;
}

export function addFirmware(program: Command, done: (exitCode: number) => void): void {
  const firmware = program
    .command('firmware')
    .description('firmware packages: build, sign, accept, verify, and who needs them. TEST ONLY');

  firmware
    .command('build')
    .description('build a package and its manifest, which nobody has signed yet')
    .requiredOption('--model <id>', 'a pump model')
    .requiredOption('--version <v>', 'a version of its firmware')
    .addOption(new Option('--payload <file>', 'the image; any bytes').conflicts('payloadBytes'))
    .option(
      '--payload-bytes <n>',
      'size of a filler instead',
      wholeNumber(0, LARGEST_PAYLOAD_BYTES),
      USUAL_PAYLOAD_BYTES,
    )
    .option('--sequence <n>', 'counts up with each release', wholeNumber(1, Number.MAX_SAFE_INTEGER), 1)
    .option('--days <n>', 'how long the release holds', wholeNumber(1, 3_650), 365)
    .requiredOption('--out <dir>', 'folder for the two files')
    .action(async (options: BuildOptions) => {
      const { model, version, sequence, days, out } = options;
      const files = await buildFirmware(loadWardData(), {
        model,
        version,
        payload: options.payload === undefined ? options.payloadBytes : imageIn(options.payload),
        sequence,
        validDays: days,
        out,
        nowMs: Date.now(),
      });
      await print(
        `built ${model} ${version}, TEST ONLY: ${files.package}\nnobody has signed ${files.manifest} yet\n`,
      );
    });

  signing(firmware.command('sign').description('sign a manifest as the vendor'), 'vendor-01').action(
    async (file: string, options: SignOptions) => {
      await signFirmwareFile(file, options.as, openExisting(options.dir), Date.now());
      await print(`vendor ${options.as} has signed ${file}\n`);
    },
  );

  signing(
    firmware.command('accept').description('countersign for the hospital what a vendor has signed'),
    'biomed-01',
  ).action(async (file: string, options: SignOptions) => {
    await acceptFirmwareFile(file, options.as, openExisting(options.dir), Date.now());
    await print(`biomed ${options.as} has accepted ${file} for the hospital\n`);
  });

  withDir(firmware.command('verify').description('say who signed a package, and whether all of it holds'))
    .argument('<file...>', 'a manifest or a package; the other lies beside it')
    .option('--json', 'print one JSON document')
    .action(async (files: readonly string[], { dir, json }: DirOption & { readonly json?: boolean }) => {
      const pki = openExisting(dir);
      const artefacts = [];
      for (const file of files) {
        const findings = await verifyFirmwareFile(file, pki, Date.now());
        artefacts.push({ file, holds: findings.every(({ holds }) => holds), findings });
      }
      await print(json === true ? `${JSON.stringify({ artefacts }, null, 2)}\n` : findingsText(artefacts));
      done(artefacts.every(({ holds }) => holds) ? 0 : 1);
    });

  signing(
    firmware
      .command('release')
      .description('release a package to the pumps of its model in the ward that runs, without waves'),
    'biomed-01',
  )
    .option('--pumps <serials>', 'only to these, e.g. LVP-0001,LVP-0002', (text) => text.split(','))
    .action(async (file: string, options: SignOptions & { readonly pumps?: readonly string[] }) => {
      const { dir, as, pumps } = options;
      const { model, firmwareVersion } = await releaseFirmwareFile(dir, file, as, pumps);
      await print(
        `released ${model} ${firmwareVersion} to ${pumps?.join(', ') ?? `all pumps of the model`}, by biomed ${as}. TEST ONLY\n`,
      );
    });

  addFirmwareExposure(firmware);
}

function signing(command: Command, usual: string): Command {
  return withDir(command)
    .argument('<file>', 'a manifest, with its package beside it')
    .option('--as <id>', 'who signs', person, usual);
}

function person(text: string): string {
  if (!isId(text)) throw new InvalidArgumentError('It is a name such as vendor-01.');
  return text;
}

function imageIn(path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size > LARGEST_PAYLOAD_BYTES) {
      throw new PumprangeError('PR_USAGE', `${path}: ${size} bytes, ${LARGEST_PAYLOAD_BYTES} is the most`);
    }
    return readFileSync(path);
  } catch (cause) {
    if (cause instanceof PumprangeError) throw cause;
    throw new PumprangeError('PR_FILE_UNREADABLE', `${path}: ${String(cause)}`, { cause });
  }
}
