import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { createLogUpdate } from 'log-update';
import type { EvidenceEvent } from '../../protocol/index.ts';
import { BROKERS, type BrokerName, selectPosture } from '../../scenarios/index.ts';
import {
  DEFAULT_DIR,
  environment,
  loadShippedPostures,
  loadWardData,
  startWard,
  type Ward,
  type WardRow,
} from '../../testbed/index.ts';
import { colors, print } from '../output/terminal.ts';
import { wardTable } from '../output/ward-table.ts';
import { addOperations, type OperationsFlags, operationsFrom } from './operations.ts';
import { durationMs, factor, wholeNumber } from './options.ts';

interface UpOptions extends OperationsFlags {
  readonly pumps: number;
  readonly firmware?: string;
  readonly broker: BrokerName;
  readonly port: number;
  readonly dir: string;
  readonly posture: string;
  readonly speed: number;
  readonly seed: number;
  readonly for?: number;
  readonly json?: boolean;
  readonly enrol: 'direct' | 'est';
}

const REDRAW_EVERY_MS = 1_000;

export function addUp(program: Command): void {
  const command = program
    .command('up')
    .description('start a live ward: PKI, broker, pump server and pumps, in the middle of a shift')
    .option('--pumps <n>', 'how many pumps', wholeNumber(1, 1_000), 12)
    .option('--firmware <version>', 'which version they run at first; the newest unless told')
    .addOption(new Option('--broker <name>', 'whose broker').choices(BROKERS).default(BROKERS[0]))
    .option('--port <p>', 'port of the broker; 0 asks the system for one', wholeNumber(0, 65_535), 8883)
    .option('--dir <d>', 'folder for PKI and evidence', DEFAULT_DIR)
    .option('--posture <id>', 'which controls are on', 'layered')
    .option('--speed <x>', 'how many times as fast as real time', factor(1_000), 1)
    .option('--seed <n>', 'seed of all chance', wholeNumber(0, 0xffff_ffff), 1)
    .addOption(
      new Option('--enrol <how>', 'how pumps come by their certificates: issued to them, or over EST')
        .choices(['direct', 'est'])
        .default('direct'),
    )
    .option('--for <duration>', 'stop by itself, e.g. 20s, 5m', durationMs)
    .option('--json', 'print one JSON document at the end, and nothing else');
  addOperations(command).action(up);
}

async function up(options: UpOptions): Promise<void> {
  const abort = new AbortController();
  const stop = new Promise<void>((resolve) => abort.signal.addEventListener('abort', () => resolve()));
  const stopped = (): void => abort.abort();
  // Not `once`: log-update brings `signal-exit`, which ends the process when it finds no other listener left.
  process.on('SIGINT', stopped);
  process.on('SIGTERM', stopped);

  const live = environment.isTerminal && options.json !== true;
  const plain = !live && options.json !== true;
  let ready = false;
  const denials: EvidenceEvent[] = [];
  const starting = startWard({
    data: loadWardData(),
    posture: selectPosture(loadShippedPostures(), options.posture),
    pumps: options.pumps,
    firmware: options.firmware,
    broker: options.broker,
    port: options.port,
    dir: options.dir,
    speed: options.speed,
    seed: options.seed,
    enrol: options.enrol,
    operations: operationsFrom(options, options.broker === 'embedded'),
    signal: abort.signal,
    onFact: (serial, fact) => {
      if (!ready || !plain) return;
      const what = fact.fact === 'alarm' ? `${fact.alarm} ${fact.change} (${fact.priority})` : fact.event;
      void print(`${time(fact.atMs)} ${serial} ${fact.channel ?? '-'} ${what}\n`);
    },
    onEvidence: (event) => {
      if (!ready || event.outcome !== 'denied' || denials.at(-1) === event) return;
      denials.push(event);
      if (denials.length > 5) denials.shift();
      if (plain) void print(`${time(event.receiptTimeMs)} ${denialText(event)}\n`);
    },
  });
  const ward = await starting.catch((error: unknown) => {
    // Told to stop before it stood: everything is taken down, and that is what was wanted.
    if (abort.signal.aborted) return undefined;
    throw error;
  });
  if (ward === undefined) return;
  ready = true;
  const readyMs = Math.round(performance.now());
  try {
    if (plain)
      await print(`${wardTable(ward.rows(), options.pumps)}\n${introduction(ward, options, readyMs)}\n`);
    const ending = live ? drawUntil(stop, ward, options, readyMs, denials) : stop;
    await Promise.race([ending, ...(options.for === undefined ? [] : [after(options.for)])]);
    stopped();
    await ending;
    if (options.json === true) await print(`${JSON.stringify(summary(ward, readyMs), null, 2)}\n`);
  } finally {
    await ward.stop();
  }
  if (live) await print('stopped; the PKI and the evidence are kept\n');
}

/** Redraws the table in place until it is time to stop. */
async function drawUntil(
  stop: Promise<void>,
  ward: Ward,
  options: UpOptions,
  readyMs: number,
  denials: readonly EvidenceEvent[],
): Promise<void> {
  const screen = createLogUpdate(process.stdout);
  const draw = (): void => {
    const below = introduction(ward, options, readyMs);
    const { clients, published, delivered, denied } = ward.counts();
    const status = `${time(ward.nowMs())}  ${clients ?? '?'} clients, ${published ?? '?'} published, ${delivered ?? '?'} delivered, ${denied ?? '?'} denied`;
    const mostRows = Math.max(3, (process.stdout.rows ?? 40) - 12 - denials.length);
    screen(
      [
        colors.bold('Pumprange ward') + colors.dim('  TRAINING, NOT FOR HUMAN USE'),
        '',
        wardTable(ward.rows(), mostRows),
        '',
        status,
        ...denials.map((event) => colors.yellow(`${time(event.receiptTimeMs)} ${denialText(event)}`)),
        '',
        below,
      ].join('\n'),
    );
  };
  draw();
  const timer = setInterval(draw, REDRAW_EVERY_MS);
  await stop;
  clearInterval(timer);
  screen.done();
}

function introduction(ward: Ward, { dir }: UpOptions, readyMs: number): string {
  const out = dir === DEFAULT_DIR ? 'observer' : join(dir, 'observer');
  const dirFlag = dir === DEFAULT_DIR ? '' : ` --dir ${dir}`;
  return [
    `ready in ${(readyMs / 1_000).toFixed(1)} s${ward.pkiCreated ? ', with a new PKI' : ''}; mqtts://localhost:${ward.port}, evidence in ${join(dir, 'evidence.jsonl')}`,
    ...(ward.plaintextPort === undefined
      ? []
      : [`this posture also listens in the clear: mqtt://localhost:${ward.plaintextPort}`]),
    ...(ward.estPort === undefined
      ? []
      : [
          `pumps enrol at https://localhost:${ward.estPort}/.well-known/est, with birth certificates (pki issue --birth)`,
        ]),
    ...(ward.metricsPort === undefined
      ? []
      : [`metrics and health: http://127.0.0.1:${ward.metricsPort}/metrics, /healthz, /readyz`]),
    'watch it with any MQTT client:',
    `  npx pumprange pki issue --kind observer --id observer-01 --out ${out}${dirFlag}`,
    `  mosquitto_sub -h localhost -p ${ward.port} -t 'pumps/+/telemetry' \\`,
    `    --cafile ${out}/ca.pem --cert ${out}/cert.pem --key ${out}/key.pem`,
    'Ctrl-C stops everything',
  ].join('\n');
}

function summary(ward: Ward, readyMs: number) {
  return {
    version: 1,
    pumps: ward.rows().map((row) => ({
      serial: row.serial,
      model: row.model,
      careArea: row.careArea,
      therapy: therapyOf(row),
      link: row.link,
      deliveredMl: round(row.deliveredMl),
      orderedMl: round(row.orderedMl),
      firmware: row.reading.firmware.running,
      library: row.reading.library.inUse,
    })),
    broker: ward.counts(),
    readyMs,
  };
}

/** Of a pump with several channels, the one that does most. */
function therapyOf({ reading }: WardRow): string {
  const states = reading.channels.map(({ therapy }) => therapy);
  return states.find((state) => state === 'infusing') ?? states[0] ?? 'off';
}

function denialText({ event, control, subject, address, object, cause }: EvidenceEvent): string {
  const who = subject ?? address ?? 'somebody';
  return `${event} ${who}${object === null ? '' : ` on ${object}`}: ${cause ?? 'denied'}${control === null ? '' : ` [${control}]`}`;
}

function time(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}

function round(volumeMl: number): number {
  return Math.round(volumeMl * 1_000) / 1_000;
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
