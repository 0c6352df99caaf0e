import { type Command, Option } from 'commander';
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

interface RunOptions extends CellFlags {
  readonly firmware?: FirmwareState;
  readonly posture: string;
  readonly broker: BrokerName;
  readonly seed?: number;
  readonly json?: boolean;
  readonly junit?: string;
  readonly transcript?: string;
  readonly report?: string;
}

export function addRun(program: Command, done: (exitCode: number) => void): void {
  program
    .command('run')
    .description('rehearse scenarios on real sockets in simulated time; all of them unless some are named')
    .argument('[what...]', 'ids, families or YAML files of scenarios')
    .option('--posture <id>', 'a posture, or `all` for each that a scenario declares', 'layered')
    .option('--bare', 'a cell of the matrix: no control but what an attack presupposes')
    .option('--only-control <id>', 'a cell of the matrix: one control, with what it depends on')
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
    .option('--report <dir>', 'write report.json, report.xml and transcripts into a folder')
    .action(async (what: string[], options: RunOptions) => {
      const exercise = loadExercise();
      const { report, transcripts, leftOut } = await runScenarios(exercise, {
        what,
        posture: options.posture,
        cell: cellOf(options),
        firmware: options.firmware,
        broker: options.broker,
        seed: options.seed,
        ended: (run) => {
          if (options.json !== true) void print(`${runText(run, colors)}\n`);
        },
      });
      const transcript = transcripts.map(({ text }) => text).join('\n');
      if (options.junit !== undefined) writeFileWhole(options.junit, junitXml(report));
      if (options.transcript !== undefined) writeFileWhole(options.transcript, transcript);
      if (options.report !== undefined) {
        writeFileWhole(`${options.report}/report.json`, `${JSON.stringify(report, null, 2)}\n`);
        writeFileWhole(`${options.report}/report.xml`, junitXml(report));
        for (const { name, text } of transcripts) {
          writeFileWhole(`${options.report}/transcripts/${name}.txt`, text);
        }
      }
      if (options.json === true) await print(`${JSON.stringify(report, null, 2)}\n`);
      else {
        const without = leftOut.length === 0 ? '' : `, without ${leftOut.join(', ')} (docs/brokers.md)`;
        await print(`${totalText(report.runs, colors)}${without}\n`);
      }
      done(report.runs.every(({ verdict }) => verdict === 'pass') ? 0 : 1);
    });
}
