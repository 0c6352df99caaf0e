import type { Command } from 'commander';
import { PumprangeError } from '../../protocol/index.ts';
import type { MigrationProgress, WaveSelection } from '../../testbed/index.ts';
import { print } from '../output/terminal.ts';
import { wholeNumber } from './options.ts';
import { type DirOption, openExisting, withDir } from './pki-folder.ts';

interface MigrateOptions extends DirOption {
  readonly wave?: string;
  readonly next?: number;
  readonly rest?: boolean;
  readonly json?: boolean;
}

export function addPkiMigrate(pki: Command): void {
  const command = pki
    .command('migrate')
    .description('after a rollover: tell a wave of pumps to renew, or show how far they are');
  withDir(command)
    .option('--wave <serials>', 'these pumps, e.g. LVP-0001,LVP-0002')
    .option('--next <n>', 'the first so many of those that wait', wholeNumber(1, 100_000))
    .option('--rest', 'all that wait')
    .option('--json', 'print one JSON document')
    .action(async (options: MigrateOptions) => {
      const { migration } = openExisting(options.dir);
      const selection = selectionOf(options);
      const told = selection === undefined ? undefined : migration.start(selection);
      const progress = migration.progress();
      if (options.json === true) return print(`${JSON.stringify({ version: 1, ...progress }, null, 2)}\n`);
      const started = told === undefined ? '' : `${told.length} are to renew: ${some(told)}\n`;
      await print(started + progressText(progress));
    });
}

function selectionOf({ wave, next, rest }: MigrateOptions): WaveSelection | undefined {
  const given: WaveSelection[] = [
    ...(wave === undefined ? [] : [{ serials: wave.split(',').map((serial) => serial.trim()) }]),
    ...(next === undefined ? [] : [{ next }]),
    ...(rest === true ? (['rest'] as const) : []),
  ];
  if (given.length > 1) throw new PumprangeError('PR_USAGE', 'one of --wave, --next and --rest');
  return given[0];
}

function progressText({ to, from, waves, waiting }: MigrationProgress): string {
  const pumps = waves.flatMap((wave) => wave.pumps);
  const moved = pumps.filter((one) => one.moved).length;
  const before = from.length === 0 ? 'nothing is left of before' : `${from.join(', ')} still trusted`;
  return [
    `${to} issues, ${before}: ${moved} of ${pumps.length + waiting.length} pumps have moved`,
    ...waves.map((wave) => {
      const behind = wave.pumps.filter((one) => !one.moved).map(({ serial }) => serial);
      const still = behind.length === 0 ? '' : `, still to come: ${some(behind)}`;
      return `wave ${wave.number}, ${wave.at}: ${wave.pumps.length - behind.length} of ${wave.pumps.length}${still}`;
    }),
    ...(waiting.length === 0 ? [] : [`in no wave yet: ${some(waiting)}`]),
    '',
  ].join('\n');
}

const NAMED = 8;

function some(serials: readonly string[]): string {
  const more = serials.length > NAMED ? ` and ${serials.length - NAMED} more` : '';
  return serials.slice(0, NAMED).join(', ') + more;
}
