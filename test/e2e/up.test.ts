import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BIN, follow, pumprange, start, tempFolder } from '../helpers/command.ts';
import { onEachBroker } from '../helpers/each-broker.ts';
import { hasTool } from '../helpers/require-tool.ts';

const portOf = (printed: string): string => /mqtts:\/\/localhost:(\d+)/.exec(printed)?.[1] ?? 'none';

describe('a live ward', () => {
  test('ends by itself in one JSON document of the published shape', async () => {
    const dir = tempFolder();
    const { code, stdout, stderr } = await pumprange([
      ...['up', '--pumps', '12', '--port', '0', '--dir', dir, '--for', '1s', '--json'],
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const ward = JSON.parse(stdout);
    expect(ward.pumps).toHaveLength(12);
    expect(Object.keys(ward.pumps[0]).sort()).toEqual(
      [
        'careArea',
        'deliveredMl',
        'firmware',
        'library',
        'link',
        'model',
        'orderedMl',
        'serial',
        'therapy',
      ].sort(),
    );
    expect(new Set(ward.pumps.map(({ model }: { model: string }) => model))).toEqual(
      new Set(['lvp', 'syringe', 'pca']),
    );
    expect(ward.pumps.every(({ link }: { link: string }) => link === 'online')).toBe(true);
    // Every pump goes by the library that it fetched over the wire and verified.
    expect(ward.pumps.every(({ library }: { library: string | null }) => library === '1.0.0')).toBe(true);
    // A shift is under way: most infuse, and no pump gave more than was ordered beyond what it may err (5%).
    const infusing = ward.pumps.filter(({ therapy }: { therapy: string }) => therapy === 'infusing');
    expect(infusing.length).toBeGreaterThan(4);
    for (const { deliveredMl, orderedMl } of ward.pumps) {
      expect(deliveredMl).toBeLessThan(orderedMl * 1.05 + 0.5);
    }
    // Twelve pumps, the pump server and the station of the nurses.
    expect(ward.broker.clients).toBe(14);
    expect(ward.broker.published).toBeGreaterThan(100);
    expect(ward.readyMs).toBeGreaterThan(0);
  });

  test('makes keys that nobody else can read, and says TEST ONLY', async () => {
    const dir = tempFolder();
    await pumprange(['up', '--pumps', '3', '--port', '0', '--dir', dir, '--for', '0s', '--json']);
    const { stdout } = await pumprange(['pki', 'list', '--dir', dir, '--json']);
    expect(JSON.parse(stdout).length).toBeGreaterThanOrEqual(5);
    expect(statSync(join(dir, 'pki')).mode & 0o077).toBe(0);
    expect(existsSync(join(dir, 'ward.lock'))).toBe(false);
  });

  test.skipIf(!hasTool('tmux'))(
    'stops cleanly on Ctrl-C in a terminal, and gives its folder back',
    async () => {
      const dir = tempFolder();
      const socket = join(tempFolder(), 'tmux');
      const tmux = (...args: string[]) => follow(spawn('tmux', ['-S', socket, ...args])).ended;
      await tmux('new-session', '-d', '-x', '150', '-y', '45', 'bash --norc');
      const screen = async () => (await tmux('capture-pane', '-p')).stdout;
      const command = `${process.execPath} ${BIN} up --pumps 3 --port 0 --dir ${dir}; echo ended with $?.`;
      await tmux('send-keys', command, 'Enter');
      try {
        await expect.poll(screen, { timeout: 60_000 }).toContain('Ctrl-C stops everything');
        await tmux('send-keys', 'C-c');
        await expect.poll(screen, { timeout: 20_000 }).toMatch(/ended with \d+\./);
        expect(await screen()).toContain('ended with 0.');
        expect(existsSync(join(dir, 'ward.lock'))).toBe(false);
      } finally {
        await tmux('kill-server');
      }
    },
  );

  test('takes up a revocation from another process: the session ends, the pump goes on, no new one begins', async () => {
    const dir = tempFolder();
    const ward = start(['up', '--pumps', '3', '--port', '0', '--dir', dir]);
    await ward.until(/Ctrl-C stops everything/);
    const revoked = await pumprange(['pki', 'revoke', '--kind', 'pump', '--id', 'LVP-0001', '--dir', dir]);
    expect(revoked).toMatchObject({ code: 0, stdout: expect.stringMatching(/^revoked 1/) });
    const printed = await ward.until(/session\.dropped[\s\S]*session\.refused/);
    expect(printed).toContain('session.dropped urn:pumprange:pump:LVP-0001: the certificate was revoked');
    expect(printed).toMatch(/session\.refused .*revoked.* \[certificate-revocation\]/);
    expect(printed).not.toMatch(/session\.dropped urn:pumprange:pump:(?!LVP-0001)/);
  });

  test('says when the port is taken, the folder is in use, or a file cannot be written', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const address = blocker.address();
    const port = String(typeof address === 'object' ? address?.port : 0);
    const taken = await pumprange(['up', '--port', port, '--dir', tempFolder(), '--for', '0s']);
    blocker.close();
    expect(taken).toMatchObject({ code: 2, stdout: '' });
    expect(taken.stderr).toMatch(/^PR_PORT_IN_USE: port \d+ .*\n {2}cause: .*\n {2}way out: /);

    const dir = tempFolder();
    const ward = start(['up', '--pumps', '1', '--port', '0', '--dir', dir]);
    await ward.until(/Ctrl-C stops everything/);
    const second = await pumprange(['up', '--port', '0', '--dir', dir, '--for', '0s']);
    expect(second).toMatchObject({ code: 2, stderr: expect.stringMatching(/^PR_DIR_IN_USE/) });
    // Two writers of one chain would make an honest log look changed.
    const broker = await pumprange(['serve', 'broker', '--port', '0', '--dir', dir]);
    expect(broker).toMatchObject({ code: 2, stderr: expect.stringMatching(/^PR_DIR_IN_USE/) });

    const file = join(tempFolder(), 'a-file');
    writeFileSync(file, '');
    const blocked = await pumprange(['up', '--port', '0', '--dir', join(file, 'below'), '--for', '0s']);
    expect(blocked).toMatchObject({ code: 2, stderr: expect.stringMatching(/^PR_DISK/) });
  });

  test('says when the PKI is damaged', async () => {
    const dir = tempFolder();
    await pumprange(['pki', 'init', '--dir', dir]);
    const pki = join(dir, 'pki');
    const { readdirSync } = await import('node:fs');
    const pems = readdirSync(pki, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.pem'),
    );
    expect(pems.length).toBeGreaterThan(0);
    writeFileSync(join(pki, pems[0] ?? ''), 'no certificate');
    const { code, stderr } = await pumprange(['up', '--port', '0', '--dir', dir, '--for', '0s']);
    expect(stderr).toMatch(/^PR_PKI_UNREADABLE/);
    expect(code).toBe(2);
  });
});

onEachBroker('a live ward', (broker) => {
  test.each(['SIGINT', 'SIGTERM'] as const)('stops cleanly on %s', async (signal) => {
    const ward = start(['up', '--broker', broker, '--pumps', '3', '--port', '0', '--dir', tempFolder()]);
    await ward.until(/Ctrl-C stops everything/);
    ward.process.kill(signal);
    const { code, stderr } = await ward.ended;
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  test('stops cleanly on SIGTERM while it starts, and starts again on the same folder', async () => {
    const dir = tempFolder();
    for (const delayMs of [350, 600, 900]) {
      const ward = start([
        'up',
        '--broker',
        broker,
        '--pumps',
        '6',
        '--port',
        '0',
        '--dir',
        dir,
        '--for',
        '0s',
      ]);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      ward.process.kill('SIGTERM');
      const { code } = await ward.ended;
      // Before Node.js has run a line of ours, the signal ends it.
      expect([0, null]).toContain(code);
    }
    const { code } = await pumprange([
      'up',
      '--broker',
      broker,
      '--pumps',
      '6',
      '--port',
      '0',
      '--dir',
      dir,
      '--for',
      '0s',
      '--json',
    ]);
    expect(code).toBe(0);
  });

  test('survives SIGKILL: the folder is good, and the evidence is whole', async () => {
    const dir = tempFolder();
    const ward = start(['up', '--broker', broker, '--pumps', '3', '--port', '0', '--dir', dir]);
    await ward.until(/Ctrl-C stops everything/);
    ward.process.kill('SIGKILL');
    await ward.ended;
    const again = await pumprange([
      'up',
      '--broker',
      broker,
      '--pumps',
      '3',
      '--port',
      '0',
      '--dir',
      dir,
      '--for',
      '0s',
      '--json',
    ]);
    expect(again.code).toBe(0);
    const evidence = join(dir, 'evidence.jsonl');
    const verdict = await pumprange(['evidence', 'verify', evidence, '--dir', dir]);
    expect(verdict).toMatchObject({ code: 0, stdout: expect.stringMatching(/^whole: \d+ lines/) });

    const lines = readFileSync(evidence, 'utf8').split('\n');
    lines[4] = (lines[4] ?? '').replace('"allowed"', '"denied"').replace('"observed"', '"allowed"');
    writeFileSync(evidence, lines.join('\n'));
    expect(await pumprange(['evidence', 'verify', evidence, '--dir', dir])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('changed'),
    });
  });

  test.skipIf(!hasTool('mosquitto_sub'))(
    'can be watched with Mosquitto as it says, and only so',
    async () => {
      const dir = tempFolder();
      const ward = start(['up', '--broker', broker, '--pumps', '3', '--port', '0', '--dir', dir]);
      const port = portOf(await ward.until(/Ctrl-C stops everything/));
      const out = join(dir, 'observer');
      const issued = await pumprange([
        ...['pki', 'issue', '--kind', 'observer', '--id', 'observer-01', '--out', out, '--dir', dir],
      ]);
      expect(issued.code).toBe(0);
      expect(statSync(join(out, 'key.pem')).mode & 0o777).toBe(0o600);
      const server = ['-h', 'localhost', '-p', port, '--cafile', join(out, 'ca.pem')];
      const observer = [...server, '--cert', join(out, 'cert.pem'), '--key', join(out, 'key.pem')];

      const sub = follow(
        spawn('mosquitto_sub', [...observer, '-t', 'pumps/+/telemetry', '-C', '3', '-W', '30']),
      );
      const seen = await sub.ended;
      expect(seen.code).toBe(0);
      const first = JSON.parse(seen.stdout.split('\n')[0] ?? '');
      expect(first).toMatchObject({ type: 'telemetry', version: 1 });
      expect(JSON.stringify(first)).not.toMatch(/patientName|recordNumber/);

      const command = ['-t', 'pumps/LVP-0001/command', '-m', '{}', '-q', '1'];
      const publish = await follow(spawn('mosquitto_pub', [...observer, ...command])).ended;
      // Ours ends the session of whoever may not; Mosquitto acknowledges, and passes nothing on.
      expect(publish.code === 0).toBe(broker === 'mosquitto');
      const bare = await follow(spawn('mosquitto_pub', [...server, ...command])).ended;
      expect(bare.code).not.toBe(0);
      if (broker === 'mosquitto') {
        await ward.until(/session\.refused .*: tls: peer did not return a certificate \[mutual-tls\]/);
      } else {
        const printed = await ward.until(/\[topic-authorization\][\s\S]*\[mutual-tls\]/);
        expect(printed).toContain('observer may not publish pumps/LVP-0001/command [topic-authorization]');
        expect(printed).toContain('no certificate was presented [mutual-tls]');
      }
    },
  );

  test('whose pumps enrol over EST have the certificates that they got, and are online with them', async () => {
    const dir = tempFolder();
    const args = ['--pumps', '3', '--port', '0', '--dir', dir, '--enrol', 'est', '--for', '1s', '--json'];
    const { code, stdout, stderr } = await pumprange(['up', '--broker', broker, ...args]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { link, library } of JSON.parse(stdout).pumps) {
      expect({ link, library }).toEqual({ link: 'online', library: '1.0.0' });
    }
    const evidence = readFileSync(join(dir, 'evidence.jsonl'), 'utf8');
    expect(evidence.match(/"event":"enrolment.granted"/g)).toHaveLength(3);
    expect(evidence.match(/"event":"session.opened"[^\n]*urn:pumprange:pump:(?!server)/g)).toHaveLength(3);
  });
});
