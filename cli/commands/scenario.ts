import { type Command, InvalidArgumentError, Option } from 'commander';
import { PumprangeError } from '../../protocol/index.ts';
import { expandFleet, posturesOf, type Scenario } from '../../scenarios/index.ts';
import { checkScenarios, loadExercise, SCENARIO_FAMILIES, writeNewScenario } from '../../testbed/index.ts';
import { print } from '../output/terminal.ts';

interface NewOptions {
  readonly family: (typeof SCENARIO_FAMILIES)[number];
  readonly out?: string;
  readonly overwrite?: boolean;
}

export function addScenario(program: Command): void {
  const scenario = program.command('scenario').description('scenarios of your own');
  scenario
    .command('new')
    .description('write a commented scenario that works as it is, to be changed piece by piece')
    .argument('[id]', 'its name; absent: my-<family>')
    .addOption(
      new Option('--family <name>', 'what kind of rehearsal')
        .choices([...SCENARIO_FAMILIES])
        .default('attack'),
    )
    .option('--out <file>', 'where it goes; absent: <id>.yaml', notEmpty)
    .option('--overwrite', 'a file that is there may be lost')
    .action(async (name: string | undefined, { family, out, overwrite = false }: NewOptions) => {
      const id = name ?? `my-${family}`;
      const file = out ?? `${id}.yaml`;
      writeNewScenario({ family, id, file, overwrite });
      await print(
        `Wrote ${file}, which works as it is. Change it, and after each change:\n` +
          `  npx pumprange scenario check ${file}\n` +
          `  npx pumprange run ${file}\n` +
          `Every key is explained in docs/writing-scenarios.md.\n`,
      );
    });
  scenario
    .command('check')
    .description(
      'read scenario files to their end, and say all that is wrong with them, with line and column',
    )
    .argument('<files...>', 'YAML files')
    .action(async (files: readonly string[]) => {
      const checked = checkScenarios(loadExercise(), files);
      for (const { file, scenario: one } of checked) if (one) await print(`ok  ${file}  ${contentOf(one)}\n`);
      for (const warning of checked.flatMap(({ warnings }) => warnings)) {
        process.stderr.write(`warning  ${warning}\n`);
      }
      const problems = checked.flatMap((one) => one.problems);
      if (problems.length > 0) throw new PumprangeError('PR_SCENARIO_INVALID', problems.join('\n'));
    });
}

/** `attack my-attack: 2 steps, 1 pump; expected under flat-legacy, layered` */
function contentOf(scenario: Scenario): string {
  const { id, family, steps, fleet } = scenario;
  const pumps = expandFleet(fleet).length;
  const postures = posturesOf(scenario);
  return `${family} ${id}: ${counted(steps.length, 'step')}, ${counted(pumps, 'pump')}; judged under ${postures.join(', ') || 'no posture'}`;
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function notEmpty(value: string): string {
  if (value === '') throw new InvalidArgumentError('an empty name');
  return value;
}
