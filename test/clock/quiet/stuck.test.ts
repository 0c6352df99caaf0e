import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HeapClock, QuietWire, WireNotQuietError } from '../../../clock/index.ts';
import { PumprangeError } from '../../../protocol/index.ts';
import { runLockstep } from '../../../scenarios/engine/lockstep.ts';

/** Plain TCP, each end watched by hand, so that every rule can be broken by itself. */

const PATIENCE_MS = 300;
let wire: QuietWire;
let listener: Server;
const sockets: Socket[] = [];

beforeEach(async () => {
  wire = new QuietWire({ patienceMs: PATIENCE_MS });
  listener = createServer({ allowHalfOpen: true });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => listener.close(resolve));
});

async function pair(localPort?: number): Promise<{ client: Socket; server: Socket }> {
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  const accepted = new Promise<Socket>((resolve) => listener.once('connection', resolve));
  const client = connect({ port: address.port, host: '127.0.0.1', ...(localPort ? { localPort } : {}) });
  const server = await accepted;
  if (client.connecting) await new Promise((resolve) => client.once('connect', resolve));
  sockets.push(client, server);
  return { client, server };
}

const failure = (): Promise<WireNotQuietError> =>
  wire.settle().then(
    () => Promise.reject(new Error('it settled')),
    (error: unknown) => (error instanceof WireNotQuietError ? error : Promise.reject(error)),
  );

const aTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const portOf = (socket: Socket): string => `:${socket.localPort} `;

test('work that never ends is named', async () => {
  wire.hold('the signature of an order', () => new Promise(() => undefined));
  const error = await failure();
  expect(error.holder).toBe('the signature of an order');
  expect(error.message).toContain('the signature of an order');
  expect(error.waitedMs).toBe(PATIENCE_MS);
});

test('the lockstep turns it into a coded error with the simulated time, and does not move', async () => {
  const clock = new HeapClock(5_000);
  clock.at(6_000, () => void wire.hold('storage', () => new Promise(() => undefined)));
  const error = await runLockstep(clock, wire, 10_000, () => undefined).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(PumprangeError);
  expect(error).toMatchObject({ code: 'PR_WIRE_NOT_QUIET' });
  expect(String(error)).toMatch(/storage.*6000 ms/);
  expect(clock.now()).toBe(6_000);
});

test('bytes that nobody reads hold it up, and are counted', async () => {
  const { client, server } = await pair();
  wire.watch('client', client);
  wire.watch('server', server);
  client.write('unread');
  const error = await failure();
  expect(error.holder).toContain(portOf(client));
  expect(error.holder).toMatch(/6 bytes on their way to the server|bytes in a buffer/);
  server.resume();
  await wire.settle();
  server.write('answer');
  expect((await failure()).holder).toMatch(/6 bytes on their way to the client|bytes in a buffer/);
});

test('bytes that were read and wait in a buffer hold it up', async () => {
  const { client, server } = await pair();
  wire.watch('client', client);
  wire.watch('server', server);
  server.on('readable', () => undefined); // reads from the kernel, and leaves it there
  client.write('unparsed');
  expect((await failure()).holder).toContain('bytes in a buffer');
  expect(server.read()).not.toBeNull();
  await wire.settle();
});

test('a client whose server end never comes is named', async () => {
  const { client } = await pair();
  wire.watch('client', client);
  const error = await failure();
  expect(error.holder).toContain('the server end is not there');
  expect(error.holder).toContain(portOf(client));
  client.destroy();
  await wire.settle();
});

test('a server end alone belongs to a foreign client and does not block for ever', async () => {
  const { client, server } = await pair();
  wire.watch('server', server);
  await wire.settle();
  client.write('of which nothing can be known');
  await wire.settle();
});

test('a client end that comes after its server end is waited for', async () => {
  const { client, server } = await pair();
  wire.watch('server', server);
  let settled = false;
  const settling = wire.settle().then(() => {
    settled = true;
  });
  for (let turn = 0; turn < 10; turn++) await aTurn();
  expect(settled).toBe(false);
  wire.watch('client', client);
  client.write('hello');
  server.resume();
  await settling;
  expect(server.bytesRead).toBe(5);
});

test('one closed end holds it up until the other one has closed too', async () => {
  const { client, server } = await pair();
  wire.watch('client', client);
  wire.watch('server', server);
  server.on('error', () => undefined);
  client.destroy();
  expect((await failure()).holder).toContain('only one end is closed');
  server.destroy();
  await wire.settle();
});

test('both ends closed are done with, whatever was still under way between them', async () => {
  const { client, server } = await pair();
  wire.watch('client', client);
  wire.watch('server', server);
  server.on('error', () => undefined);
  client.write('never read');
  client.destroy();
  server.destroy();
  await wire.settle();
  expect(client.closed && server.closed).toBe(true);
});

test('a port that the kernel gives away anew is another connection', async () => {
  const old = await pair();
  wire.watch('client', old.client);
  wire.watch('server', old.server);
  // Its buffer is full and it reads no more, so it does not learn that its peer is gone.
  old.server.on('readable', () => undefined);
  old.server.on('error', () => undefined);
  old.client.write(Buffer.alloc(1_000_000));
  while (old.server.readableLength < old.server.readableHighWaterMark) await aTurn();
  const port = old.client.localPort;
  old.client.resetAndDestroy();
  const next = await pair(port);
  expect(next.client.localPort).toBe(port);
  wire.watch('client', next.client);
  wire.watch('server', next.server);
  next.client.write('new');
  expect((await failure()).holder).toMatch(/3 bytes on their way|bytes in a buffer/);
  next.server.resume();
  await wire.settle();
  // The end of the old one says nothing about the new one.
  expect(old.server.closed).toBe(false);
  old.server.destroy();
  while (!old.server.closed) await aTurn();
  next.server.pause();
  next.client.write('more');
  expect((await failure()).holder).toContain(portOf(next.client));
});

test('a socket that has closed before it is watched holds nothing up', async () => {
  const { client, server } = await pair();
  client.destroy();
  server.destroy();
  await Promise.all(
    [client, server].map((one) => one.closed || new Promise((resolve) => one.once('close', resolve))),
  );
  wire.watch('client', client);
  wire.watch('server', server);
  await wire.settle();
});

test('slow progress is not taken for none', async () => {
  const { client, server } = await pair();
  wire.watch('client', client);
  wire.watch('server', server);
  server.resume();
  let left = 8;
  const drip = (): Promise<void> =>
    new Promise((resolve) =>
      setTimeout(() => {
        client.write('x');
        left -= 1;
        resolve(left > 0 ? drip() : undefined);
      }, PATIENCE_MS / 2),
    );
  await wire.settle();
  const dripping = wire.hold('a slow sender', drip);
  await wire.settle();
  await dripping;
  expect(server.bytesRead).toBe(8);
});

test('once live, nothing is watched or held', async () => {
  const { client, server } = await pair();
  wire.watch('client', client);
  wire.watch('server', server);
  wire.goLive();
  client.write('unread');
  await expect(wire.hold('work', () => Promise.resolve(7))).resolves.toBe(7);
  await wire.settle();
});
