import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { follow, pumprange, type Running, start, tempFolder } from '../helpers/command.ts';
import { freePort } from '../helpers/free-port.ts';
import { hasTool } from '../helpers/require-tool.ts';

/** Two nodes of one broker, as processes of their own, on Debian's Redis. Clients are MQTT.js with the host's TLS. */

const isThere = hasTool('redis-server');

let dir: string;
let redis: { process: ChildProcess; port: number };
const clients: MqttClient[] = [];

beforeEach(async () => {
  if (!isThere) return;
  dir = tempFolder();
  const port = await freePort();
  const args = [
    '--bind',
    '127.0.0.1',
    '--port',
    String(port),
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    dir,
  ];
  const child = follow(spawn('redis-server', args));
  await child.until(/Ready to accept connections/);
  redis = { process: child.process, port };
});
afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
});

async function node(number: number): Promise<{ running: Running; port: number }> {
  const running = start([
    ...['serve', 'broker', '--port', '0', '--dir', dir, '--posture', 'mutual-tls-only'],
    ...['--node', String(number), '--redis', `redis://127.0.0.1:${redis.port}`],
  ]);
  const printed = await running.until(/"method":"ready"[^\n]*\n/);
  return { running, port: Number(/"port":(\d+)/.exec(printed)?.[1]) };
}

async function issue(kind: string, id: string): Promise<string> {
  const out = join(dir, `${kind}-${id}`);
  const { code } = await pumprange(['pki', 'issue', '--kind', kind, '--id', id, '--out', out, '--dir', dir]);
  expect(code).toBe(0);
  return out;
}

interface SeatOptions {
  readonly clean?: boolean;
  readonly will?: { topic: string; payload: Buffer; qos: 1 };
  /** There from before CONNECT, so that nothing of what waited goes by. */
  readonly heard?: (payload: string) => void;
}

function seat(
  credential: string,
  port: number,
  clientId: string,
  { heard, ...more }: SeatOptions = {},
): Promise<MqttClient> {
  const client = connect({
    ...{ protocol: 'mqtts', host: 'localhost', port, protocolVersion: 4, clientId, reconnectPeriod: 0 },
    ca: readFileSync(join(credential, 'ca.pem')),
    cert: readFileSync(join(credential, 'cert.pem')),
    key: readFileSync(join(credential, 'key.pem')),
    ...more,
  });
  clients.push(client);
  client.on('message', (_, payload) => heard?.(payload.toString()));
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve(client));
    client.on('error', reject);
  });
}

describe.skipIf(!isThere)('two nodes that share a Redis', () => {
  test('what one acknowledged a kept session gets, though the node that it was on is killed under load', async () => {
    const first = await node(1);
    const second = await node(2);
    const station = await issue('nurse-station', 'station-01');
    const serials = ['LVP-0001', 'LVP-0002', 'LVP-0003'];
    const publishers = [];
    for (const serial of serials) {
      publishers.push({
        serial,
        client: await seat(await issue('pump', serial), second.port, `pump:${serial}`),
      });
    }

    const heard = new Map<string, number>();
    const sit = (port: number): Promise<MqttClient> =>
      seat(station, port, 'nurse-station:station-01/desk', {
        clean: false,
        heard: (name) => heard.set(name, (heard.get(name) ?? 0) + 1),
      });
    const before = await sit(first.port);
    await before.subscribeAsync('pumps/+/alarm', { qos: 1 });

    const acknowledged: string[] = [];
    const COUNT = 400;
    const load = publishers.map(async ({ serial, client }) => {
      for (let number = 0; number < COUNT; number += 10) {
        await Promise.all(
          Array.from({ length: 10 }, async (_, index) => {
            const name = `${serial}/${number + index}`;
            await client.publishAsync(`pumps/${serial}/alarm`, name, { qos: 1 });
            acknowledged.push(name);
          }),
        );
      }
    });
    await expect.poll(() => heard.size, { timeout: 30_000 }).toBeGreaterThan(200);
    first.running.process.kill('SIGKILL');
    await first.running.ended;
    const atDeath = acknowledged.length;
    expect(atDeath).toBeLessThan(COUNT * serials.length);
    await expect.poll(() => acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(atDeath + 100);
    await sit(second.port);
    await Promise.all(load);
    await expect
      .poll(() => acknowledged.filter((name) => !heard.has(name)).length, { timeout: 30_000 })
      .toBe(0);
    expect(acknowledged).toHaveLength(COUNT * serials.length);
    process.stderr.write(
      `acknowledged ${acknowledged.length}, heard ${heard.size}, twice or more ${[...heard.values()].filter((n) => n > 1).length}\n`,
    );
  }, 120_000);

  test('what is retained on one is retained on the other, and a client id is one session on both', async () => {
    const [first, second] = [await node(1), await node(2)];
    const pump = await issue('pump', 'LVP-0001');
    const observer = await issue('observer', 'observer-01');
    const here = await seat(pump, first.port, 'pump:LVP-0001');
    await here.publishAsync('pumps/LVP-0001/status', 'online', { qos: 1, retain: true });
    const watching = await seat(observer, second.port, 'observer:observer-01');
    const got = new Promise((resolve) =>
      watching.once('message', (_, payload, { retain }) => resolve([payload.toString(), retain])),
    );
    await watching.subscribeAsync('pumps/+/status');
    expect(await got).toEqual(['online', true]);
    const ended = new Promise<void>((resolve) => here.once('close', () => resolve()));
    await seat(pump, second.port, 'pump:LVP-0001');
    await ended;
    const logs = [join(dir, 'evidence.jsonl'), join(dir, 'evidence-2.jsonl')];
    const { code, stdout } = await pumprange(['evidence', 'verify', ...logs, '--dir', dir]);
    expect({ code, said: stdout.trim().split('\n') }).toEqual({
      code: 0,
      said: logs.map((log) => expect.stringMatching(new RegExp(`^${log}: whole: \\d+ lines`))),
    });
    const [, changed = ''] = logs;
    writeFileSync(changed, readFileSync(changed, 'utf8').replace('session.opened', 'session.closed'));
    const after = await pumprange(['evidence', 'verify', ...logs, '--dir', dir]);
    expect(after).toMatchObject({ code: 1, stdout: expect.stringContaining(`${changed}: changed n `) });
    const vouched = await pumprange(['evidence', 'verify', ...logs, '--checkpoints', changed]);
    expect(vouched).toMatchObject({ code: 2, stderr: expect.stringMatching(/^PR_USAGE/) });
  });

  test('the will of a session on a node that died is published by the other', async () => {
    const [first, second] = [await node(1), await node(2)];
    const will = { topic: 'pumps/LVP-0001/status', payload: Buffer.from('offline'), qos: 1 } as const;
    await seat(await issue('pump', 'LVP-0001'), first.port, 'pump:LVP-0001', { will });
    const watching = await seat(await issue('observer', 'observer-01'), second.port, 'observer:observer-01');
    await watching.subscribeAsync('pumps/+/status');
    const got = new Promise((resolve) =>
      watching.once('message', (_, payload) => resolve(payload.toString())),
    );
    first.running.process.kill('SIGKILL');
    expect(await got).toBe('offline');
  }, 90_000);

  test('a node stops while Redis is away', async () => {
    const { running } = await node(1);
    redis.process.kill('SIGKILL');
    await new Promise((resolve) => redis.process.once('exit', resolve));
    running.process.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('--redis', () => {
  const serve = (url: string) =>
    pumprange(['serve', 'broker', '--port', '0', '--dir', tempFolder(), '--redis', url]);

  test('says when nobody answers there', async () => {
    const { code, stderr } = await serve(`redis://127.0.0.1:${await freePort()}`);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(/^PR_REDIS_UNREACHABLE: 127/),
    });
  });

  test.each([
    ['redis://192.0.2.1:6379', 'PR_GUARDRAIL'],
    ['redis://redis.example:6379', 'PR_GUARDRAIL'],
    ['http://127.0.0.1:6379', 'PR_USAGE'],
    ['6379', 'PR_USAGE'],
  ])('takes no %s', async (url, error) => {
    const { code, stderr } = await serve(url);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(new RegExp(`^${error}`)) });
  });
});
