import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'mqtt-packet';
import { PACKET } from '../../../broker/wire/framing.ts';
import { HeapClock } from '../../../clock/index.ts';
import { openPki } from '../../../pki/index.ts';
import { clientIdOf, type Identity } from '../../../protocol/index.ts';
import { TelemetryText } from '../../../simulator/shell/telemetry-text.ts';
import { makePump } from '../../helpers/fleet.ts';
import { figure } from '../figure.ts';
import { startBroker } from './child-broker.ts';
import { startMosquitto } from './mosquitto.ts';
import { openWire, type Shown, type WireClient } from './wire-client.ts';

const PUMPS = 100;
/** Messages on their way at a time: a few a pump, so that one segment seldom holds more than one. */
const WINDOW = 200;
const SERVER: Identity = { kind: 'pump-server', id: 'server-01' };

interface Sender {
  readonly client: WireClient;
  readonly bytes: Buffer;
}

interface Load {
  /** Publishes so many messages and waits until the pump server has them, and until they are acknowledged. */
  run(messages: number): Promise<void>;
  stop(): void;
}

interface Contestant {
  readonly name: string;
  /** CPU of the broker so far, in microseconds. */
  readonly cpuUs: () => Promise<number>;
  readonly load: Load;
  usedUs: number;
}

/** What one telemetry message costs the broker, from 100 pumps to one pump server, each over TLS with its own certificate. */
export async function throughput(isShort: boolean): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'pumprange-bench-'));
  const closing: (() => Promise<void> | void)[] = [];
  try {
    const pki = openPki({ dir: join(dir, 'pki'), clock: new HeapClock(Date.now()) });
    const pumps = Array.from({ length: PUMPS }, (_, index) => {
      const { serial, payload } = telemetryOf(index);
      return { serial, payload, shown: pki.issue({ identity: { kind: 'pump', id: serial } }) };
    });
    const server = pki.issue({ identity: SERVER });
    const ours = await startBroker('ours', dir);
    closing.push(ours.stop);
    const bare = await startBroker('bare', dir);
    closing.push(bare.stop);
    const mosquitto = await startMosquitto(dir, pki, [
      { user: clientIdOf(SERVER), read: 'pumps/+/telemetry' },
      ...pumps.map(({ serial }) => ({ user: `pump:${serial}`, write: `pumps/${serial}/telemetry` })),
    ]);
    if (mosquitto !== undefined) closing.push(mosquitto.stop);
    for (const qos of [0, 1] as const) {
      const contestants: Contestant[] = [];
      const enter = async (name: string, port: number, cpuUs: Contestant['cpuUs']): Promise<void> => {
        contestants.push({ name, cpuUs, load: await openLoad(port, server, pumps, qos), usedUs: 0 });
      };
      await enter('ours', ours.port, async () => (await ours.usage()).cpuUs);
      await enter('bare', bare.port, async () => (await bare.usage()).cpuUs);
      if (mosquitto !== undefined) await enter('mosquitto', mosquitto.port, async () => mosquitto.cpuUs());
      await compare(contestants, qos, isShort);
      for (const { load } of contestants) load.stop();
    }
  } finally {
    for (const close of closing) await close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A broker runs for weeks: after so many its code is compiled, more of it the more there is. */
const WARM_UP = 60_000;

/** In turns, so that what else the machine does meets all of them. */
async function compare(contestants: readonly Contestant[], qos: 0 | 1, isShort: boolean): Promise<void> {
  const messages = isShort ? 10_000 : 100_000;
  const turns = 5;
  for (const { load } of contestants) await load.run(isShort ? messages : WARM_UP);
  for (let turn = 0; turn < turns; turn++) {
    for (const contestant of contestants) {
      const before = await contestant.cpuUs();
      await contestant.load.run(messages / turns);
      contestant.usedUs += (await contestant.cpuUs()) - before;
    }
  }
  const costUs = (name: string): number | undefined => {
    const usedUs = contestants.find((one) => one.name === name)?.usedUs;
    return usedUs === undefined ? undefined : usedUs / messages;
  };
  const [oursUs = Number.NaN, bareUs = Number.NaN, mosquittoUs] = ['ours', 'bare', 'mosquitto'].map(costUs);
  const note = `${PUMPS} pumps over TLS, \`layered\`; ratio: of bare Aedes`;
  figure(`broker, QoS ${qos}`, 1e6 / oursUs, 'messages a CPU-s', 1e6 / bareUs, note);
  if (mosquittoUs === undefined) {
    console.log(`broker, QoS ${qos}, beside Mosquitto: not measured, mosquitto is not installed`);
  } else {
    const beside = 'the same load; ratio: of Mosquitto with an access file';
    figure(
      `broker beside Mosquitto, QoS ${qos}`,
      1e6 / oursUs,
      'messages a CPU-s',
      1e6 / mosquittoUs,
      beside,
    );
  }
}

/** A pump that runs, and what it says of itself. */
function telemetryOf(index: number): { readonly serial: string; readonly payload: string } {
  const clock = new HeapClock(Date.now());
  const pump = makePump(clock, 1, index);
  pump.bedside('nurse', { action: 'power-on', newPatient: true });
  clock.runTo(clock.now() + 60_000);
  const text = new TelemetryText(`urn:pumprange:pump:${pump.serial}`, 'boot-1');
  const payload = text.next(pump.telemetrySample(), clock.now());
  const { serial } = pump;
  pump.dispose();
  return { serial, payload };
}

async function openLoad(
  port: number,
  server: Shown,
  pumps: readonly { readonly serial: string; readonly payload: string; readonly shown: Shown }[],
  qos: 0 | 1,
): Promise<Load> {
  const reader = await openWire(port, server, clientIdOf(SERVER));
  await new Promise<void>((resolve, reject) => {
    reader.packet = (frame, bytes) => {
      if (frame.type === PACKET.suback && bytes[frame.bodyStart + 2] === qos) resolve();
      else reject(new Error('the pump server may not read telemetry'));
    };
    const subscriptions = [{ topic: 'pumps/+/telemetry', qos }];
    reader.socket.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions }));
  });
  const senders: Sender[] = [];
  for (const { serial, payload, shown } of pumps) {
    const publish = { cmd: 'publish', topic: `pumps/${serial}/telemetry`, payload, qos } as const;
    const bytes = generate({ ...publish, messageId: 1, dup: false, retain: false });
    senders.push({ client: await openWire(port, shown, `pump:${serial}`), bytes });
  }
  return loadOf(reader, senders, qos);
}

function loadOf(reader: WireClient, senders: readonly Sender[], qos: 0 | 1): Load {
  let left = 0;
  let waiting = 0;
  let next = 0;
  let finished: (() => void) | undefined;
  const send = (): void => {
    while (left > 0 && waiting < WINDOW) {
      const sender = senders[next % senders.length];
      next += 1;
      left -= 1;
      // Arrival at the reader, and with QoS 1 the acknowledgement to the sender.
      waiting += 1 + qos;
      sender?.client.socket.write(sender.bytes);
    }
    if (left === 0 && waiting === 0) finished?.();
  };
  const done = (): void => {
    waiting -= 1;
    send();
  };
  reader.packet = (frame, bytes) => {
    if (frame.type !== PACKET.publish) return;
    if (qos === 1) {
      const idAt = frame.bodyStart + 2 + bytes.readUInt16BE(frame.bodyStart);
      reader.socket.write(Buffer.of(0x40, 2, bytes[idAt] ?? 0, bytes[idAt + 1] ?? 0));
    }
    done();
  };
  for (const { client } of senders) {
    client.packet = (frame) => {
      if (frame.type === PACKET.puback) done();
    };
  }
  return {
    run: (messages) =>
      new Promise((resolve, reject) => {
        finished = resolve;
        reader.socket.once('close', () => reject(new Error('the pump server was disconnected')));
        left = messages;
        send();
      }),
    stop: () => {
      for (const { client } of senders) client.socket.destroy();
      reader.socket.destroy();
    },
  };
}
