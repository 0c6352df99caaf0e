import { type Command, Option } from 'commander';
import { checkDetections, loadExercise, scoreDetections } from '../../testbed/index.ts';
import { progressLine } from '../output/progress.ts';
import { scoreText } from '../output/score-text.ts';
import { colors, print } from '../output/terminal.ts';

interface ScoreOptions {
  readonly family?: string;
  readonly scenario: readonly string[];
  readonly posture: string;
  readonly json?: boolean;
}

export function addDetections(program: Command): void {
  const detections = program.command('detections').description('detection rules of your own');
  detections
    .command('check')
    .description('validate rules, and say what each watches')
    .argument('<path...>', 'files and folders of rules')
    .action(async (paths: string[]) => {
      const rules = checkDetections(paths);
      await print(
        rules
          .map(
            ({ id, level, title, correlation }) =>
              `${id}  ${level}, ${correlation?.type ?? 'event'}  ${title}\n`,
          )
          .join(''),
      );
      await print(`${rules.length} rules are valid\n`);
    });
  detections
    .command('score')
    .description('rehearse attacks and care scenarios, and say what rules catch, miss and cry wolf about')
    .argument('[path...]', 'files and folders of rules; absent: the shipped ones')
    .addOption(new Option('--family <name>', 'only this family').choices(['attack', 'care']))
    .option('--scenario <id...>', 'only these; absent: every attack and care scenario', [])
    .option('--posture <id>', 'under which posture', 'layered')
    .option('--json', 'print one JSON document')
    .action(async (paths: string[], options: ScoreOptions) => {
      const progress = progressLine(options.json === true);
      const score = await scoreDetections(loadExercise(), {
        paths,
        what: [...options.scenario, ...(options.family === undefined ? [] : [options.family])],
        posture: options.posture,
        progress: progress.tell,
      }).finally(progress.done);
      await print(options.json === true ? `${JSON.stringify(score, null, 2)}\n` : scoreText(score, colors));
    });
}
