import { PassThrough } from 'node:stream';
import { generate } from 'mqtt-packet';
import { expect, test } from 'vitest';
import { Gate } from '../../broker/wire/gate.ts';
import { HeapClock } from '../../clock/index.ts';

const CONNACK = Buffer.of(0x20, 2, 0, 0);
const publish = (payload: string): Buffer =>
  generate({ cmd: 'publish', topic: 't', payload, qos: 0, dup: false, retain: false });

function openGate(): { gate: Gate; pieces: Buffer[] } {
  const transport = new PassThrough();
  const pieces: Buffer[] = [];
  transport.on('data', (piece: Buffer) => pieces.push(piece));
  const gate = new Gate({
    transport,
    clock: new HeapClock(0),
    outgoingBytes: undefined,
    stalledMs: undefined,
  });
  return { gate, pieces };
}

/** As Aedes' writer does it: a packet in parts, the cork taken off in the next tick. */
function write(gate: Gate, packet: Buffer): void {
  gate.cork();
  process.nextTick(() => gate.uncork());
  gate.write(packet.subarray(0, 1));
  gate.write(packet.subarray(1));
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what is written in one turn of the event loop leaves in one piece, in order', async () => {
  const { gate, pieces } = openGate();
  write(gate, CONNACK);
  await Promise.resolve();
  write(gate, publish('a'));
  await new Promise((resolve) => process.nextTick(resolve));
  write(gate, publish('b'));
  expect(gate.writableLength).toBeGreaterThan(0); // counted as waiting
  await turn();
  expect(pieces).toEqual([Buffer.concat([CONNACK, publish('a'), publish('b')])]);
  write(gate, publish('c'));
  await turn();
  expect(pieces.slice(1)).toEqual([publish('c')]);
});

test('what was written before the end goes out before it', async () => {
  const { gate, pieces } = openGate();
  write(gate, CONNACK);
  write(gate, publish('last'));
  const finished = new Promise((resolve) => gate.once('finish', resolve));
  gate.end();
  await finished;
  expect(Buffer.concat(pieces)).toEqual(Buffer.concat([CONNACK, publish('last')]));
});
