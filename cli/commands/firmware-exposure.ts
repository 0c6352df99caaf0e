import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_DIR, exposureOf, loadWardData } from '../../testbed/index.ts';
import { exposureText } from '../output/exposure-text.ts';
import { print } from '../output/terminal.ts';

interface ExposureOptions {
  readonly dir: string;
  readonly inventory?: string;
  readonly advisories?: string;
  readonly bom: readonly string[];
  readonly after?: ReadonlyMap<string, string>;
  readonly json?: boolean;
}

export function addFirmwareExposure(firmware: Command): void {
  firmware
    .command('exposure')
    .description('which pumps are exposed to what, before and after a rollout, and what to patch first')
    .addOption(new Option('--dir <d>', 'folder of a ward that runs').default(DEFAULT_DIR))
    .addOption(new Option('--inventory <file>', 'an inventory instead, such as the document of `up --json`'))
    .option('--advisories <file>', 'YAML; absent: those that are shipped')
    .option('--bom <file>', 'bill of materials of a version that is not shipped; again for more', collect, [])
    .option('--after <model=version>', 'look ahead to that rollout; again for more', planned)
    .option('--json', 'print one JSON document')
    .action(async ({ dir, inventory, advisories, bom, after, json }: ExposureOptions) => {
      const report = await exposureOf(loadWardData(), {
        inventory: inventory === undefined ? { ward: dir } : { file: inventory },
        advisories,
        bills: bom,
        plan: after,
      });
      await print(json === true ? `${JSON.stringify(report, null, 2)}\n` : exposureText(report));
    });
}

function collect(file: string, before: readonly string[]): readonly string[] {
  return [...before, file];
}

function planned(text: string, before: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const [, model, version] = /^([a-z][a-z0-9-]*)=(\d+\.\d+\.\d+)$/.exec(text) ?? [];
  if (model === undefined || version === undefined) {
    throw new InvalidArgumentError('It is a model and a version, such as lvp=1.2.0.');
  }
  return new Map([...before, [model, version]]);
}
