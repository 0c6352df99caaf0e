import { type Command, Option } from 'commander';
import { baselineOf, differences, isUnreal } from '../../scenarios/index.ts';
import { loadExercise, readBaseline, rehearseMatrix, writeFileWhole } from '../../testbed/index.ts';
import { matrixText } from '../output/matrix-text.ts';
import { progressLine } from '../output/progress.ts';
import { colors, print } from '../output/terminal.ts';
import { wholeNumber } from './options.ts';
import { type ReportFlags, reportWriter } from './report-option.ts';

interface MatrixOptions extends ReportFlags {
  readonly family?: string;
  readonly posture: string;
  readonly seed?: number;
  readonly exhaustive?: boolean;
  readonly checkInferred?: number;
  readonly workers?: number;
  readonly record?: string;
  readonly compare?: string;
  readonly json?: boolean;
}

export function addMatrix(program: Command, done: (exitCode: number) => void): void {
  program
    .command('matrix')
    .description(
      'try every attack against every control: bare, with all, each alone, each removed, each domain lost',
    )
    .argument('[what...]', 'ids, families or YAML files of attacks and care scenarios; absent: all')
    .addOption(new Option('--family <name>', 'only this family').choices(['attack', 'care']))
    .option('--posture <id>', 'whose controls are tried', 'layered')
    .option('--seed <n>', 'seed of all chance; absent: that of each scenario', wholeNumber(0, 0xffff_ffff))
    .option('--exhaustive', 'run every cell; infer nothing')
    .option(
      '--check-inferred <percent>',
      'run so many of a hundred inferred cells all the same, and fail on a difference',
      wholeNumber(0, 100),
    )
    .option('--workers <n>', 'processes; absent: one a core', wholeNumber(1, 64))
    .option('--record <file>', 'write what it came to, short, to compare a later matrix with')
    .option('--compare <file>', 'compare with such a record, and fail on a difference')
    .option(
      '--report <dir>',
      'write a report into a folder: report.html, Markdown, JSON, JUnit, an ATT&CK Navigator layer, evidence',
    )
    .option('--prices <file>', 'price list for the report; without it no amount of money is shown')
    .option('--json', 'print one JSON document')
    .action(async (what: string[], options: MatrixOptions) => {
      const exercise = loadExercise();
      const folder = reportWriter(options);
      const { family, posture } = options;
      const recorded = options.compare === undefined ? undefined : readBaseline(options.compare);
      const progress = progressLine(options.json === true);
      const outcome = await rehearseMatrix(exercise, {
        what: [...what, ...(family === undefined ? [] : [family])],
        posture,
        seed: options.seed,
        exhaustive: options.exhaustive,
        checkInferred: (options.checkInferred ?? 0) / 100,
        workers: options.workers,
        detailed: folder.isWanted,
        progress: progress.tell,
      }).finally(progress.done);
      const { report, wronglyInferred, residuals, rehearsed } = outcome;
      await folder.write({ matrix: report, residuals, rehearsed }, { printed: report });
      if (options.record !== undefined) {
        writeFileWhole(options.record, `${JSON.stringify(baselineOf(report.attacks), null, 1)}\n`);
      }
      const changed = recorded === undefined ? [] : differences(recorded, report.attacks);
      if (options.json === true) await print(`${JSON.stringify(report, null, 2)}\n`);
      else await print(`${matrixText(outcome, colors)}\n`);
      if (changed.length > 0) {
        process.stderr.write(
          `Other than ${options.compare} has it:\n${changed.map((line) => `  ${line}\n`).join('')}`,
        );
      }
      if (options.json === true && wronglyInferred.length > 0) {
        process.stderr.write(`Wrongly inferred:\n${wronglyInferred.map((line) => `  ${line}\n`).join('')}`);
      }
      const held =
        changed.length === 0 &&
        wronglyInferred.length === 0 &&
        report.unreviewedResiduals.length === 0 &&
        !report.attacks.some((attack) => isUnreal(attack) || attack.unscored.length > 0) &&
        report.care.every(({ brokenByAll, brokenBy }) => !brokenByAll && brokenBy.length === 0);
      done(held ? 0 : 1);
    });
}
