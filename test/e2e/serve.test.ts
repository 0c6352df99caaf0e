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
  test.skipIf(!hasTool('curl') || !hasTool('openssl'))(
    'serves EST to curl, with a birth certificate',
    async () => {
      const dir = tempFolder();
      const pki = start(['serve', 'pki', '--port', '0', '--dir', dir]);
      const port = /"port":(\d+)/.exec(await pki.until(/"method":"ready"/))?.[1] ?? '0';
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
      expect(Buffer.from(answer, 'base64').toString('latin1')).toContain('urn:pumprange:pump:LVP-0042');
      expect(await ask(pki, 'evidence')).toContainEqual(
        expect.objectContaining({ event: 'enrolment.granted', subject: 'urn:pumprange:pump:LVP-0042' }),
      );
      pki.input('{"jsonrpc":"2.0","id":0,"method":"stop"}\n');
      expect(await pki.ended).toMatchObject({ code: 0, stderr: '' });
    },
  );
});
