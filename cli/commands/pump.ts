import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  accuracyCsv,
  accuracyCurves,
  accuracySvg,
  loadExercise,
  loadWardData,
  traceCsv,
  traceScenario,
  traceSvg,
  writeFileWhole,
} from '../../testbed/index.ts';
import { accuracyText, traceText } from '../output/pump-text.ts';
import { print } from '../output/terminal.ts';
import { wholeNumber } from './options.ts';

interface FileOptions {
  readonly svg?: string;
  readonly csv?: string;
}

interface TrumpetOptions extends FileOptions {
  readonly model: string;
  readonly rate: number;
  readonly serial?: string;
  readonly channel?: string;
  readonly seed: number;
}

interface TraceOptions extends FileOptions {
  readonly posture: string;
  readonly seed?: number;
  readonly pump?: string;
  readonly channel?: string;
}

export function addPump(program: Command): void {
  const pump = program
    .command('pump')
    .description('one virtual pump: how exactly it delivers, and what it did');
  const trumpet = pump
    .command('trumpet')
    .description('start-up and trumpet curve, after the form of IEC 60601-2-24')
    .requiredOption('--model <id>', 'a pump model')
    .requiredOption('--rate <mL/h>', 'the rate that it is set to', rate)
    .option('--serial <serial>', 'which pump; absent: the first of the model')
    .option('--channel <id>', 'which channel; absent: its first')
    .option('--seed <n>', 'seed of all chance, as of `up`', wholeNumber(0, 0xffff_ffff), 1)
    .action(async (options: TrumpetOptions) => {
      const { model, rate: rateMlPerH, serial, channel, seed } = options;
      const curves = accuracyCurves(loadWardData(), { model, rateMlPerH, serial, channel, seed });
      await show(options, curves, { svg: accuracySvg, csv: accuracyCsv, text: accuracyText });
    });
  const trace = pump
    .command('trace')
    .description('rehearse a scenario, and draw rate, volume, pressure and alarms of one channel')
    .argument('<scenario>', 'id or YAML file of a scenario')
    .option('--posture <id>', 'a posture', 'layered')
    .option('--seed <n>', 'seed of all chance; absent: that of the scenario', wholeNumber(0, 0xffff_ffff))
    .option('--pump <serial>', 'which pump; absent: the first of the fleet')
    .option('--channel <id>', 'which channel; absent: its first')
    .action(async (scenario: string, options: TraceOptions) => {
      const { posture, seed, pump: serial, channel } = options;
      const traced = await traceScenario(loadExercise(), { scenario, posture, seed, serial, channel });
      await show(options, traced, { svg: traceSvg, csv: traceCsv, text: traceText });
    });
  for (const command of [trumpet, trace]) {
    command
      .addOption(new Option('--svg <file>', 'write a drawing; `-`: print it').conflicts('csv'))
      .addOption(new Option('--csv <file>', 'write the values; `-`: print them'));
  }
}

/** Parses a rate; whether a model delivers it is for the model to say. */
function rate(text: string): number {
  const value = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || !(value > 0)) {
    throw new InvalidArgumentError('It is a number of mL/h above 0.');
  }
  return value;
}

async function show<T>(
  { svg, csv }: FileOptions,
  subject: T,
  as: Readonly<Record<'svg' | 'csv' | 'text', (subject: T) => string>>,
): Promise<void> {
  const file = svg ?? csv;
  if (file === undefined) return print(as.text(subject));
  const content = svg === undefined ? as.csv(subject) : as.svg(subject);
  if (file === '-') return print(content);
  writeFileWhole(file, content);
  await print(`wrote ${file}\n`);
}
