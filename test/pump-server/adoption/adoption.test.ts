import { describe, expect, it } from 'vitest';
import { adoptionReportSchema, memoryStore } from '../../../pump-server/index.ts';
import { Bench, FakePump, OTHER, SERIAL, START_MS } from '../fake-link.ts';
import { releaseLibrary } from '../releases/people.ts';

/** A pump that tells of its library. */
class Telling extends FakePump {
  says(event: string, seq: number, detail: object, happenedAtMs: number) {
    const plain = this.event(seq, event);
    return { ...plain, body: { ...plain.body, happenedAt: new Date(happenedAtMs).toISOString(), detail } };
  }

  has(library: string | null, libraryPending: string | null, link: 'online' | 'offline' = 'online') {
    const plain = this.status(link);
    return { ...plain, body: { ...plain.body, library, libraryPending } };
  }
}

const pump = new Telling();
const other = new Telling(OTHER);
const iso = (ms: number): string => new Date(ms).toISOString();

const rowOf = (bench: Bench, serial: string = SERIAL) =>
  bench.server.adoption().pumps.find((row) => row.serial === serial);

describe('the adoption of a library', () => {
  it('goes from missing over pending to in use, since when its pump says', async () => {
    const bench = new Bench();
    bench.online();
    await releaseLibrary(bench, { version: '1.1.0' });
    bench.receive(pump.topic('status'), pump.has('1.0.0', null));
    expect(rowOf(bench)).toMatchObject({
      adoption: 'missing',
      reason: 'has not fetched it yet',
      released: '1.1.0',
    });
    bench.receive(pump.topic('status'), pump.has('1.0.0', '1.1.0'));
    bench.receive(
      pump.topic('event'),
      pump.says('library-pending', 0, { version: '1.1.0' }, START_MS - 5_000),
    );
    expect(rowOf(bench)).toMatchObject({
      adoption: 'pending',
      pending: { version: '1.1.0', since: iso(START_MS - 5_000) },
      reason: 'waits for a power-on with a new patient',
    });
    bench.receive(
      pump.topic('event'),
      pump.says('library-activated', 1, { version: '1.1.0' }, START_MS - 2_000),
    );
    bench.receive(pump.topic('status'), pump.has('1.1.0', null));
    expect(rowOf(bench)).toMatchObject({
      adoption: 'in-use',
      inUse: { version: '1.1.0', since: iso(START_MS - 2_000) },
      pending: null,
      reason: null,
    });
    expect(bench.server.adoption().stragglers).toEqual([]);
  });

  it('is known from the status alone where the log does not come', async () => {
    const bench = new Bench();
    bench.online();
    await releaseLibrary(bench, { version: '1.0.0' });
    bench.receive(pump.topic('status'), pump.has('1.0.0', null));
    expect(rowOf(bench)).toMatchObject({ adoption: 'in-use', inUse: { since: iso(START_MS) } });
  });

  it('says which pumps are behind and why, those that have not fetched it first', async () => {
    const bench = new Bench();
    bench.online();
    await releaseLibrary(bench, { version: '1.1.0' });
    const third = new Telling('LVP-0003' as typeof SERIAL);
    bench.receive(pump.topic('status'), pump.has('1.0.0', '1.1.0'));
    bench.receive(other.topic('status'), other.has('1.0.0', null));
    const refusal = { version: '1.1.0', reason: '1 of 2 signed', control: 'dual-approval' };
    bench.receive(other.topic('event'), other.says('library-refused', 0, refusal, START_MS));
    bench.receive(third.topic('status'), third.has(null, null, 'offline'));
    expect(bench.server.adoption().stragglers).toEqual([OTHER, third.serial, SERIAL]);
    expect(rowOf(bench, OTHER)?.reason).toBe('refused it: 1 of 2 signed');
    expect(rowOf(bench, third.serial)).toMatchObject({ reason: 'is offline', inUse: null });
  });

  it('says nothing of pumps for which nothing is released', () => {
    const bench = new Bench();
    bench.online();
    bench.receive(pump.topic('status'), pump.has('1.0.0', null));
    expect(rowOf(bench)).toMatchObject({ adoption: 'nothing-released', released: null });
    expect(bench.server.adoption().stragglers).toEqual([]);
  });

  it('follows its schema, and is the same from a store that another server goes on with', async () => {
    const store = memoryStore();
    const bench = new Bench({ store });
    bench.online();
    await releaseLibrary(bench, { version: '1.1.0' });
    bench.receive(pump.topic('status'), pump.has('1.0.0', '1.1.0'));
    bench.receive(
      pump.topic('event'),
      pump.says('library-pending', 0, { version: '1.1.0' }, START_MS - 5_000),
    );
    const report = bench.server.adoption();
    expect(adoptionReportSchema.parse(report)).toEqual(report);
    expect(new Bench({ store }).server.adoption()).toEqual(report);
  });

  it('is written once for what a pump repeats', () => {
    const memory = memoryStore();
    let puts = 0;
    const put: typeof memory.adoption.put = (facts) => {
      puts += 1;
      memory.adoption.put(facts);
    };
    const store = { ...memory, adoption: { ...memory.adoption, put } };
    const bench = new Bench({ store });
    bench.online();
    for (let time = 0; time < 3; time += 1) {
      bench.receive(pump.topic('status'), pump.has('1.0.0', null));
      bench.receive(pump.topic('event'), pump.says('library-activated', 0, { version: '1.0.0' }, START_MS));
    }
    expect(store.adoption.changes().map(({ source }) => source)).toEqual(['status', 'event']);
    expect(puts).toBe(1);
  });
});
