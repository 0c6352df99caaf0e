import { spawn } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BIN, follow, pumprange, start, tempFolder } from '../helpers/command.ts';
import { MOSQUITTO, onEachBroker } from '../helpers/each-broker.ts';
import { hasTool } from '../helpers/require-tool.ts';

/** The same ward on each broker: what a user sees of it may not differ, but where docs/brokers.md says so. */

const watchers = hasTool('mosquitto_sub', 'mosquitto-clients');
const portOf = (printed: string): string => /mqtts:\/\/localhost:(\d+)/.exec(printed)?.[1] ?? 'none';

const listens = (port: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.once('connect', () => socket.destroy(resolve(true) as undefined));
    socket.once('error', () => resolve(false));
  });

onEachBroker('a ward', (broker) => {
  const up = (dir: string, ...more: string[]) => [
    ...['up', '--broker', broker, '--port', '0', '--dir', dir],
    ...more,
  ];

  test('is in the middle of a shift, with libraries that came over the wire', async () => {
    const dir = tempFolder();
    const { code, stdout, stderr } = await pumprange(up(dir, '--pumps', '6', '--for', '3s', '--json'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const ward = JSON.parse(stdout);
    for (const { link, library } of ward.pumps)
      expect({ link, library }).toEqual({ link: 'online', library: '1.0.0' });
    const infusing = ward.pumps.filter(({ therapy }: { therapy: string }) => therapy === 'infusing');
    expect(infusing.length).toBeGreaterThan(2);
    for (const { deliveredMl, orderedMl } of ward.pumps) {
      expect(deliveredMl).toBeLessThan(orderedMl * 1.05 + 0.5);
    }
    // The pumps, their server, and the nurses' station.
    expect(ward.broker.clients).toBe(8);
    expect(ward.broker.published).toBeGreaterThan(100);
    expect(ward.broker.delivered).toBeGreaterThan(100);
    // Hours went by in seconds, and nobody lost a session over it.
    const evidence = readFileSync(join(dir, 'evidence.jsonl'), 'utf8');
    expect(evidence.match(/"event":"session.opened"[^\n]*urn:pumprange:pump:/g)).toHaveLength(6);
    // Mosquitto does not count what it denies.
    expect(ward.broker.denied).toBe(broker === 'embedded' ? 0 : null);
  });

  test.skipIf(!watchers)('is watched by whom it issued to since, and by nobody that it revoked', async () => {
    const dir = tempFolder();
    const ward = start(up(dir, '--pumps', '2'));
    const port = portOf(await ward.until(/Ctrl-C stops everything/));
    const out = join(dir, 'observer');
    const who = ['--kind', 'observer', '--id', 'observer-01', '--dir', dir];
    expect(await pumprange(['pki', 'issue', ...who, '--out', out])).toMatchObject({ code: 0 });
    const watch = (topic: string) =>
      follow(
        spawn('mosquitto_sub', [
          ...['-h', 'localhost', '-p', port, '--cafile', join(out, 'ca.pem')],
          ...['--cert', join(out, 'cert.pem'), '--key', join(out, 'key.pem')],
          ...['-t', topic, '-C', '1', '-W', '10'],
        ]),
      ).ended;
    const seen = await watch('pumps/+/telemetry');
    expect(JSON.parse(seen.stdout)).toMatchObject({ type: 'telemetry', version: 1 });
    expect(await pumprange(['pki', 'revoke', ...who])).toMatchObject({ code: 0 });
    await expect
      .poll(async () => (await watch('pumps/+/telemetry')).code, { timeout: 60_000, interval: 500 })
      .not.toBe(0);
    expect((await watch('pumps/+/telemetry')).stdout).toBe('');
    ward.process.kill('SIGTERM');
    expect(await ward.ended).toMatchObject({ code: 0, stderr: '' });
    expect(await listens(port)).toBe(false);
  });

  test('leaves no broker behind when it is killed', async () => {
    const ward = start(up(tempFolder(), '--pumps', '1'));
    const port = portOf(await ward.until(/Ctrl-C stops everything/));
    expect(await listens(port)).toBe(true);
    ward.process.kill('SIGKILL');
    await ward.ended;
    await expect.poll(() => listens(port), { timeout: 20_000 }).toBe(false);
  });
});

describe.skipIf(!MOSQUITTO)('--broker mosquitto', () => {
  test('says how to get Mosquitto where there is none', async () => {
    // A shell that does not find what it looks for.
    const folder = tempFolder();
    const shell = join(folder, 'sh');
    writeFileSync(shell, `#!/bin/bash\nPATH=${folder}\nexec /bin/sh -c "\${2//sbin/nowhere}" sh "$4"\n`);
    chmodSync(shell, 0o755);
    const child = spawn(
      process.execPath,
      [BIN, 'up', '--broker', 'mosquitto', '--port', '0', '--dir', folder],
      {
        env: { ...process.env, PATH: folder, NO_COLOR: '1' },
      },
    );
    const { code, stdout, stderr } = await follow(child).ended;
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(
      /^PR_BROKER_MISSING: there is no program mosquitto\n[\s\S]*apt-get install mosquitto/,
    );
  });

  test.skipIf(!hasTool('pgrep', 'procps'))('goes on without it when it dies, and says so', async () => {
    const dir = tempFolder();
    const ward = start(['up', '--broker', 'mosquitto', '--pumps', '1', '--port', '0', '--dir', dir]);
    await ward.until(/Ctrl-C stops everything/);
    const { stdout } = await follow(spawn('pgrep', ['-f', `^mosquitto -c ${dir}/`])).ended;
    process.kill(Number(stdout), 'SIGKILL');
    await expect
      .poll(() => readFileSync(join(dir, 'evidence.jsonl'), 'utf8'), { timeout: 20_000 })
      .toContain('broker.ended');
    ward.process.kill('SIGTERM');
    expect(await ward.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('says when its port is taken', async () => {
    const ward = start(['up', '--pumps', '1', '--port', '0', '--dir', tempFolder()]);
    const port = portOf(await ward.until(/Ctrl-C stops everything/));
    const { code, stderr } = await pumprange([
      ...['up', '--broker', 'mosquitto', '--port', port, '--dir', tempFolder()],
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^PR_PORT_IN_USE/);
  });

  test('says when it has no setting for a posture', async () => {
    const out = join(tempFolder(), 'out');
    const config = ['broker', 'config', 'mosquitto', '--dir', tempFolder(), '--out', out];
    expect(await pumprange(config)).toMatchObject({ code: 0, stderr: '' });
    expect(await pumprange([...config, '--port', '8884'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^PR_FILE_EXISTS/),
    });
    expect(await pumprange([...config, '--port', '8884', '--overwrite'])).toMatchObject({ code: 0 });
    expect(readFileSync(join(out, 'mosquitto.conf'), 'utf8')).toMatch(/^listener 8884 127\.0\.0\.1$/m);
    const flat = await pumprange([...config, '--posture', 'flat-legacy', '--overwrite']);
    expect(flat).toMatchObject({ code: 0, stderr: '' });
    const legacy = readFileSync(join(out, 'mosquitto.conf'), 'utf8');
    expect(legacy).toMatch(/^listener 1883 127\.0\.0\.1\nallow_anonymous true$/m);
    expect(legacy).not.toMatch(/acl_file|crlfile|use_identity_as_username|max_/);
  });
});
