import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { PumprangeError } from '../../protocol/index.ts';
import { InvalidParamsError } from '../../testbed/control-port.ts';
import {
  type ControlSocket,
  controlSocketPath,
  type Notify,
  openControlSocket,
} from '../../testbed/control-socket.ts';
import { LineSplitter, LONGEST_LINE_BYTES } from '../../testbed/line-splitter.ts';
import { tempFolder } from '../helpers/command.ts';

const open: ControlSocket[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const one of open.splice(0)) await one.close();
});

/** A control socket that echoes, in a folder of its own. */
async function start(dir = tempFolder()) {
  const notifiers: Notify[] = [];
  let closed = 0;
  let echoed = 0;
  const control = await openControlSocket(dir, (notify) => {
    notifiers.push(notify);
    return {
      methods: {
        echo: (params) => {
          echoed += 1;
          return params;
        },
        refuse: () => {
          throw new InvalidParamsError('not this');
        },
        coded: () => {
          throw new PumprangeError('PR_PUMP_UNKNOWN', 'no such pump');
        },
        fail: () => Promise.reject(new Error('it failed')),
      },
      close: () => {
        closed += 1;
      },
    };
  });
  open.push(control!);
  return {
    dir,
    path: control!.path,
    control: control!,
    notifiers,
    closed: () => closed,
    echoed: () => echoed,
  };
}

/** A client that keeps every line it is told. */
function connect(path: string) {
  const socket = createConnection(path);
  sockets.push(socket);
  const lines: string[] = [];
  const splitter = new LineSplitter();
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => lines.push(...splitter.take(bytes).map(String)));
  const answers = () => lines.map((line) => JSON.parse(line));
  return {
    socket,
    lines,
    answers,
    ask: (id: number, method: string, params?: unknown) =>
      socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`),
    answerTo: (id: number) =>
      expect
        .poll(() => answers().find((answer) => answer.id === id), { timeout: 20_000, interval: 5 })
        .toBeDefined()
        .then(() => answers().find((answer) => answer.id === id)),
  };
}

describe('the control socket of a ward', () => {
  it('is for this user only, from its first moment, and gone when it is closed', async () => {
    const { path, control } = await start();
    expect(lstatSync(path).isSocket()).toBe(true);
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
    await control.close();
    expect(existsSync(path)).toBe(false);
  });

  it('takes the place of one that a killed process left, and of nothing else', async () => {
    const dir = tempFolder();
    const path = join(dir, 'control.sock');
    const listen = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', listen, path]);
    expect(lstatSync(path).isSocket()).toBe(true);
    const { path: opened } = await start(dir);
    const client = connect(opened);
    client.ask(1, 'echo', 'here');
    expect(await client.answerTo(1)).toEqual({ jsonrpc: '2.0', id: 1, result: 'here' });

    const other = tempFolder();
    writeFileSync(join(other, 'control.sock'), 'mine');
    await expect(start(other)).rejects.toMatchObject({ code: 'PR_DISK' });
    expect(existsSync(join(other, 'control.sock'))).toBe(true);
  });

  it('says when the name of the folder is too long for a socket', async () => {
    const dir = join(tempFolder(), 'a'.repeat(120));
    mkdirSync(dir);
    expect(() => controlSocketPath(dir)).toThrow(expect.objectContaining({ code: 'PR_DIR_TOO_LONG' }));
    await expect(start(dir)).rejects.toMatchObject({ code: 'PR_DIR_TOO_LONG' });
  });

  it('answers errors with their JSON-RPC code, and coded ones with theirs too', async () => {
    const client = connect((await start()).path);
    client.ask(1, 'refuse');
    client.ask(2, 'coded');
    client.ask(3, 'fail');
    client.ask(4, 'no-such-method');
    client.ask(5, 'constructor');
    expect(await client.answerTo(1)).toMatchObject({ error: { code: -32_602, message: 'not this' } });
    expect(await client.answerTo(2)).toMatchObject({ error: { data: { code: 'PR_PUMP_UNKNOWN' } } });
    expect(await client.answerTo(3)).toMatchObject({ error: { code: -32_603, message: 'it failed' } });
    expect(await client.answerTo(4)).toMatchObject({ error: { code: -32_601 } });
    expect(await client.answerTo(5)).toMatchObject({ error: { code: -32_601 } });
  });

  it('takes any bytes, each line for itself, and goes on', async () => {
    const { path } = await start();
    let id = 0;
    const junk = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .constantFrom('{"jsonrpc":"2.0"', '[]', 'null', '{"jsonrpc":"2.0","id":{},"method":"echo"}')
        .map((text) => Buffer.from(text)),
    );
    const client = connect(path);
    await fc.assert(
      fc.asyncProperty(fc.array(junk, { maxLength: 8 }), async (pieces) => {
        for (const piece of pieces) client.socket.write(Buffer.concat([piece, Buffer.from('\n')]));
        id += 1;
        client.ask(id, 'echo', id);
        expect(await client.answerTo(id)).toMatchObject({ result: id });
        for (const answer of client.answers())
          if (answer.id === null) expect(answer.error.code).toBe(-32_700);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps no line that is too long, and reads on after it', async () => {
    const client = connect((await start()).path);
    client.socket.write(Buffer.alloc(5 * LONGEST_LINE_BYTES, 'x'));
    client.socket.write('\n');
    client.ask(1, 'echo', 'after');
    expect(await client.answerTo(1)).toMatchObject({ result: 'after' });
    expect(client.answers().filter(({ id }) => id === null)).toHaveLength(1);
  });

  it('puts half lines together', async () => {
    const client = connect((await start()).path);
    const text = `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'echo', params: 'µ½' })}\n`;
    for (const byte of Buffer.from(text)) client.socket.write(Buffer.from([byte]));
    expect(await client.answerTo(1)).toMatchObject({ result: 'µ½' });
  });

  it('answers everybody while one sends ten thousand lines at once, and that one in the end, in order', async () => {
    const { path, echoed } = await start();
    // How much is done between two turns of the event loop: the ward has them all.
    let most = 0;
    let before = 0;
    const look = (): void => {
      most = Math.max(most, echoed() - before);
      before = echoed();
      turn = setImmediate(look);
    };
    let turn = setImmediate(look);
    const flood = connect(path);
    const other = connect(path);
    const many = Array.from(
      { length: 10_000 },
      (_, index) => `{"jsonrpc":"2.0","id":${index + 1},"method":"echo"}\n`,
    );
    flood.socket.write(many.join(''));
    await flood.answerTo(1);
    other.ask(1, 'echo', 'still here');
    await other.answerTo(1);
    expect(flood.lines.length).toBeLessThan(10_000);
    await expect.poll(() => flood.lines.length, { timeout: 30_000 }).toBe(10_000);
    clearImmediate(turn);
    expect(flood.answers().map(({ id }) => id)).toEqual(many.map((_, index) => index + 1));
    // A look may fall between two batches of 64.
    expect(most).toBeLessThanOrEqual(128);
  });

  it('answers what was asked before an end, then lets go', async () => {
    const { path, closed } = await start();
    const client = connect(path);
    for (let id = 1; id <= 100; id++) client.ask(id, 'echo', id);
    client.socket.end();
    await expect.poll(() => client.lines.length, { timeout: 10_000 }).toBe(100);
    await expect.poll(closed, { timeout: 10_000 }).toBe(1);
  });

  it('ends one connection when it asks to stop or breaks off, and no other', async () => {
    const { path, closed } = await start();
    const stays = connect(path);
    const stops = connect(path);
    stops.ask(1, 'stop');
    await expect.poll(closed, { timeout: 10_000 }).toBe(1);
    const breaks = connect(path);
    breaks.ask(1, 'echo');
    await breaks.answerTo(1);
    breaks.socket.destroy();
    await expect.poll(closed, { timeout: 10_000 }).toBe(2);
    stays.ask(1, 'echo', 'yes');
    expect(await stays.answerTo(1)).toMatchObject({ result: 'yes' });
  });

  it('cuts off whoever does not read what is said', async () => {
    const { path, notifiers, closed } = await start();
    const deaf = connect(path);
    await expect.poll(() => notifiers.length, { timeout: 10_000 }).toBe(1);
    deaf.socket.pause();
    const fact = 'x'.repeat(10_000);
    for (let count = 0; count < 500; count++) notifiers[0]!('fact', fact);
    await expect.poll(closed, { timeout: 10_000 }).toBe(1);
  });
});

describe('a line splitter', () => {
  it('keeps a line of the greatest length and none beyond, whatever comes in between', () => {
    const line = Buffer.alloc(LONGEST_LINE_BYTES, 'x');
    const splitter = new LineSplitter();
    expect(splitter.take(Buffer.concat([line, Buffer.from('\n')]))).toEqual([line.toString()]);
    expect(splitter.take(line)).toEqual([]);
    expect(splitter.take(Buffer.from('x'))).toEqual([]);
    expect(splitter.take(Buffer.from('x\nnext\n'))).toEqual([null, 'next']);
    expect(splitter.rest()).toEqual([]);
  });

  it('gives the same lines however the bytes come', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replaceAll(/[\r\n]/g, ' ')),
        ),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }),
        (lines, sizes) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const splitter = new LineSplitter();
          const found: (string | null)[] = [];
          for (let from = 0, turn = 0; from < bytes.length; turn++) {
            const size = sizes[turn % sizes.length]!;
            found.push(...splitter.take(bytes.subarray(from, from + size)));
            from += size;
          }
          expect([...found, ...splitter.rest()]).toEqual(lines);
        },
      ),
    );
  });
});
