import { join } from 'node:path';
import { Argument, type Command } from 'commander';
import { HeapClock } from '../../clock/index.ts';
import { selectPosture } from '../../scenarios/index.ts';
import { DEFAULT_DIR, loadShippedPostures, openPki, writeMosquittoSetup } from '../../testbed/index.ts';
import { print } from '../output/terminal.ts';
import { wholeNumber } from './options.ts';

interface ConfigOptions {
  readonly out: string;
  readonly dir: string;
  readonly posture: string;
  readonly port: number;
  readonly plaintextPort: number;
  readonly overwrite?: boolean;
}

export function addBroker(program: Command): void {
  program
    .command('broker')
    .description('other brokers in the place of ours')
    .command('config')
    .description(
      'write a complete set-up for another broker: TLS, revocation lists, access rules from the same policy',
    )
    .addArgument(new Argument('<broker>', 'which one').choices(['mosquitto']))
    .requiredOption('--out <dir>', 'folder for its files')
    .option('--dir <d>', 'folder of the ward, with its PKI', DEFAULT_DIR)
    .option('--posture <id>', 'which controls are on', 'layered')
    .option('--port <p>', 'port of the TLS listener', wholeNumber(1, 65_535), 8883)
    .option(
      '--plaintext-port <p>',
      'port of the listener without TLS, in postures that have one',
      wholeNumber(1, 65_535),
      1883,
    )
    .option('--overwrite', 'replace files that are there')
    .action(async (_broker: string, options: ConfigOptions) => {
      const nowMs = Date.now();
      const file = writeMosquittoSetup({
        pki: openPki({ dir: join(options.dir, 'pki'), clock: new HeapClock(nowMs) }),
        posture: selectPosture(loadShippedPostures(), options.posture),
        out: options.out,
        port: options.port,
        plaintextPort: options.plaintextPort,
        nowMs,
        overwrite: options.overwrite === true,
      });
      await print(`start it with: mosquitto -c ${file}\n`);
    });
}
