import type { Command } from 'commander';
import { LIBRARY_BANNER } from '../../protocol/drug-library/index.ts';
import type { ConfigurationFile } from '../../protocol/index.ts';
import {
  approveDocument,
  CONFIGURATION_FORM,
  clean,
  configurationAdoption,
  DOCUMENT_SIGNERS,
  documentSignerNamed,
  readConfiguration,
  signedPath,
} from '../../testbed/index.ts';
import { print } from '../output/terminal.ts';
import { addDocumentRelease } from './document-release.ts';
import { wholeNumber } from './options.ts';
import { type DirOption, openOrMake, withDir } from './pki-folder.ts';

const DAY_MS = 24 * 3_600_000;
const { kinds, needed } = DOCUMENT_SIGNERS['device-configuration'];

export function addConfiguration(program: Command): void {
  const configuration = program
    .command('configuration')
    .description('how pumps are set up: time server, network, broker, alarm settings');
  addCheck(configuration);
  addApprove(configuration);
  addDocumentRelease(configuration, {
    form: CONFIGURATION_FORM,
    description: 'transfer an approved device configuration to the ward that runs',
    argument: 'a device configuration, JSON, with its signed form beside it',
    summary,
    pumps: 'pumps take it in standby; while a therapy is under way it waits',
  });
  addAdoption(configuration);
}

function addCheck(configuration: Command): void {
  configuration
    .command('check')
    .description('read a device configuration and say what it sets')
    .argument('<file>', 'a device configuration, JSON')
    .action(async (path: string) => {
      const file = readConfiguration(path);
      const { timeServer, networkProfile, brokerAddress, alarms } = file.settings;
      const settings = Object.entries(alarms).map(([name, value]) => `${name} ${value}`);
      await print(
        `${LIBRARY_BANNER}\n${summary(file)}, for ${file.models.join(', ')}\n` +
          `  time server ${timeServer}, network ${networkProfile}, broker ${brokerAddress.host}:${brokerAddress.port}\n` +
          `  ${settings.join(', ') || 'alarm settings as the model comes'}\n`,
      );
    });
}

function addApprove(configuration: Command): void {
  const approve = configuration
    .command('approve')
    .description('approve a device configuration: it needs two people of biomedical engineering or security')
    .argument('<file>', 'a device configuration, JSON')
    .requiredOption('--as <person>', 'who approves, e.g. security-01');
  withDir(approve)
    .option(
      '--valid-days <n>',
      'how long pumps may take it; 30 unless told (first approval)',
      wholeNumber(1, 730),
    )
    .action(
      async (path: string, options: DirOption & { readonly as: string; readonly validDays?: number }) => {
        const nowMs = Date.now();
        const pki = openOrMake(options.dir);
        const { document, approvers, isApproved } = await approveDocument(CONFIGURATION_FORM, {
          path,
          approver: documentSignerNamed(options.as, kinds, pki),
          notAfterMs: nowMs + (options.validDays ?? 30) * DAY_MS,
          judge: pki.judge({ revocation: true }),
          nowMs,
        });
        const standing = isApproved ? 'APPROVED' : `APPROVED ${approvers.length} of ${needed}`;
        await print(
          `${LIBRARY_BANNER}\n${summary(document)}: ${approvers.length === 1 ? 'DRAFT → ' : ''}${standing}\n` +
            `  approved by ${approvers.join(', ')}, until ${document.notAfter}\n` +
            `  ${signedPath(path)}${isApproved ? '' : ': somebody else has to approve it'}\n`,
        );
      },
    );
}

function addAdoption(configuration: Command): void {
  const adoption = configuration
    .command('adoption')
    .description('which pump of the ward that runs has which device configuration, and which are behind');
  withDir(adoption)
    .option('--json', 'print one JSON document, and nothing else')
    .action(async ({ dir, json }: DirOption & { readonly json?: boolean }) => {
      const report = await configurationAdoption(dir);
      if (json === true) return print(`${JSON.stringify(report, null, 2)}\n`);
      const rows = report.pumps.map(
        ({ serial, careArea, link, configuration: has, released, standing }) =>
          `  ${serial.padEnd(12)} ${careArea.padEnd(14)} ${link.padEnd(8)} ${clean(has ?? 'none')} of ${released ?? 'none'}: ${standing}`,
      );
      await print(
        `${report.banner}\n${rows.join('\n')}\n${report.behind} of ${rows.length} pumps are behind\n`,
      );
    });
}

function summary({
  configuration,
  configurationVersion,
  careArea,
  sequence,
}: Omit<ConfigurationFile, '$schema'>) {
  return `${configuration} ${configurationVersion} for ${careArea}, sequence ${sequence}`;
}
