import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Credential } from '../../../pki/index.ts';
import { newKeyPair } from '../../../pki/x509/algorithms.ts';
import { buildCertificationRequest } from '../../../pki/x509/certification-request.ts';
import { type Desk, openDesk } from '../enrolment/desk.ts';
import { PUMP, START_MS } from '../workbench.ts';

const HANG = { timeout: 10_000 };

let desk: Desk;
let sockets: Socket[];
beforeEach(async () => {
  desk = await openDesk({ startMs: START_MS });
  sockets = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await desk.server.stop();
});

function silent(localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port: desk.server.port, host: '127.0.0.1', localAddress });
  sockets.push(socket);
  socket.on('error', () => undefined);
  return once(socket, 'connect').then(() => socket);
}

/** All that is answered on one connection until the server closes it. */
function talk(
  text: string,
  credential?: Credential,
  answered: (socket: Socket) => void = () => undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cert: credential?.chainPem, key: credential?.privateKeyPem, rejectUnauthorized: false };
    const socket = connectTls({ host: '127.0.0.1', port: desk.server.port, ...options }, () => {
      socket.write(text);
    });
    sockets.push(socket);
    let said = '';
    socket.once('data', () => answered(socket));
    socket.on('data', (bytes) => {
      said += bytes;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(said));
    setTimeout(() => reject(new Error('not closed')), HANG.timeout).unref();
  });
}

const statuses = (said: string) => [...said.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
const told = (event: string) => desk.evidence.filter((entry) => entry.event === event);
const CACERTS = 'GET /.well-known/est/cacerts HTTP/1.1\r\nHost: x\r\n\r\n';

test.each(['1.1', '1.0'])(
  'of requests that come at once the first is answered (HTTP/%s)',
  async (version) => {
    const body = buildCertificationRequest('urn:pumprange:pump:LVP-0001', newKeyPair('p256')).toString(
      'base64',
    );
    const request = [
      `POST /.well-known/est/simpleenroll HTTP/${version}`,
      'Host: x',
      'Connection: keep-alive',
      'Content-Type: application/pkcs10',
      `Content-Length: ${body.length}`,
      `\r\n${body}`,
    ].join('\r\n');
    const said = await talk(request.repeat(5), desk.manufacturer.issue({ identity: PUMP }));
    expect(statuses(said)).toEqual(['200']);
    expect(told('enrolment.granted')).toHaveLength(1);
    expect(desk.site.list().filter(({ identity }) => identity.kind === 'pump')).toHaveLength(1);
  },
);

test('requests that come at once from nobody leave one entry', async () => {
  const request = 'POST /.well-known/est/simpleenroll HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
  expect(statuses(await talk(request.repeat(500)))).toEqual(['401']);
  expect(told('enrolment.denied')).toHaveLength(1);
});

test('who sends too much is answered, and not cut while sending the rest', async () => {
  const { chainPem, privateKeyPem } = desk.manufacturer.issue({ identity: PUMP });
  const own = { cert: chainPem, key: privateKeyPem, rejectUnauthorized: false };
  const socket = connectTls({ host: '127.0.0.1', port: desk.server.port, ...own });
  sockets.push(socket);
  const failed = vi.fn();
  socket.on('error', failed);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'secureConnect');
  const head = ['Host: x', 'Content-Type: application/pkcs10', 'Content-Length: 600000', '\r\n'].join('\r\n');
  socket.write(`POST /.well-known/est/simpleenroll HTTP/1.1\r\n${head}`);
  socket.write(Buffer.alloc(20_000));
  const [answer] = await once(socket, 'data');
  expect(statuses(String(answer))).toEqual(['413']);
  for (let sent = 20_000; sent < 600_000; sent += 20_000) {
    socket.write(Buffer.alloc(20_000));
    await setImmediate();
  }
  socket.resume();
  await closed;
  expect(failed).not.toHaveBeenCalled();
  expect(socket.bytesWritten).toBeGreaterThan(600_000);
});

test('who sends too much and then ends, or sends nonsense, is answered once', async () => {
  const head = 'POST /.well-known/est/simpleenroll HTTP/1.1\r\nHost: x\r\n';
  const body = 'x'.repeat(20_000);
  const ended = await talk(`${head}Content-Length: 600000\r\n\r\n${body}`, undefined, (socket) =>
    socket.end(),
  );
  expect(statuses(ended)).toEqual(['401']);
  const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n4e20\r\n${body}\r\n`;
  const nonsense = await talk(chunked, undefined, (socket) => socket.write('no number\r\n'));
  expect(statuses(nonsense)).toEqual(['401']);
});

test('silent connections keep nobody of their address out, and are told of once', async () => {
  for (let round = 0; round < 6; round++) await Promise.all(Array.from({ length: 100 }, silent));
  expect(statuses(await talk(CACERTS))).toEqual(['200']);
  expect(told('connection.ended')).toMatchObject([
    { address: '127.0.0.1', cause: 'more than 128 connections of one address' },
  ]);
});

test('silent connections of many addresses keep nobody out either', async () => {
  for (let host = 2; host < 12; host++) {
    await Promise.all(Array.from({ length: 100 }, () => silent(`127.0.0.${host}`)));
  }
  expect(statuses(await talk(CACERTS))).toEqual(['200']);
  expect(told('connection.ended').map(({ cause }) => cause)).toContain('more than 512 connections');
});

test('requests that never end keep nobody out, while more of them come', async () => {
  const unended = async () => {
    const secure = connectTls({ host: '127.0.0.1', port: desk.server.port, rejectUnauthorized: false });
    sockets.push(secure);
    secure.on('error', () => undefined);
    await once(secure, 'secureConnect');
    secure.write('POST /.well-known/est/simpleenroll HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n');
    await once(secure, 'session');
  };
  await Promise.all(Array.from({ length: 64 }, unended));
  await Promise.all(Array.from({ length: 64 }, unended));
  const honest = connectTls({ host: '127.0.0.1', port: desk.server.port, rejectUnauthorized: false });
  sockets.push(honest);
  honest.on('error', () => undefined);
  await once(honest, 'secureConnect');
  await silent();
  honest.write(CACERTS);
  const [said] = await once(honest, 'data');
  expect(statuses(String(said))).toEqual(['200']);
});

test('a hundred at once are all served', async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => talk(CACERTS)));
  expect(answers.flatMap(statuses)).toEqual(answers.map(() => '200'));
  expect(told('connection.ended')).toEqual([]);
});

test('a handshake that is not over after 10 s is ended; after it there is the time of an exchange', async () => {
  const late = await silent();
  const closed = once(late, 'close');
  const secure = connectTls({ host: '127.0.0.1', port: desk.server.port, rejectUnauthorized: false });
  sockets.push(secure);
  secure.on('error', () => undefined);
  await once(secure, 'secureConnect');
  // The last message of the handshake is the client's; the server has it once it says something itself.
  await once(secure, 'session');
  desk.clock.runTo(START_MS + 9_999);
  expect(told('connection.ended')).toEqual([]);
  desk.clock.runTo(START_MS + 10_000);
  late.resume();
  await closed;
  expect(told('connection.ended')).toMatchObject([{ cause: 'the TLS handshake took too long' }]);
  const over = once(secure, 'close');
  secure.resume();
  expect(secure.closed).toBe(false);
  desk.clock.runTo(START_MS + 30_000);
  await over;
  await vi.waitFor(() => expect(told('connection.ended')).toHaveLength(1), HANG);
});
