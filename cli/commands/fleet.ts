import type { Command } from 'commander';
import { selectPosture } from '../../scenarios/index.ts';
import {
  DEFAULT_DIR,
  loadShippedPostures,
  loadWardData,
  parseShard,
  type Shard,
  startFleet,
  WHOLE,
} from '../../testbed/index.ts';
import { print } from '../output/terminal.ts';
import { durationMs, wholeNumber } from './options.ts';

interface FleetOptions {
  readonly shard: Shard;
  readonly pumps: number;
  readonly port: number;
  readonly dir: string;
  readonly posture: string;
  readonly statusPort?: number;
  readonly seed: number;
  readonly for?: number;
  readonly json?: boolean;
}

const STATUS_PORT =
  'where to ask whether a certificate was revoked, as for `serve pki`; needed where the posture asks';

/** Pumps that one broker can serve come from one source address each: a loopback address has about 28,000 ports. */
const MOST_PUMPS = 100_000;

export function addFleet(program: Command): void {
  program
    .command('fleet')
    .description(
      'pumps alone, for a broker that runs already; a large fleet is spread over processes as shards',
    )
    .option('--shard <k/n>', 'which part of the fleet, e.g. 3/10', parseShard, WHOLE)
    .option('--pumps <n>', 'how many pumps the whole fleet has', wholeNumber(1, MOST_PUMPS), 12)
    .option('--port <p>', 'port of the broker', wholeNumber(1, 65_535), 8883)
    .option('--dir <d>', 'folder of the PKI; the same for all shards and the broker', DEFAULT_DIR)
    .option('--posture <id>', 'which controls are on', 'layered')
    .option('--seed <n>', 'seed of all chance; the same for all shards', wholeNumber(0, 0xffff_ffff), 1)
    .option('--status-port <p>', STATUS_PORT, wholeNumber(1, 65_535))
    .option('--for <duration>', 'stop by itself, e.g. 20s, 5m', durationMs)
    .option('--json', 'print one JSON document at the end, and nothing else')
    .action(fleet);
}

async function fleet(options: FleetOptions): Promise<void> {
  const stop = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
    if (options.for !== undefined) setTimeout(resolve, options.for);
  });
  const { shard } = options;
  const running = await startFleet({
    ...options,
    data: loadWardData(),
    posture: selectPosture(loadShippedPostures(), options.posture),
  });
  const name = `shard ${shard.index}/${shard.of}`;
  if (options.json !== true) {
    const [first, last] = [running.pumps().at(0), running.pumps().at(-1)];
    const range = first === undefined ? '' : `, ${first.serial} to ${last?.serial}`;
    await print(`${name}: ${running.pumps().length} of ${options.pumps} pumps${range}; Ctrl-C stops them\n`);
  }
  await stop;
  const pumps = running.pumps();
  await running.stop();
  if (options.json === true) {
    await print(`${JSON.stringify({ version: 1, shard, seed: options.seed, pumps }, null, 2)}\n`);
  } else {
    await print(`${name}: ${pumps.filter(({ link }) => link === 'online').length} were online\n`);
  }
}
