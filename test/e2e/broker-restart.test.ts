import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { STORE_FILE } from '../../pump-server/index.ts';
import { openDatabase } from '../../pump-server/store/database.ts';
import type { BrokerName } from '../../scenarios/index.ts';
import { follow, type Running, start, tempFolder } from '../helpers/command.ts';
import { onEachBroker } from '../helpers/each-broker.ts';

/** Components that die and come back, each a process of its own; what pumps log has to be whole at the server all the same. */

const PUMPS = 4;
const POLL = { timeout: 60_000, interval: 200 };

interface Kept {
  readonly serial: string;
  readonly message: { readonly bootId: string; readonly seq: number; readonly body: { event?: string } };
}

const serve = (name: string, dir: string, port: string, ...more: string[]): Running =>
  start(['serve', name, '--port', port, '--dir', dir, '--pumps', String(PUMPS), ...more]);

async function startBroker(broker: BrokerName, dir: string, at = '0') {
  const running = serve('broker', dir, at, '--broker', broker);
  const port = /"port":(\d+)/.exec(await running.until(/"method":"ready"[^\n]*\n/))?.[1] ?? '0';
  return { running, port };
}

/** Kills the process that has the sessions, and waits until everything of it is gone. */
async function kill(broker: BrokerName, running: Running, dir: string): Promise<void> {
  if (broker === 'mosquitto') {
    const { stdout } = await follow(spawn('pgrep', ['-f', `^mosquitto -c ${dir}/`])).ended;
    process.kill(Number(stdout), 'SIGKILL');
    running.process.kill('SIGTERM');
  } else running.process.kill('SIGKILL');
  await running.ended;
}

/** What the database of the server has, read beside the server. */
function kept(dir: string): Kept[] {
  const path = join(dir, STORE_FILE);
  if (!existsSync(path)) return [];
  const database = openDatabase(path, { readOnly: true });
  try {
    const tables = database.all("SELECT name FROM sqlite_schema WHERE name = 'pump_log'");
    if (tables.length === 0) return [];
    return database
      .all('SELECT serial, message_json FROM pump_log ORDER BY place')
      .map(({ serial, message_json }) => ({
        serial: String(serial),
        message: JSON.parse(String(message_json)),
      }));
  } finally {
    database.close();
  }
}

/** How often each pump logged that it came online. */
const timesOnline = (dir: string): number[] => {
  const times = new Map<string, number>();
  for (const { serial, message } of kept(dir)) {
    if (message.body.event === 'link-online') times.set(serial, (times.get(serial) ?? 0) + 1);
  }
  return [...times.values()];
};

/** Every number of every pump, from its first on, once. */
function expectWhole(dir: string): void {
  const numbers = new Map<string, number[]>();
  for (const { serial, message } of kept(dir)) {
    const key = `${serial} ${message.bootId}`;
    numbers.set(key, [...(numbers.get(key) ?? []), message.seq]);
  }
  expect(numbers.size).toBe(PUMPS);
  for (const [key, seqs] of numbers) {
    expect([key, seqs.sort((a, b) => a - b)]).toEqual([key, seqs.map((_, index) => index)]);
  }
}

onEachBroker('pumps in a process of their own', (broker) => {
  test('come back to a broker that was killed, and their log is whole', async () => {
    const dir = tempFolder();
    const first = await startBroker(broker, dir);
    const server = serve('pump-server', dir, first.port);
    const pumps = serve('pumps', dir, first.port);
    await expect.poll(() => timesOnline(dir), POLL).toEqual(Array(PUMPS).fill(1));
    await kill(broker, first.running, dir);
    // Long enough for some of them to try in vain.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const second = await startBroker(broker, dir, first.port);
    await expect.poll(() => timesOnline(dir), POLL).toEqual(Array(PUMPS).fill(2));
    expectWhole(dir);
    for (const { process } of [pumps, server, second.running]) process.kill('SIGTERM');
    for (const one of [pumps, server, second.running]) {
      expect(await one.ended).toMatchObject({ code: 0, stderr: '' });
    }
  });

  test('lose nothing of their log to a pump server that was killed', async () => {
    const dir = tempFolder();
    const { running, port } = await startBroker(broker, dir);
    const first = serve('pump-server', dir, port);
    await first.until(/"method":"ready"/);
    first.process.kill('SIGKILL');
    await first.ended;
    const pumps = serve('pumps', dir, port);
    await pumps.until(/"method":"ready"/);
    // Nobody gives receipts, so it is kept at the pumps.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(timesOnline(dir)).toEqual([]);
    const second = serve('pump-server', dir, port);
    await expect.poll(() => timesOnline(dir), POLL).toEqual(Array(PUMPS).fill(1));
    expectWhole(dir);
    second.process.kill('SIGKILL');
    await second.ended;
    const third = serve('pump-server', dir, port);
    third.input('{"jsonrpc":"2.0","id":1,"method":"status"}\n');
    // It knows what the second stored.
    expect(
      JSON.parse(/\{[^\n]*"id":1,[^\n]*/.exec(await third.until(/"id":1,[^\n]*\n/))?.[0] ?? '{}'),
    ).toMatchObject({
      result: { stored: kept(dir).length, gaps: [] },
    });
    for (const { process } of [pumps, third, running]) process.kill('SIGTERM');
    await Promise.all([pumps.ended, third.ended, running.ended]);
    expectWhole(dir);
  });
});
