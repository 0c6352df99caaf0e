import { execFileSync, spawn } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { BIN, follow, pumprange, type Running, start, tempFolder } from '../helpers/command.ts';
import { hasTool } from '../helpers/require-tool.ts';

const hasNamespaces = hasTool('ip', 'iproute2') && process.getuid?.() === 0;
const NAMESPACE = `pr-test-${process.pid}`;
const STRANGE = `other-test-${process.pid}`;

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}

function makeNamespace(name: string, ...addresses: string[]): void {
  ip('netns', 'add', name);
  ip('-n', name, 'link', 'set', 'lo', 'up');
  for (const address of addresses) {
    const six = address.includes(':') ? ['-6'] : [];
    ip(...six, '-n', name, 'address', 'add', address, 'dev', 'lo');
  }
}

/** The built command, in a network namespace. */
function startIn(namespace: string, ...args: string[]): Running {
  return follow(
    spawn('ip', ['netns', 'exec', namespace, process.execPath, BIN, ...args], {
      cwd: tempFolder(),
      env: { ...process.env, NO_COLOR: '1' },
    }),
  );
}

describe('outside the networks of the project', () => {
  test.each([
    ['broker', '--address', '10.18.26.10'],
    ['pki', '--address', 'fd18:8:25::a'],
    ['pumps', '--address', '10.18.20.20+3'],
    ['pump-server', '--broker-address', '10.18.26.10'],
    ['pump-server', '--status-address', '192.168.0.1'],
    ['broker', '--address', '0.0.0.0'],
    ['broker', '--address', '8.8.8.8'],
  ])('serve %s %s %s is refused', async (component, ...flags) => {
    const { code, stderr } = await pumprange([
      'serve',
      component,
      '--dir',
      tempFolder(),
      '--port',
      '0',
      ...flags,
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('PR_GUARDRAIL');
  });

  test('what the compose file sets does not help alone', async () => {
    process.env['PUMPRANGE_COMPOSE_ROUTER'] = '10.18.26.1';
    try {
      const broker = start([
        'serve',
        'broker',
        '--dir',
        tempFolder(),
        '--port',
        '0',
        '--address',
        '10.18.26.10',
      ]);
      expect(await broker.ended).toMatchObject({ code: 2, stderr: expect.stringContaining('PR_GUARDRAIL') });
    } finally {
      delete process.env['PUMPRANGE_COMPOSE_ROUTER'];
    }
  });
});

describe.skipIf(!hasNamespaces)('in network namespaces', () => {
  afterEach(() => {
    const there = ip('netns', 'list');
    for (const name of [NAMESPACE, STRANGE]) if (there.includes(name)) ip('netns', 'delete', name);
  });

  test('of the project, components find each other over both versions of IP, and pumps are at addresses of their own', async () => {
    makeNamespace(
      NAMESPACE,
      ...['10.18.25.10/32', '10.18.26.10/32', 'fd18:8:26::a/128', '10.18.26.11/32'],
      ...['10.18.20.20/32', '10.18.20.21/32', 'fd18:8:20::14/128', 'fd18:8:20::15/128'],
    );
    const dir = tempFolder();
    const status = ['--status-port', '8080', '--status-address', '10.18.25.10'];
    const common = ['--dir', dir, '--posture', 'mutual-tls-only'];
    const pki = startIn(
      NAMESPACE,
      ...['serve', 'pki', ...common, '--port', '8443', '--status-port', '8080', '--address', '10.18.25.10'],
    );
    await pki.until(/"method":"ready"/);
    const broker = startIn(
      NAMESPACE,
      ...['serve', 'broker', ...common, ...status, '--port', '8883', '--address', '10.18.26.10,fd18:8:26::a'],
    );
    await broker.until(/"method":"ready"/);
    const server = startIn(
      NAMESPACE,
      ...['serve', 'pump-server', ...common, ...status, '--port', '8883'],
      ...['--broker-address', '10.18.26.10', '--address', '10.18.26.11'],
    );
    const pumps = startIn(
      NAMESPACE,
      ...['serve', 'pumps', ...common, ...status, '--pumps', '3', '--port', '8883', '--firmware', '1.0.0'],
      ...['--broker-address', 'fd18:8:26::a', '--address', '10.18.20.20+2,fd18:8:20::14+2'],
    );
    await Promise.all([server.until(/"method":"ready"/), pumps.until(/"method":"ready"/)]);
    const opened = async (): Promise<(string | null)[][]> => {
      broker.input('{"jsonrpc":"2.0","id":7,"method":"evidence"}\n');
      const printed = await broker.until(/"id":7,[^\n]*\n/);
      const line = printed.split('\n').findLast((one) => one.includes('"id":7,')) ?? '{}';
      const events: { event: string; subject: string; address: string | null }[] = JSON.parse(line).result;
      return events
        .filter(({ event }) => event === 'session.opened')
        .map(({ subject, address }) => [subject.replace(/^.*:/, ''), address]);
    };
    await expect.poll(opened, { timeout: 30_000 }).toEqual(
      expect.arrayContaining([
        ['server-01', '10.18.26.11'],
        ['LVP-0001', 'fd18:8:20::14'],
        ['SYR-0001', 'fd18:8:20::15'],
        ['PCA-0001', 'fd18:8:20::14'],
      ]),
    );
    const listening = execFileSync('ip', ['netns', 'exec', NAMESPACE, 'ss', '-Hltn'], { encoding: 'utf8' });
    for (const at of ['10.18.25.10:8443', '10.18.25.10:8080', '10.18.26.10:8883', '[fd18:8:26::a]:8883']) {
      expect(listening).toContain(at);
    }
    for (const pump of ['10.18.20.20', '[fd18:8:20::14]', '10.18.20.21', '[fd18:8:20::15]']) {
      expect(listening).toContain(`${pump}:20080`);
    }
    expect(listening).not.toMatch(/(?:127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|\*):\d/);
    for (const component of [pumps, server, broker, pki]) {
      component.input('{"jsonrpc":"2.0","id":0,"method":"stop"}\n');
      expect(await component.ended).toMatchObject({ code: 0, stderr: '' });
    }
  });

  test('of somebody else, they are refused', async () => {
    makeNamespace(STRANGE, '10.18.26.10/32');
    const broker = startIn(STRANGE, 'serve', 'broker', '--dir', tempFolder(), '--address', '10.18.26.10');
    expect(await broker.ended).toMatchObject({ code: 2, stderr: expect.stringContaining('PR_GUARDRAIL') });
  });
});
