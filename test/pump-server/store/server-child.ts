import { writeSync } from 'node:fs';
import { HeapClock } from '../../../clock/index.ts';
import type { Link } from '../../../protocol/index.ts';
import { openServerStore, PumpServer } from '../../../pump-server/index.ts';
import { FakePump, OTHER, SERIAL, START_MS } from '../fake-link.ts';

/** Two pumps that log as fast as the server takes it, and say on standard output which receipts they got, until this is killed. */
const [path = '', ...oldest] = process.argv.slice(2);
const pumps = [SERIAL, OTHER].map((serial, index) => ({
  pump: new FakePump(serial),
  seq: Number(oldest[index] ?? 0),
}));

const link: Link = {
  publish: (topic, payload) => {
    const upTo = /^pumps\/(.+)\/receipt$/.exec(topic)?.[1];
    if (upTo !== undefined) writeSync(1, `${upTo} ${JSON.parse(String(payload)).body.upToSeq}\n`);
    return Promise.resolve();
  },
  subscribe: () => Promise.resolve(true),
  end: () => undefined,
  cut: () => undefined,
};

new PumpServer({
  clock: new HeapClock(START_MS),
  identity: { kind: 'pump-server', id: 'server-01' },
  bootId: `boot-${process.pid}`,
  evidence: () => undefined,
  store: openServerStore(path, { newSeries: false, nowMs: START_MS }),
  afterTurn: setImmediate,
  connect: (handlers) => {
    setImmediate(() => {
      handlers.online(link);
      log(handlers.message);
    });
    return { end: () => undefined, cut: () => undefined };
  },
}).start();

/** A few records of each pump in a turn, so that they share a transaction. */
function log(receive: (topic: string, payload: Buffer, retained: boolean) => void): void {
  for (const each of pumps) {
    for (let count = 0; count < 5; count += 1, each.seq += 1) {
      receive(each.pump.topic('event'), Buffer.from(JSON.stringify(each.pump.event(each.seq))), false);
    }
  }
  setImmediate(() => log(receive));
}
