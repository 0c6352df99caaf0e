import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { expect, test } from 'vitest';
import { HeapClock } from '../../clock/index.ts';
import { openPki } from '../../pki/index.ts';
import { clientIdOf } from '../../protocol/index.ts';
import { BIN, follow, tempFolder } from '../helpers/command.ts';
import { observer, pump } from '../helpers/floor.ts';
import { hasTool } from '../helpers/require-tool.ts';

/** Wireshark reads what a broker said, from a capture and the broker's key log: docs/capture.md. */

const tools = hasTool('tshark') && hasTool('tcpdump');

/** Whether this user may capture on loopback. */
function mayCapture(): boolean {
  return tools && spawnSync('tcpdump', ['-i', 'lo', '-d'], { timeout: 20_000 }).status === 0;
}

async function brokerWithKeyLog(dir: string, keyLog: string) {
  const running = follow(
    spawn(process.execPath, [BIN, 'serve', 'broker', '--port', '0', '--dir', dir, '--posture', 'sp1800-8'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', SSLKEYLOGFILE: keyLog },
    }),
  );
  const port = Number(/"port":(\d+)/.exec(await running.until(/"method":"ready"/))?.[1]);
  return { running, port };
}

async function sayOnce(dir: string, port: number): Promise<void> {
  const pki = openPki({ dir: join(dir, 'pki'), clock: new HeapClock(Date.now()) });
  const dial = (identity: ReturnType<typeof pump>) => {
    const { privateKeyPem: key, chainPem: cert, rootPem: ca } = pki.credentialFor(identity);
    return connectAsync(`mqtts://localhost:${port}`, { key, cert, ca, clientId: clientIdOf(identity) });
  };
  const reader = await dial(observer());
  await reader.subscribeAsync('pumps/+/event', { qos: 1 });
  const heard = new Promise((resolve) => reader.once('message', resolve));
  const writer = await dial(pump());
  await writer.publishAsync('pumps/LVP-0001/event', 'read by its owner', { qos: 1 });
  await heard;
  await Promise.all([reader.endAsync(), writer.endAsync()]);
}

test('the key log is its owner’s alone, has the secrets of each session, and is announced', async () => {
  const dir = tempFolder();
  const keyLog = join(dir, 'keys.log');
  const { running, port } = await brokerWithKeyLog(dir, keyLog);
  await sayOnce(dir, port);
  running.process.kill('SIGTERM');
  const { code, stderr } = await running.ended;
  expect(code).toBe(0);
  expect(stderr).toMatch(/^WARNING: SSLKEYLOGFILE is set\./);
  expect(readFileSync(join(dir, 'evidence.jsonl'), 'utf8')).toContain('"tls.key-log"');
  expect(statSync(keyLog).mode & 0o777).toBe(0o600);
  const lines = readFileSync(keyLog, 'utf8').trimEnd().split('\n');
  const line = /^(\w+) [0-9a-f]{64} [0-9a-f]{64,96}$/;
  for (const one of lines) expect(one).toMatch(line);
  const traffic = lines.filter((one) => one.startsWith('CLIENT_TRAFFIC_SECRET_0 '));
  expect(new Set(traffic.map((one) => one.split(' ')[1])).size).toBe(2);
});

test.skipIf(!mayCapture())(
  'tshark reads a captured session with the key log, and nothing without it',
  async () => {
    const dir = tempFolder();
    const keyLog = join(dir, 'keys.log');
    const capture = join('/tmp', `pumprange-${process.pid}-${Date.now()}.pcap`);
    const { running, port } = await brokerWithKeyLog(dir, keyLog);
    const tcpdump: ChildProcess = spawn('tcpdump', [
      '-i',
      'lo',
      '-U',
      '-w',
      capture,
      'tcp',
      'port',
      String(port),
    ]);
    try {
      const capturing = follow(tcpdump);
      await capturing.until(/listening on lo/);
      await sayOnce(dir, port);
      const read = (...options: string[]) =>
        spawnSync(
          'tshark',
          [
            '-r',
            capture,
            '-d',
            `tcp.port==${port},tls`,
            ...options,
            '-Y',
            'mqtt.msgtype == 3',
            '-T',
            'fields',
            '-e',
            'mqtt.topic',
            '-e',
            'mqtt.msg',
          ],
          { timeout: 60_000 },
        ).stdout.toString();
      const hex = Buffer.from('read by its owner').toString('hex');
      const said = new RegExp(`pumps/LVP-0001/event\\t(?:${hex}|read by its owner)`, 'g');
      const withKeys = (): number =>
        read('-o', `tls.keylog_file:${keyLog}`, '-d', `tls.port==${port},mqtt`).match(said)?.length ?? 0;
      // From the pump, and to the observer; the kernel hands packets over when it likes.
      await expect.poll(withKeys, { timeout: 60_000, interval: 500 }).toBe(2);
      tcpdump.kill('SIGINT');
      await capturing.ended;
      expect(read('-d', `tls.port==${port},mqtt`)).toBe('');
    } finally {
      tcpdump.kill('SIGKILL');
      spawnSync('rm', ['-f', capture]);
      running.process.kill('SIGTERM');
      await running.ended;
    }
  },
);
