import { join } from 'node:path';
import { connect, type MqttClient } from 'mqtt';
import { expect, test } from 'vitest';
import { HeapClock } from '../../clock/index.ts';
import { openPki, type Pki } from '../../pki/index.ts';
import { clientIdOf, type Identity } from '../../protocol/index.ts';
import { type Running, start, tempFolder } from '../helpers/command.ts';
import { pump, station } from '../helpers/floor.ts';

/** How often the broker is killed, with how many publishers, and how many messages each keeps unacknowledged. */
const KILLS = 4;
const PUMPS = 4;
const WINDOW = 40;
/** After how many acknowledgements: in the first group commits, and well into it. */
const KILL_AFTER = [1, 1_500, 137, 4_000];

interface Standing {
  readonly running: Running;
  readonly port: number;
}

async function startBroker(dir: string): Promise<Standing> {
  // A posture in which payloads are no messages of the protocol's.
  const running = start(['serve', 'broker', '--port', '0', '--dir', dir, '--posture', 'sp1800-8']);
  const port = Number(/"port":(\d+)/.exec(await running.until(/"method":"ready"/))?.[1]);
  return { running, port };
}

/** @param received Who reads has a session that is kept. */
async function connectTo(
  port: number,
  pki: Pki,
  identity: Identity,
  received?: (text: string) => void,
): Promise<MqttClient> {
  const { privateKeyPem, chainPem, rootPem } = pki.credentialFor(identity);
  const client = connect({
    protocol: 'mqtts',
    host: 'localhost',
    port,
    key: privateKeyPem,
    cert: chainPem,
    ca: rootPem,
    clientId: clientIdOf(identity),
    clean: received === undefined,
    keepalive: 0,
    reconnectPeriod: 0,
  });
  client.on('error', () => undefined); // the broker is killed
  client.on('message', (_topic, payload) => received?.(payload.toString()));
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('close', () => reject(new Error(`${clientIdOf(identity)} was not let in`)));
  });
  return client;
}

/** Publishes without end, a window at a time; counts what is acknowledged. */
function load(client: MqttClient, name: string, acknowledged: Set<string>): void {
  let number = 0;
  const next = (): void => {
    if (!client.connected) return;
    number += 1;
    const text = `${name}/${number}`;
    client.publish(`pumps/${name.split('/')[1]}/event`, text, { qos: 1 }, (error) => {
      if (error) return;
      acknowledged.add(text);
      next();
    });
  };
  for (let index = 0; index < WINDOW; index++) next();
}

test('a broker that is killed under load has lost no QoS 1 message that it acknowledged', async () => {
  const dir = tempFolder();
  const acknowledged = new Set<string>();
  const received = new Map<string, number>();
  let broker = await startBroker(dir);
  const pki = openPki({ dir: join(dir, 'pki'), clock: new HeapClock(Date.now()) });
  const reader = await connectTo(broker.port, pki, station(), () => undefined);
  await reader.subscribeAsync('pumps/+/event', { qos: 1 });
  await reader.endAsync();

  for (let round = 0; round < KILLS; round++) {
    const writers = await Promise.all(
      Array.from({ length: PUMPS }, (_, index) => connectTo(broker.port, pki, pump(`LVP-000${index + 1}`))),
    );
    const before = acknowledged.size;
    for (const [index, writer] of writers.entries()) {
      load(writer, `${round}/LVP-000${index + 1}`, acknowledged);
    }
    await expect
      .poll(() => acknowledged.size - before, { timeout: 60_000, interval: 1 })
      .toBeGreaterThanOrEqual(KILL_AFTER[round] ?? 1);
    broker.running.process.kill('SIGKILL');
    await broker.running.ended;
    for (const writer of writers) await writer.endAsync(true);
    broker = await startBroker(dir);
  }

  const again = await connectTo(broker.port, pki, station(), (text) =>
    received.set(text, (received.get(text) ?? 0) + 1),
  );
  const missing = () => [...acknowledged].filter((text) => !received.has(text)).length;
  await expect.poll(missing, { timeout: 60_000, interval: 100 }).toBe(0);
  await again.endAsync();

  const inOrder = [...received.keys()].filter((text) => acknowledged.has(text));
  for (let round = 0; round < KILLS; round++) {
    for (let index = 1; index <= PUMPS; index++) {
      const numbers = inOrder
        .filter((text) => text.startsWith(`${round}/LVP-000${index}/`))
        .map((text) => Number(text.split('/')[2]));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
  }
  const twice = [...received.values()].filter((times) => times > 1).length;
  process.stderr.write(
    `${acknowledged.size} acknowledged, ${received.size} received, ${twice} of them twice\n`,
  );
  broker.running.process.kill('SIGTERM');
  expect(await broker.running.ended).toMatchObject({ code: 0 });
});
