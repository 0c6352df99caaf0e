import { Argument, type Command } from 'commander';
import { CONTROLS, type Control, isAlarming } from '../../protocol/index.ts';
import { loadExercise } from '../../testbed/index.ts';
import { colors, print } from '../output/terminal.ts';

const LISTS = ['scenarios', 'controls', 'postures', 'models', 'drugs', 'detections', 'playbooks'] as const;
type ListName = (typeof LISTS)[number];

interface Item {
  readonly id: string;
  readonly title: string;
  readonly [more: string]: unknown;
}

export function addList(program: Command): void {
  program
    .command('list')
    .description('what there is')
    .addArgument(new Argument('<what>', 'one of the lists').choices(LISTS))
    .option('--json', 'print one JSON array')
    .action(async (what: ListName, options: { readonly json?: boolean }) => {
      const items = itemsOf(what);
      if (options.json === true) return print(`${JSON.stringify(items, null, 2)}\n`);
      const width = Math.max(...items.map(({ id }) => id.length));
      await print(items.map(({ id, title }) => `${colors.bold(id.padEnd(width))}  ${title}\n`).join(''));
    });
}

function itemsOf(what: ListName): Item[] {
  if (what === 'controls') {
    return Object.entries<Control>(CONTROLS).map(([id, control]) => ({
      id,
      title: control.title,
      layer: control.layer,
      origin: control.origin,
      essential: control.essential,
      enforcedIn: control.enforcedIn,
      csf: control.csf,
      capabilities: control.capabilities,
    }));
  }
  const { scenarios, postures, data, rules, playbooks } = loadExercise();
  switch (what) {
    case 'scenarios':
      return scenarios.map(({ id, title, family, references, postures: declared }) => ({
        id,
        title,
        family,
        references,
        postures: declared,
      }));
    case 'postures':
      return postures.map(({ id, title, controls }) => ({ id, title, controls: [...controls] }));
    case 'models':
      return [...data.models.values()].map(({ id, title, channels, hardwareRevision }) => ({
        id,
        title,
        channels,
        hardwareRevision,
        firmware: data.personalities.filter(({ model }) => model === id).map(({ version }) => version),
      }));
    case 'drugs':
      return data.libraries.flatMap(({ library }) =>
        library.entries.map(({ drug, concentration, doseUnit }) => ({
          id: `${library.careArea}/${drug}`,
          title: `${drug} ${concentration.amount} ${concentration.amountUnit}/${concentration.volumeMl} mL, in ${doseUnit}`,
          careArea: library.careArea,
          library: `${library.id} ${library.version}`,
        })),
      );
    case 'playbooks':
      return playbooks.map(({ id, title, trigger, delay, actions, references }) => ({
        id,
        title,
        trigger,
        delay,
        actions: actions.map((action) => action.do),
        references,
      }));
    case 'detections':
      return rules.map(
        ({ id, title, level, status, source, tags, references, falsepositives, correlation }) => ({
          id,
          title,
          level,
          notice: !isAlarming(level),
          status,
          source: source ?? [],
          kind: correlation?.type ?? 'event',
          tags,
          references,
          falsepositives,
        }),
      );
  }
}
