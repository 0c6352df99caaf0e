import { type Command, Option } from 'commander';
import { PumprangeError } from '../../protocol/index.ts';
import {
  BROKERS,
  type BrokerName,
  FIRMWARE_STATES,
  type FirmwareState,
  junitXml,
  runText,
  totalText,
} from '../../scenarios/index.ts';
import { loadExercise, runScenarios, writeFileWhole } from '../../testbed/index.ts';
import { colors, print } from '../output/terminal.ts';
import { type CellFlags, cellOf } from './cell-option.ts';
import { wholeNumber } from './options.ts';
import { type ReportFlags, reportWriter } from './report-option.ts';

interface RunOptions extends CellFlags, ReportFlags {
  readonly firmware?: FirmwareState;
  readonly posture: string;
  readonly broker: BrokerName;
  readonly seed?: number;
  readonly json?: boolean;
  readonly junit?: string;
  readonly transcript?: string;
}

export function addRun(program: Command, done: (exitCode: number) => void): void {
  program
    .command('run')
    .description('rehearse scenarios on real sockets in simulated time; all of them unless some are named')
    .argument('[what...]', 'ids, families or YAML files of scenarios')
    .option('--posture <id>', 'a posture, or `all` for each that a scenario declares', 'layered')
    .option('--bare', 'a cell of the matrix: no control but what an attack presupposes')
    .option(
      '--only-control <id>',
      'a cell of the matrix: one control, with what it depends on; of essential performance, the bare floor without it',
    )
    .option('--without-control <id>', 'a cell of the matrix: all of the posture but one')
    .option('--lost-domain <id>', 'a cell of the matrix: all but one failure domain, which the adversary has')
    .addOption(new Option('--firmware <state>', 'what the pumps of attacks run').choices(FIRMWARE_STATES))
    .addOption(new Option('--broker <name>', 'whose broker').choices(BROKERS).default(BROKERS[0]))
    .option('--seed <n>', 'seed of all chance; absent: that of the scenario', wholeNumber(0, 0xffff_ffff))
    .option('--json', 'print one JSON document')
    .option('--junit <file>', 'write JUnit XML')
    .option(
      '--transcript <file>',
      'write what happened, in simulated offsets; the same seed gives the same bytes',
    )
    .option(
      '--report <dir>',
      'write a report into a folder: report.html, Markdown, JSON, JUnit, transcripts, evidence',
    )
    .option('--prices <file>', 'price list for the report; without it no amount of money is shown')
    .action(async (what: string[], options: RunOptions, command: Command) => {
      const cell = cellOf(options);
      if (cell?.cell === 'bare' && command.getOptionValueSource('posture') === 'cli') {
        throw new PumprangeError('PR_USAGE', '--bare leaves no control of a posture on: leave out --posture');
      }
      const exercise = loadExercise();
      const folder = reportWriter(options);
      const { report, transcripts, rehearsed, leftOut } = await runScenarios(exercise, {
        what,
        posture: options.posture,
        cell,
        firmware: options.firmware,
        broker: options.broker,
        seed: options.seed,
        detailed: folder.isWanted,
        ended: (run) => {
          if (options.json !== true) void print(`${runText(run, colors)}\n`);
        },
      });
      const transcript = transcripts.map(({ text }) => text).join('\n');
      if (options.junit !== undefined) writeFileWhole(options.junit, junitXml(report));
      if (options.transcript !== undefined) writeFileWhole(options.transcript, transcript);
      await folder.write({ matrix: null, residuals: [], rehearsed }, { printed: report, transcripts });
      if (options.json === true) await print(`${JSON.stringify(report, null, 2)}\n`);
      else {
        const without = leftOut.length === 0 ? '' : `, without ${leftOut.join(', ')} (docs/brokers.md)`;
        await print(`${totalText(report.runs, colors)}${without}\n`);
      }
      const judged = report.runs.filter((run) => run.judged);
      // A cell is run to be looked at; where no posture expects anything, nothing has passed.
      const isLookedAt = cell !== undefined || judged.length > 0;
      done(isLookedAt && judged.every(({ verdict }) => verdict === 'pass') ? 0 : 1);
    });
}
