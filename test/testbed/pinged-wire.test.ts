import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { PingedWire } from '../../testbed/pinged-wire.ts';

const CONNACK = Uint8Array.of(0x20, 2, 0, 0);
const PINGREQ = Uint8Array.of(0xc0, 0);
const PINGRESP = Uint8Array.of(0xd0, 0);
const PUBACK = Uint8Array.of(0x40, 2, 0, 1);

/** A connection whose broker answers when the test says so. */
class Wire extends EventEmitter {
  readonly closed = false;
  readonly bytesRead = 0;
  readonly bytesWritten = 0;
  readonly writableLength = 0;
  pings = 0;
  write(chunk: Uint8Array | string): boolean {
    if (chunk[0] === PINGREQ[0]) this.pings += 1;
    return true;
  }
  says(...packets: Uint8Array[]): void {
    for (const packet of packets) this.emit('data', Buffer.from(packet));
  }
}

function watched() {
  const wire = new PingedWire({ patienceMs: 60_000 });
  const socket = new Wire();
  wire.watch('client', socket as never);
  socket.says(CONNACK);
  const settled = { is: false };
  const settle = (): void => {
    settled.is = false;
    void wire.settle().then(() => {
      settled.is = true;
    });
  };
  /** Until the wire has asked so many times in all, or has settled. */
  const asked = (times: number) => expect.poll(() => socket.pings >= times || settled.is).toBe(true);
  return { socket, settled, settle, asked };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
};

async function atRest() {
  const all = watched();
  all.settle();
  for (const times of [1, 2]) {
    await all.asked(times);
    all.socket.says(PINGRESP);
  }
  await expect.poll(() => all.settled.is).toBe(true);
  return all;
}

test('is quiet after two rounds that carried nothing else', async () => {
  const { socket, settled, settle, asked } = watched();
  settle();
  await asked(1);
  expect([socket.pings, settled.is]).toEqual([1, false]);
  socket.says(PINGRESP);
  await asked(2);
  socket.says(PUBACK, PINGRESP);
  // That was something else.
  await asked(3);
  socket.says(PINGRESP);
  await asked(4);
  expect(settled.is).toBe(false);
});

test('asks nobody when nothing was said since', async () => {
  const { socket, settled, settle } = await atRest();
  settle();
  await expect.poll(() => settled.is).toBe(true);
  expect(socket.pings).toBe(2);
});

test('waits for the answer to a ping of whoever has the socket, and takes it for none of its own', async () => {
  const { socket, settled, settle } = await atRest();
  socket.write(PINGREQ);
  settle();
  await turns();
  expect(settled.is).toBe(false);
  // One answer for two pings.
  socket.says(PINGRESP);
  await turns();
  expect([socket.pings, settled.is]).toEqual([4, false]);
});
