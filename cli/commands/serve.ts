import { Argument, type Command, Option } from 'commander';
import { BROKERS, type BrokerName, selectPosture } from '../../scenarios/index.ts';
import {
  COMPONENTS,
  type ComponentName,
  DEFAULT_DIR,
  keepHealthFile,
  loadShippedPostures,
  loadWardData,
  openControlPort,
  standingAt,
  startComponent,
} from '../../testbed/index.ts';
import { addOperations, type OperationsFlags, operationsFrom } from './operations.ts';
import { wholeNumber } from './options.ts';

interface ServeOptions extends OperationsFlags {
  readonly port: number;
  readonly dir: string;
  readonly posture: string;
  readonly broker: BrokerName;
  readonly pumps: number;
  readonly seed: number;
  readonly node: number;
  readonly redis?: string;
  readonly statusPort?: number;
  readonly address?: string;
  readonly brokerAddress?: string;
  readonly statusAddress?: string;
  readonly healthFile?: string;
  readonly firmware?: readonly [string, ...string[]];
  readonly plaintextPort?: number;
}

export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .description('run one component as a process, driven by JSON-RPC lines on standard input and output')
    .addArgument(new Argument('<component>', 'which one').choices(COMPONENTS))
    .option(
      '--port <p>',
      'port of the broker: where it listens, or where to find it; of component `pki`: where it listens',
      wholeNumber(0, 65_535),
      8883,
    )
    .option('--dir <d>', 'folder of the PKI; the same for all components of one floor', DEFAULT_DIR)
    .option('--posture <id>', 'which controls are on', 'layered')
    .addOption(
      new Option('--broker <name>', 'whose broker (component `broker`)').choices(BROKERS).default(BROKERS[0]),
    )
    .option(
      '--pumps <n>',
      'how many pumps (component `pumps`), or whom Mosquitto is to know from the start',
      wholeNumber(1, 1_000),
      12,
    )
    .option('--seed <n>', 'seed of all chance', wholeNumber(0, 0xffff_ffff), 1)
    .option(
      '--redis <url>',
      'share its state with other nodes (component `broker`), e.g. redis://127.0.0.1:6379',
    )
    .option(
      '--status-port <p>',
      'plain HTTP for OCSP and revocation lists; of component `pki`: where it listens; else where to ask, if the posture asks',
      wholeNumber(0, 65_535),
    )
    .option(
      '--address <a>',
      'in a network of our own: where it listens and from where it speaks, IPv4, IPv6 or both (a,b); of `pumps`: one for each (a,b,… or a+n), or `own`',
    )
    .option('--broker-address <a>', 'where the broker is, if not on loopback')
    .option('--status-address <a>', 'where `serve pki --status-port` is, if not on loopback')
    .option('--health-file <file>', 'a file that is there as long as the component is well')
    .option(
      '--firmware <v>',
      'version that pumps run at first, or several (a,b) in turn (component `pumps`)',
      versionsOf,
    )
    .option(
      '--plaintext-port <p>',
      'of the listener without TLS, where the posture has one (component `broker`)',
      wholeNumber(0, 65_535),
    )
    .option('--node <n>', 'which of several nodes it is (component `broker`)', wholeNumber(1, 99), 1);
  addOperations(command).action(async (name: ComponentName, options: ServeOptions) => {
    const { address, brokerAddress, statusAddress, healthFile, ...rest } = options;
    const component = await startComponent(name, {
      ...rest,
      ...standingAt({ address, brokerAddress, statusAddress }),
      // They are the broker's.
      ...(name === 'broker' && { operations: operationsFrom(options, options.broker === 'embedded') }),
      data: loadWardData(),
      posture: selectPosture(loadShippedPostures(), options.posture),
    });
    const control = openControlPort(component.methods);
    // Listened for before anybody is told that it is ready, and may stop it.
    const told = Promise.race([
      control.ended,
      new Promise((resolve) => process.once('SIGINT', resolve)),
      new Promise((resolve) => process.once('SIGTERM', resolve)),
    ]);
    try {
      const health = healthFile && keepHealthFile(healthFile, () => component.isWell?.() ?? true);
      control.notify('ready', component.ready);
      await told;
      if (health) health();
    } finally {
      await component.stop();
    }
    // Standard input may stay open after a signal.
    process.stdin.destroy();
  });
}

function versionsOf(text: string): readonly [string, ...string[]] {
  const [first = '', ...more] = text.split(',');
  return [first, ...more];
}
