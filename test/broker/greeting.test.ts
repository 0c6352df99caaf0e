import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Gate } from '../../broker/wire/gate.ts';
import { HeapClock } from '../../clock/index.ts';

const CONNACK = [0x20, 2, 0, 0];
const publish = (letter: string): number[] => [0x30, 4, 0, 1, 0x74, letter.charCodeAt(0)];

test.each([
  ['one by one', [publish('a'), publish('b'), CONNACK, publish('c')]],
  ['in one piece', [[...publish('a'), ...publish('b'), ...CONNACK, ...publish('c')]]],
])('CONNACK goes out first, whatever Aedes said before it: %s', async (_, chunks) => {
  const transport = new PassThrough();
  const gate = new Gate({
    transport,
    clock: new HeapClock(0),
    outgoingBytes: undefined,
    stalledMs: undefined,
  });
  for (const chunk of chunks) gate.write(Buffer.from(chunk));
  await new Promise((resolve) => setImmediate(resolve));
  expect([...(transport.read() as Buffer)]).toEqual([
    ...CONNACK,
    ...publish('a'),
    ...publish('b'),
    ...publish('c'),
  ]);
});
