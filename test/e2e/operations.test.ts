import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { describe, expect, test } from 'vitest';
import { HeapClock } from '../../clock/index.ts';
import { openPki } from '../../pki/index.ts';
import { clientIdOf } from '../../protocol/index.ts';
import { pumprange, type Running, start, tempFolder } from '../helpers/command.ts';
import { pump, station } from '../helpers/floor.ts';
import { hasTool } from '../helpers/require-tool.ts';

const curl = hasTool('curl');
const promtool = hasTool('promtool', 'prometheus');

interface Ready {
  readonly running: Running;
  readonly port: number;
  readonly metricsPort: number;
}

async function serveBroker(dir: string, ...more: string[]): Promise<Ready> {
  const running = start(['serve', 'broker', '--port', '0', '--dir', dir, '--metrics-port', '0', ...more]);
  const said = await running.until(/"method":"ready".*\n/);
  const port = Number(/"port":(\d+)/.exec(said)?.[1]);
  return { running, port, metricsPort: Number(/"metricsPort":(\d+)/.exec(said)?.[1]) };
}

/** A reader that is kept and away, a publisher, and one publication that is denied. */
async function traffic(dir: string, port: number): Promise<void> {
  const pki = openPki({ dir: join(dir, 'pki'), clock: new HeapClock(Date.now()) });
  const connect = async (identity: ReturnType<typeof pump>, clean: boolean) => {
    const { privateKeyPem: key, chainPem: cert, rootPem: ca } = pki.credentialFor(identity);
    const clientId = clientIdOf(identity);
    const more = { key, cert, ca, clientId, clean, keepalive: 0, reconnectPeriod: 0 };
    const client = await connectAsync(`mqtts://localhost:${port}`, more);
    client.on('error', () => undefined);
    return client;
  };
  const reader = await connect(station(), false);
  await reader.subscribeAsync('pumps/+/event', { qos: 1 });
  await reader.endAsync();
  const writer = await connect(pump(), true);
  const closed = new Promise<void>((resolve) => writer.once('close', () => resolve()));
  // Where it is denied nothing comes back.
  const answered = writer.publishAsync('pumps/LVP-0001/event', 'SECRET-PAYLOAD', { qos: 1 });
  await Promise.race([answered, closed]);
  writer.publish('$SYS/mine', 'no', { qos: 0 });
  await closed;
  await writer.endAsync(true);
}

describe.skipIf(!curl)('metrics and health, asked by curl', () => {
  const get = (url: string, ...more: string[]) => {
    const { stdout } = spawnSync('curl', ['-sS', '-m', '20', '-w', '\n%{http_code}', ...more, url]);
    const lines = stdout.toString().split('\n');
    return { status: Number(lines.pop()), text: lines.join('\n') };
  };

  test('count what happened, and say whether the broker is ready', async () => {
    const dir = tempFolder();
    const { running, port, metricsPort } = await serveBroker(dir, '--posture', 'sp1800-8');
    const at = `http://127.0.0.1:${metricsPort}`;
    await traffic(dir, port);
    expect(get(`${at}/healthz`)).toMatchObject({ status: 200, text: 'ok\n' });
    expect(get(`${at}/readyz`)).toMatchObject({ status: 200 });
    expect(get(`${at}/other`)).toMatchObject({ status: 404 });
    expect(get(`${at}/metrics`, '-X', 'POST')).toMatchObject({ status: 405 });
    const { status, text } = get(`${at}/metrics`);
    expect(status).toBe(200);
    const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    expect(value('pumprange_broker_sessions')).toBe(0);
    expect(value('pumprange_broker_sessions_opened_total')).toBe(2);
    expect(value('pumprange_broker_publishes_in_total')).toBe(1);
    expect(value('pumprange_broker_queued_messages')).toBe(1);
    expect(value('pumprange_broker_queued_sessions')).toBe(1);
    // CONNECT, SUBSCRIBE, DISCONNECT; CONNECT and two PUBLISH.
    expect(value('pumprange_broker_bytes_in_total')).toBeGreaterThan(100);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
    if (promtool) {
      const judged = spawnSync('promtool', ['check', 'metrics'], { input: text });
      expect(judged.stderr.toString() + judged.stdout.toString()).toBe('');
      expect(judged.status).toBe(0);
    }
    running.process.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('a port that is taken is said, and nothing stays behind', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const taken = typeof address === 'object' ? address?.port : 0;
    const dir = tempFolder();
    const said = await pumprange([
      'serve',
      'broker',
      '--port',
      '0',
      '--dir',
      dir,
      '--metrics-port',
      `${taken}`,
    ]);
    other.close();
    expect(said).toMatchObject({ code: 2, stderr: expect.stringContaining('PR_PORT_IN_USE') });
  });
});

test('the log has the fields of the evidence, no payloads and no keys, at the level that was asked for', async () => {
  const dir = tempFolder();
  const log = join(dir, 'broker.log');
  const { running, port } = await serveBroker(dir, '--posture', 'mutual-tls-only', '--log', log);
  await traffic(dir, port);
  running.process.kill('SIGTERM');
  await running.ended;
  const text = readFileSync(log, 'utf8');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toContainEqual(
    expect.objectContaining({
      level: 'info',
      component: 'broker',
      event: 'session.opened',
      subject: 'urn:pumprange:pump:LVP-0001',
      certificateFingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      time: expect.any(Number),
    }),
  );
  expect(text).not.toMatch(/SECRET-PAYLOAD|PRIVATE KEY/);
  expect(statSync(log).mode & 0o777).toBe(0o600);

  const quiet = await serveBroker(dir, '--posture', 'layered', '--log', '-', '--log-level', 'warn');
  await traffic(dir, quiet.port);
  await quiet.running.until(/"event":"publish.denied"/);
  quiet.running.process.kill('SIGTERM');
  const { stderr } = await quiet.running.ended;
  for (const line of stderr.trimEnd().split('\n')) {
    expect(JSON.parse(line)).toMatchObject({ level: 'warn', outcome: 'denied' });
  }

  // The evidence of the same sessions is a chain that holds, until somebody changes it.
  const evidence = join(dir, 'evidence.jsonl');
  expect(await pumprange(['evidence', 'verify', evidence])).toMatchObject({ code: 0 });
  writeFileSync(evidence, readFileSync(evidence, 'utf8').replace('LVP-0001', 'LVP-0002'));
  expect(await pumprange(['evidence', 'verify', evidence])).toMatchObject({ code: 1 });
});
