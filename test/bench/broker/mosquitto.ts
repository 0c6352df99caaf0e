import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { Pki } from '../../../pki/index.ts';

export interface Access {
  /** The client id. */
  readonly user: string;
  readonly read?: string;
  readonly write?: string;
}

export interface Mosquitto {
  readonly port: number;
  readonly cpuUs: () => number;
  readonly stop: () => Promise<void>;
}

/** Ticks of /proc/PID/stat: 100 a second on every Linux that Node.js runs on. */
const TICK_US = 10_000;

/** Mosquitto with the same certificates and an access file; `undefined` where it is not installed. */
export async function startMosquitto(
  dir: string,
  pki: Pki,
  access: readonly Access[],
): Promise<Mosquitto | undefined> {
  const program = ['mosquitto', '/usr/sbin/mosquitto'].find(
    (one) => spawnSync(one, ['-h']).error === undefined,
  );
  if (program === undefined || process.platform !== 'linux') return undefined;
  const { chainPem, privateKeyPem, rootPem } = pki.credentialFor({ kind: 'broker', id: 'broker-01' });
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text, { mode: 0o600 });
    return join(dir, name);
  };
  const port = await freePort();
  const lines = access.map(({ user, read, write }) =>
    [`user urn:pumprange:${user}`, read && `topic read ${read}`, write && `topic write ${write}`]
      .filter(Boolean)
      .join('\n'),
  );
  const config = [
    `listener ${port} 127.0.0.1`,
    `cafile ${file('mosquitto-ca.pem', rootPem)}`,
    `certfile ${file('mosquitto-cert.pem', chainPem)}`,
    `keyfile ${file('mosquitto-key.pem', privateKeyPem)}`,
    'require_certificate true',
    'use_identity_as_username true',
    'allow_anonymous false',
    `acl_file ${file('mosquitto-acl', `${lines.join('\n')}\n`)}`,
    'max_inflight_messages 0',
    'max_queued_messages 0',
    'set_tcp_nodelay true',
    // Started by root, it would give up the right to read its files.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
  ];
  const child = spawn(program, ['-c', file('mosquitto.conf', `${config.join('\n')}\n`)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (bytes) => {
    said += bytes;
  });
  for (let tries = 0; !(await answers(port)); tries++) {
    if (tries > 500 || child.exitCode !== null) throw new Error(`mosquitto does not answer: ${said}`);
  }
  return {
    port,
    cpuUs: () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      return (Number(fields[11]) + Number(fields[12])) * TICK_US;
    },
    stop: async () => {
      if (child.exitCode !== null) return;
      const exit = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exit;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => setTimeout(() => resolve(false), 20));
  });
}
