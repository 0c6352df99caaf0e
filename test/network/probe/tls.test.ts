import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { HELLO_MQTT } from '../../../network/probe/hello.ts';
import { probeTls } from '../../../network/probe/tls.ts';
import { createMemoryPki } from '../../../pki/index.ts';
import { type Identity, KINDS, type Kind } from '../../../protocol/index.ts';
import { type Floor, openFloor } from '../../helpers/floor.ts';
import { freePort } from '../../helpers/free-port.ts';

const ADMITTED: readonly Kind[] = ['pump', 'pump-server', 'nurse-station', 'gateway', 'observer', 'vendor'];

describe('a TLS handshake with a broker', () => {
  let floor: Floor;
  beforeAll(async () => {
    // OpenSSL knows real time only.
    floor = await openFloor({ lockstep: false, startMs: Date.now() });
  });
  afterAll(() => floor.stop());

  const shake = (identity: Identity | undefined, more: object = {}) => {
    const credential = identity && floor.pki.issue({ identity });
    return probeTls({
      ...{ kind: 'tls', from: '127.20.0.7', to: '127.0.0.1', port: floor.broker.port, say: HELLO_MQTT },
      ...(credential && { credential }),
      ...more,
    });
  };

  it.each(KINDS)('with the certificate of a %s', async (kind) => {
    const answer = await shake({ kind, id: 'PROBE-01' });
    expect(answer.outcome).toBe(ADMITTED.includes(kind) ? 'accepted' : 'refused');
    expect(answer.detail).toBe(ADMITTED.includes(kind) ? 'TLSv1.3' : 'hung up after the handshake');
  });

  it('without a certificate', async () => {
    expect(await shake(undefined)).toMatchObject({
      outcome: 'refused',
      detail: 'hung up after the handshake',
    });
  });

  it('opens no session, whoever asks', async () => {
    const before = floor.broker.counts().clients;
    await shake({ kind: 'observer', id: 'PROBE-02' });
    expect(floor.broker.counts().clients).toBe(before);
    expect(floor.evidence.filter(({ event }) => event === 'session.opened')).toEqual([]);
  });

  it('judges the server, too, where it knows whom to trust', async () => {
    const own = floor.pki.issue({ identity: { kind: 'observer', id: 'PROBE-03' } });
    const stranger = createMemoryPki({ clock: floor.clock }).issue({ identity: { kind: 'pump', id: 'X-1' } });
    const identity: Identity = { kind: 'observer', id: 'PROBE-03' };
    expect(await shake(identity, { rootPem: own.rootPem })).toMatchObject({ outcome: 'accepted' });
    expect(await shake(identity, { rootPem: stranger.rootPem })).toMatchObject({
      outcome: 'refused',
      detail: expect.stringMatching(/^by us: the server's certificate, /),
    });
  });

  it('reads the alert of a server that sends one', async () => {
    const { chainPem, privateKeyPem, rootPem } = floor.pki.issue({ identity: { kind: 'broker', id: 'b-2' } });
    const server = createTlsServer({ cert: chainPem, key: privateKeyPem, ca: rootPem, requestCert: true });
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await shake(undefined, { port })).toMatchObject({
      outcome: 'refused',
      detail: 'alert certificate required after the handshake',
    });
    expect(await shake(undefined, { port, say: undefined })).toMatchObject({ outcome: 'refused' });
  });

  it('tells what is no TLS from what is not there', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).end('PUMPRANGE CONSOLE/1\n'));
    server.listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await shake(undefined, { port })).toMatchObject({ outcome: 'refused' });
    expect(await shake(undefined, { port: await freePort() })).toMatchObject({
      outcome: 'unreachable',
      detail: 'ECONNREFUSED',
    });
  });
});
