import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pumprange, type Running, start, tempFolder } from '../helpers/command.ts';
import { onEachBroker } from '../helpers/each-broker.ts';
import { hasTool } from '../helpers/require-tool.ts';

let requests = 0;
async function ask(component: Running, method: string, params?: unknown): Promise<unknown> {
  requests += 1;
  const id = requests;
  component.input(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
  const printed = await component.until(new RegExp(`"id":${id},[^\\n]*\\n`));
  const line = printed.split('\n').find((one) => one.includes(`"id":${id},`));
  return JSON.parse(line ?? '{}').result ?? JSON.parse(line ?? '{}').error;
}

onEachBroker('components as processes of their own', (name) => {
  test('find each other, and stop when told', async () => {
    const dir = tempFolder();
    const broker = start(['serve', 'broker', '--broker', name, '--port', '0', '--dir', dir]);
    const port = /"port":(\d+)/.exec(await broker.until(/"method":"ready"/))?.[1] ?? '0';
    const server = start(['serve', 'pump-server', '--port', port, '--dir', dir]);
    const pumps = start(['serve', 'pumps', '--pumps', '3', '--port', port, '--dir', dir]);
    await Promise.all([server.until(/"method":"ready"/), pumps.until(/"method":"ready"/)]);
    const opened = async (): Promise<readonly unknown[]> =>
      ((await ask(broker, 'evidence')) as { event: string; subject: string | null }[])
        .filter(({ event }) => event === 'session.opened')
        .map(({ subject }) => subject);
    await expect
      .poll(opened, { timeout: 30_000 })
      .toEqual(
        expect.arrayContaining(['urn:pumprange:pump-server:server-01', 'urn:pumprange:pump:PCA-0001']),
      );
    await expect
      .poll(async () => ((await ask(broker, 'status')) as { clients: number | null }).clients, {
        timeout: 30_000,
      })
      .toBe(4);
    await expect
      .poll(async () => ((await ask(server, 'inventory')) as unknown[]).length, { timeout: 30_000 })
      .toBe(3);
    expect(await ask(pumps, 'reading', { serial: 'LVP-0001' })).toMatchObject({
      firmware: { running: '1.2.0' },
    });
    expect(await ask(pumps, 'reading', { serial: 'LVP-9999' })).toMatchObject({ code: -32_603 });
    if (name === 'embedded') expect(await ask(broker, 'connected')).toHaveLength(4);
    expect(await ask(broker, 'no-such-method')).toMatchObject({ code: -32_601 });
    for (const component of [pumps, server, broker]) {
      component.input('{"jsonrpc":"2.0","id":0,"method":"stop"}\n');
      expect(await component.ended).toMatchObject({ code: 0, stderr: '' });
    }
    // Its evidence is signed to the last line: what is cut off is missed.
    const log = join(dir, 'evidence.jsonl');
    const check = [
      'evidence',
      'verify',
      log,
      '--checkpoints',
      join(dir, 'evidence-checkpoints.jsonl'),
      '--dir',
      dir,
    ];
    const whole = await pumprange(check);
    const [, lines, vouched] = /^whole: (\d+) lines, .* up to (\d+)$/m.exec(whole.stdout) ?? [];
    expect(Number(lines)).toBeGreaterThan(4);
    expect(vouched).toBe(lines);
    writeFileSync(log, readFileSync(log, 'utf8').replace(/[^\n]*\n$/, ''));
    expect((await pumprange(check)).code).toBe(1);
  });
});

describe('a Mosquitto of its own', () => {
  test.each([
    ['--redis', 'redis://127.0.0.1:6379'],
    ['--metrics-port', '0'],
  ])('has no %s', async (...flag) => {
    const { code, stderr } = await pumprange([
      ...['serve', 'broker', '--broker', 'mosquitto', '--port', '0', '--dir', tempFolder(), ...flag],
    ]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^PR_USAGE/) });
  });
});

describe('the PKI as a process of its own', () => {
  test('a posture that asks for revocations asks the PKI process, and without it fails closed', async () => {
    const dir = tempFolder();
    const pki = start(['serve', 'pki', '--port', '0', '--status-port', '0', '--dir', dir]);
    const statusPort = /"statusPort":(\d+)/.exec(await pki.until(/"method":"ready"/))?.[1] ?? '0';
    const posture = ['--posture', 'ocsp-fail-closed', '--dir', dir];
    const second = await start(['serve', 'pki', '--port', '0', '--dir', dir]).ended;
    expect(second).toMatchObject({ code: 2, stderr: expect.stringMatching(/^PR_DIR_IN_USE/) });
    const unsaid = await start(['serve', 'broker', '--port', '0', ...posture]).ended;
    expect(unsaid).toMatchObject({ code: 2, stderr: expect.stringContaining('--status-port') });

    const floor = async (at: string) => {
      const broker = start(['serve', 'broker', '--port', '0', '--status-port', at, ...posture]);
      const port = /"port":(\d+)/.exec(await broker.until(/"method":"ready"/))?.[1] ?? '0';
      const pumps = start([
        'serve',
        'pumps',
        '--pumps',
        '2',
        '--port',
        port,
        '--status-port',
        statusPort,
        ...posture,
      ]);
      await pumps.until(/"method":"ready"/);
      const stop = async (): Promise<void> => {
        for (const component of [pumps, broker]) {
          component.input('{"jsonrpc":"2.0","id":0,"method":"stop"}\n');
          expect(await component.ended).toMatchObject({ code: 0, stderr: '' });
        }
      };
      return { broker, stop };
    };
    const asked = await floor(statusPort);
    await expect
      .poll(async () => ((await ask(asked.broker, 'connected')) as string[]).toSorted(), { timeout: 30_000 })
      .toEqual(['urn:pumprange:pump:LVP-0001', 'urn:pumprange:pump:SYR-0001']);
    const revoke = ['pki', 'revoke', '--kind', 'pump', '--id', 'LVP-0001', '--dir', dir];
    expect(await start(revoke).ended).toMatchObject({ code: 0 });
    await expect
      .poll(async () => ask(asked.broker, 'connected'), { timeout: 30_000 })
      .toEqual(['urn:pumprange:pump:SYR-0001']);
    await asked.stop();
    // What was done to the PKI from the command line, and what came over the network, is in its evidence.
    await fetch(`http://127.0.0.1:${statusPort}/ocsp`, { method: 'POST', body: 'garbage' });
    const told = async () => ((await ask(pki, 'evidence')) as { event: string }[]).map(({ event }) => event);
    await expect
      .poll(told, { timeout: 30_000 })
      .toEqual(expect.arrayContaining(['certificate.revoked', 'ocsp.refused']));

    pki.input('{"jsonrpc":"2.0","id":0,"method":"stop"}\n');
    expect(await pki.ended).toMatchObject({ code: 0, stderr: '' });
    // Nobody answers there now. A pump that could not judge the broker would never show its certificate, so it takes part in another posture.
    const broker = start(['serve', 'broker', '--port', '0', '--status-port', statusPort, ...posture]);
    const port = /"port":(\d+)/.exec(await broker.until(/"method":"ready"/))?.[1] ?? '0';
    start(['serve', 'pumps', '--pumps', '2', '--port', port, '--dir', dir]);
    const refusals = async () =>
      ((await ask(broker, 'evidence')) as { event: string; control: string; subject: string }[]).filter(
        ({ event, subject }) =>
          event === 'certificate.refused-blind' && subject === 'urn:pumprange:pump:SYR-0001',
      );
    await expect.poll(async () => (await refusals()).length, { timeout: 30_000 }).toBeGreaterThan(1);
    expect((await refusals())[0]).toMatchObject({ control: 'certificate-revocation' });
    expect(await ask(broker, 'connected')).toEqual([]);
  });

  test.skipIf(!hasTool('curl') || !hasTool('openssl'))(
    'serves EST to curl, with a birth certificate',
    async () => {
      const dir = tempFolder();
      const pki = start(['serve', 'pki', '--port', '0', '--status-port', '0', '--dir', dir]);
      const ready = await pki.until(/"method":"ready"/);
      const port = /"port":(\d+)/.exec(ready)?.[1] ?? '0';
      const status = `http://127.0.0.1:${/"statusPort":(\d+)/.exec(ready)?.[1] ?? '0'}`;
      const out = join(dir, 'birth');
      const issue = [
        'pki',
        'issue',
        '--kind',
        'pump',
        '--id',
        'LVP-0042',
        '--dir',
        dir,
        '--birth',
        '--out',
        out,
      ];
      expect(await start(issue).ended).toMatchObject({ code: 0 });
      const tool = (name: string, args: string[]): string =>
        execFileSync(name, args, { encoding: 'utf8', timeout: 20_000, stdio: ['ignore', 'pipe', 'ignore'] });
      const request = tool('openssl', [
        ...[
          'req',
          '-new',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:P-256',
          '-nodes',
          '-subj',
          '/CN=LVP-0042',
        ],
        ...['-keyout', join(dir, 'new.key')],
      ]);
      const url = `https://localhost:${port}/.well-known/est/simpleenroll`;
      const answer = tool('curl', [
        ...['-sS', '--fail', '--cacert', join(dir, 'pki/authorities/root.cert.pem')],
        ...[
          '--cert',
          join(out, 'cert.pem'),
          '--key',
          join(out, 'key.pem'),
          '-H',
          'Content-Type: application/pkcs10',
        ],
        ...['--data-binary', request.replace(/-----.*-----/g, ''), url],
      ]);
      const issued = Buffer.from(answer, 'base64').toString('latin1');
      expect(issued).toContain('urn:pumprange:pump:LVP-0042');
      // It says where to ask about it, in the clear, and there is an answer.
      expect(issued).toContain(`${status}/ocsp`);
      expect(issued).toContain(`${status}/crl/devices.crl`);
      const crl = join(dir, 'devices.crl');
      tool('curl', ['-sS', '--fail', '-o', crl, `${status}/crl/devices.crl`]);
      expect(tool('openssl', ['crl', '-inform', 'DER', '-in', crl, '-noout', '-issuer'])).toContain(
        'Devices CA',
      );
      expect(await ask(pki, 'evidence')).toContainEqual(
        expect.objectContaining({ event: 'enrolment.granted', subject: 'urn:pumprange:pump:LVP-0042' }),
      );
      pki.input('{"jsonrpc":"2.0","id":0,"method":"stop"}\n');
      expect(await pki.ended).toMatchObject({ code: 0, stderr: '' });
    },
  );
});
