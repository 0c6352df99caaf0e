import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { Broker } from '../../broker/index.ts';
import { DialRefusedError } from '../../protocol/index.ts';
import { openSocket } from '../../simulator/transport/index.ts';
import { type Floor, openFloor, pump, subscribe } from '../helpers/floor.ts';
import { openRaw } from '../helpers/raw-mqtt.ts';

let floor: Floor | undefined;
afterEach(() => floor?.stop());

const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined);
const lastRefusal = () => floor!.evidence.findLast(({ event }) => event === 'session.refused');

describe('stopping', () => {
  test('leaves nothing open: a process that has done so ends by itself', async () => {
    const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
    const child = spawn(
      process.execPath,
      ['--import', path('../pki/store/ts-loader.mjs'), path('stop-child.ts')],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const guard = setTimeout(() => child.kill('SIGKILL'), 25_000);
    let said = '';
    child.stdout.on('data', (bytes) => {
      said += bytes;
    });
    const ended = await new Promise((resolve) =>
      child.once('close', (code, signal) => resolve({ code, signal })),
    );
    clearTimeout(guard);
    expect(ended).toEqual({ code: 0, signal: null });
    expect(JSON.parse(said)).toEqual(Array(2).fill({ clients: 0, closed: 1, nextDueMs: null }));
  });

  test('frees the port', async () => {
    floor = await openFloor();
    const { broker } = floor;
    await floor.seat(pump());
    await broker.stop();
    const listener = createServer();
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(broker.port, '127.0.0.1', resolve);
    });
    await new Promise((resolve) => listener.close(resolve));
  });
});

describe('listening', () => {
  const start = (host: string, port: number) =>
    Broker.start({
      clock: floor!.clock,
      host,
      port,
      credential: floor!.pki.issue({ identity: { kind: 'broker', id: 'broker-02' } }),
      judge: floor!.pki.judge({ revocation: true }),
      controls: new Set(['mutual-tls']),
      evidence: () => undefined,
    });

  test('on a port that is taken is a coded error', async () => {
    floor = await openFloor();
    await expect(start('127.0.0.1', floor.broker.port)).rejects.toMatchObject({ code: 'PR_PORT_IN_USE' });
  });

  test.each(['0.0.0.0', '::', '192.0.2.1', 'example.org'])('on %s is beyond the guardrail', async (host) => {
    floor = await openFloor();
    await expect(start(host, 0)).rejects.toMatchObject({ code: 'PR_GUARDRAIL' });
  });
});

describe('without TLS', () => {
  test('there is no listener where `mutual-tls` is on', async () => {
    floor = await openFloor();
    expect(floor.broker.plaintextPort).toBeUndefined();
  });

  test('a claimed name is believed where it is off, on both listeners', async () => {
    floor = await openFloor({ without: ['mutual-tls'] });
    expect(floor.broker.plaintextPort).toBeGreaterThan(0);
    const plain = await floor.seat(pump('LVP-0007'), { listener: 'plaintext' });
    expect(await subscribe(floor, plain, 'pumps/LVP-0007/command', 'pumps/LVP-0001/command')).toEqual([
      true,
      false,
    ]);
    const named = await floor.seat(pump(), { clientId: 'pump:LVP-0008' });
    expect(await subscribe(floor, named, 'pumps/LVP-0008/command')).toEqual([true]);
    expect(floor.broker.connected()).toEqual([pump('LVP-0007'), pump('LVP-0008')]);
  });
});

describe('a handshake', () => {
  const attempt = async (options: ConnectionOptions): Promise<void> => {
    const { broker, wire } = floor!;
    const known = floor!.evidence.length;
    const socket = connectTls({
      host: '127.0.0.1',
      port: broker.port,
      rejectUnauthorized: false,
      ...options,
    });
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('close', resolve));
    // A foreign client: the broker's side of it ends in its own time.
    while (floor!.evidence.length === known) await new Promise((resolve) => setImmediate(resolve));
    await wire.settle();
  };

  test.each(['TLSv1', 'TLSv1.1'] as const)('of %s is refused, once, by `modern-tls`', async (version) => {
    floor = await openFloor();
    await attempt({ minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' });
    expect(floor.evidence.filter(({ event }) => event === 'session.refused')).toMatchObject([
      {
        ...{ control: 'modern-tls', outcome: 'denied', address: '127.0.0.1' },
        // Without addresses and lines of a source, which no two transcripts would share.
        cause: 'the TLS handshake failed: unsupported protocol',
      },
    ]);
    expect(floor.broker.counts().denied).toBe(1);
  });

  test('without forward secrecy is refused by `modern-tls`', async () => {
    floor = await openFloor();
    await attempt({ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' });
    expect(lastRefusal()).toMatchObject({ control: 'modern-tls' });
  });

  test('of TLS 1.1 is taken where `modern-tls` is off', async () => {
    floor = await openFloor({ without: ['modern-tls'] });
    const credential = floor.pki.issue({ identity: pump() });
    const socket = connectTls({
      host: '127.0.0.1',
      port: floor.broker.port,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
      cert: credential.chainPem,
      key: credential.privateKeyPem,
    });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    expect(socket.getProtocol()).toBe('TLSv1.1');
    socket.destroy();
  });

  test('that breaks off is recorded once, with its address', async () => {
    floor = await openFloor();
    const socket = connectTls({ host: '127.0.0.1', port: floor.broker.port, rejectUnauthorized: false });
    socket.on('error', () => undefined);
    socket.once('connect', () => socket.destroy());
    while (lastRefusal() === undefined) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(floor.evidence.filter(({ event }) => event === 'session.refused')).toMatchObject([
      { outcome: 'denied', address: '127.0.0.1', control: null },
    ]);
  });

  test('that is no TLS at all is recorded once, and no control is credited with it', async () => {
    floor = await openFloor();
    const socket = connect(floor.broker.port, '127.0.0.1', () => socket.end('GET / HTTP/1.1\r\n\r\n'));
    socket.on('error', () => undefined);
    socket.resume();
    while (lastRefusal() === undefined) await new Promise((resolve) => setImmediate(resolve));
    expect(floor.evidence.filter(({ event }) => event === 'session.refused')).toMatchObject([
      { control: null, address: '127.0.0.1', cause: expect.stringMatching(/TLS handshake/) },
    ]);
  });

  test('without a certificate is refused by `mutual-tls`', async () => {
    floor = await openFloor();
    const client = await openRaw(floor, undefined);
    expect(client.socket.closed).toBe(true);
    expect(lastRefusal()).toMatchObject({
      control: 'mutual-tls',
      cause: 'no-certificate: no certificate was presented',
    });
  });
});

describe('the server', () => {
  const dialAs = async (without: 'server-identity'[]) => {
    const { clock, wire, pki } = floor!;
    // Issued to a pump by the same authority: what a stolen pump could set up.
    const rogue = await Broker.start({
      clock,
      settling: wire,
      host: '127.0.0.1',
      port: 0,
      credential: pki.issue({ identity: pump('LVP-0666') }),
      judge: pki.judge({ revocation: true }),
      controls: new Set(['mutual-tls']),
      evidence: () => undefined,
    });
    const opening = openSocket({
      clock,
      settling: wire,
      endpoint: { host: '127.0.0.1', port: rogue.port, listener: 'tls' },
      credential: pki.issue({ identity: pump() }),
      judge: pki.judge({ revocation: true }),
      controls: new Set(without.length > 0 ? [] : ['server-identity']),
    });
    quietly(opening);
    await wire.settle();
    return { opening, rogue };
  };

  test('that is no broker is refused by `server-identity`, and both ends close', async () => {
    floor = await openFloor();
    const { opening, rogue } = await dialAs([]);
    const error = await opening.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DialRefusedError);
    expect(error).toMatchObject({ control: 'server-identity' });
    await rogue.stop();
  });

  test('is anybody where `server-identity` is off', async () => {
    floor = await openFloor();
    const { opening, rogue } = await dialAs(['server-identity']);
    expect((await opening).closed).toBe(false);
    await rogue.stop();
  });
});
