import { describe, expect, it } from 'vitest';
import { PumprangeError } from '../../protocol/index.ts';
import { memoryRecords } from '../../pump-server/event-store/record-store.ts';
import { memoryStore } from '../../pump-server/index.ts';
import { Bench, FakeLink, FakePump, OTHER, SERIAL, START_MS, turns } from './fake-link.ts';

const pump = new FakePump();

describe('PumpServer', () => {
  it('subscribes to what pumps say, telemetry without acknowledgement', () => {
    const bench = new Bench();
    expect(bench.online().subscribed).toEqual([
      ['pumps/+/status', 1],
      ['pumps/+/telemetry', 0],
      ['pumps/+/alarm', 1],
      ['pumps/+/event', 1],
      ['pumps/+/ack', 1],
      ['artifacts/+/request/+', 1],
    ]);
  });

  it('tells of a subscription that the broker refused, but not of one that ended with its link', async () => {
    const bench = new Bench();
    const link = new FakeLink();
    link.refused = ['pumps/+/alarm'];
    bench.online(link);
    await turns();
    expect(bench.seen('subscription.refused').map(({ object }) => object)).toEqual(['pumps/+/alarm']);
    bench.online(link);
    bench.offline();
    await turns();
    expect(bench.seen('subscription.refused')).toHaveLength(1);
  });

  it('receipts what it has stored, cumulatively and to the pump', () => {
    const bench = new Bench();
    const link = bench.online();
    bench.receive(pump.topic('alarm'), pump.alarm(0));
    bench.receive(pump.topic('event'), pump.event(2));
    bench.receive(pump.topic('event'), pump.event(1));
    expect(link.receipts()).toEqual([0, 2]);
    const [receipt] = link.on('pumps/LVP-0001/receipt');
    expect(receipt).toMatchObject({ qos: 1, retain: false });
    expect(JSON.parse(receipt!.payload.toString())).toMatchObject({
      type: 'receipt',
      from: 'urn:pumprange:pump-server:server-01',
      to: 'urn:pumprange:pump:LVP-0001',
      bootId: 'boot-s',
      seq: 0,
    });
    expect(
      bench.server.stored().map(({ serial, stream, bootId, seq }) => [serial, stream, bootId, seq]),
    ).toEqual([
      [SERIAL, 'alarm', 'boot-1', 0],
      [SERIAL, 'event', 'boot-1', 1],
      [SERIAL, 'event', 'boot-1', 2],
    ]);
  });

  it('receipts a repetition, so that a pump whose receipt was lost can forget', () => {
    const bench = new Bench();
    bench.receive(pump.topic('alarm'), pump.alarm(0)); // no link: the receipt is lost
    const link = bench.online();
    bench.receive(pump.topic('alarm'), pump.alarm(0), true);
    expect(link.receipts()).toEqual([0]);
    expect(bench.server.duplicates).toBe(1);
    expect(bench.server.stored()).toHaveLength(1);
  });

  it('gives no receipt ahead of a gap, and tells of one that stays once', () => {
    const bench = new Bench();
    const link = bench.online();
    bench.receive(pump.topic('event'), pump.event(1));
    bench.receive(pump.topic('event'), pump.event(2));
    expect(link.receipts()).toEqual([]);
    expect(bench.server.gaps()).toEqual([{ serial: SERIAL, fromSeq: 0, toSeq: 0 }]);
    expect(bench.seen('log.gap')).toEqual([]);
    bench.clock.runTo(START_MS + 60_000);
    bench.receive(pump.topic('event'), pump.event(4));
    bench.clock.runTo(START_MS + 120_000);
    expect(bench.seen('log.gap')).toMatchObject([
      {
        visibility: 'blue',
        subject: 'urn:pumprange:pump:LVP-0001',
        cause: 'record 0 is missing; later ones came',
      },
    ]);
    // Another gap is told again.
    bench.receive(pump.topic('alarm'), pump.alarm(0));
    bench.clock.runTo(START_MS + 180_000);
    expect(bench.seen('log.gap').map(({ cause }) => cause)).toEqual([
      'record 0 is missing; later ones came',
      'record 3 is missing; later ones came',
    ]);
  });

  it('finds no gap where messages only overtake each other', () => {
    const bench = new Bench();
    const link = bench.online();
    for (const [late, early] of [
      [0, 1],
      [2, 3],
    ] as const) {
      bench.receive(pump.topic('event'), pump.event(early));
      bench.clock.runTo(bench.clock.now() + 4_999);
      bench.receive(pump.topic('alarm'), pump.alarm(late));
    }
    expect(bench.clock.nextDueMs()).toBeUndefined();
    expect(bench.seen('log.gap')).toEqual([]);
    expect(link.receipts()).toEqual([1, 3]);
  });

  it('closes a gap as lost that the pump can no longer close, and tells of it once', () => {
    const bench = new Bench();
    const link = bench.online();
    bench.receive(pump.topic('event'), pump.event(0));
    for (const seq of [7, 8]) {
      const { body, ...rest } = pump.event(seq);
      bench.receive(pump.topic('event'), { ...rest, body: { ...body, oldestSeq: 7 } });
    }
    expect(link.receipts()).toEqual([0, 7, 8]);
    expect(bench.server.gaps()).toEqual([]);
    expect(bench.seen('log.lost')).toMatchObject([
      {
        source: 'pump-server',
        outcome: 'observed',
        visibility: 'blue',
        subject: 'urn:pumprange:pump:LVP-0001',
        object: 'pumps/LVP-0001/event',
        cause: 'records 1 to 6 are lost: their pump no longer has them',
      },
    ]);
    expect(bench.clock.nextDueMs()).toBeUndefined();
  });

  it('leaves no timer behind when it stops', () => {
    const bench = new Bench();
    bench.online();
    bench.receive(pump.topic('event'), pump.event(1));
    expect(bench.clock.nextDueMs()).toBe(START_MS + 5_000);
    bench.server.stop();
    expect(bench.clock.nextDueMs()).toBeUndefined();
  });

  it('gives no receipt for another record under the same number, and tells of it once a boot', () => {
    const bench = new Bench();
    const link = bench.online();
    bench.receive(pump.topic('event'), pump.event(0));
    const reset = new FakePump(SERIAL, 'boot-2');
    for (let time = 0; time < 3; time += 1) bench.receive(pump.topic('event'), reset.event(0));
    expect(link.receipts()).toEqual([0]);
    expect(bench.seen('log.conflict')).toHaveLength(1);
  });

  it('gives no receipt for what the store did not take, and tells of the full disk once', () => {
    const records = {
      ...memoryRecords(),
      append: () => {
        throw new PumprangeError('PR_DISK', 'full');
      },
    };
    const bench = new Bench({ records });
    const link = bench.online();
    for (let time = 0; time < 3; time += 1) bench.receive(pump.topic('event'), pump.event(0));
    expect(link.receipts()).toEqual([]);
    expect(bench.seen('log.not-stored')).toMatchObject([{ cause: 'PR_DISK' }]);
  });

  it('gives receipts when a turn is over and its records are on the disk, one for all of a pump', () => {
    const turn: (() => void)[] = [];
    let flushes = 0;
    const flush = (): void => {
      flushes += 1;
    };
    const store = { ...memoryStore(), flush };
    const bench = new Bench({ store, afterTurn: (work) => turn.push(work) });
    const link = bench.online();
    for (const seq of [0, 1, 2]) bench.receive(pump.topic('event'), pump.event(seq));
    expect([link.receipts(), flushes, turn.length]).toEqual([[], 0, 1]);
    turn.shift()?.();
    expect([link.receipts(), flushes]).toEqual([[2], 1]);
  });

  it('gives the receipts that a full disk held up when there is room again, and tells of it once', () => {
    let isFull = true;
    const store = {
      ...memoryStore(),
      flush: () => {
        if (isFull) throw new PumprangeError('PR_DISK', 'full');
      },
    };
    const bench = new Bench({ store });
    const link = bench.online();
    for (const seq of [0, 1]) bench.receive(pump.topic('event'), pump.event(seq));
    bench.clock.runTo(START_MS + 5_000);
    expect(link.receipts()).toEqual([]);
    expect(bench.seen('log.not-stored')).toMatchObject([{ cause: 'PR_DISK' }]);
    isFull = false;
    bench.clock.runTo(START_MS + 6_000);
    expect(link.receipts()).toEqual([1]);
  });

  it.each([
    ['status', pump.status()],
    ['telemetry', pump.telemetry()],
    ['alarm', pump.alarm(0)],
    ['event', pump.event(0)],
    ['ack', pump.ack()],
  ])('drops a %s that is not from the pump of its topic', (topic, message) => {
    const bench = new Bench();
    bench.online();
    bench.receive(`pumps/${OTHER}/${topic}`, message);
    expect(bench.evidence).toMatchObject([
      {
        source: 'pump-server',
        event: 'message.misattributed',
        outcome: 'denied',
        visibility: 'blue',
        subject: 'urn:pumprange:pump:LVP-0001',
        object: `pumps/${OTHER}/${topic}`,
      },
    ]);
    expect(bench.server.stored()).toEqual([]);
    expect(bench.server.inventory()).toEqual([]);
    expect(bench.link.published).toEqual([]);
  });

  it.each([
    ['bytes that are no JSON', 'pumps/LVP-0001/event', Buffer.from([0xff, 0x00])],
    ['another type', 'pumps/LVP-0001/event', pump.ack()],
    ['an unknown member', 'pumps/LVP-0001/status', { ...pump.status(), extra: 1 }],
    ['a topic that is none', 'pumps/LVP-0001/nonsense', pump.event(0)],
    ['a topic that is not its own', 'pumps/LVP-0001/patient', pump.event(0)],
    ['too many bytes', 'pumps/LVP-0001/event', Buffer.alloc(70_000, 0x20)],
  ])('drops %s with one entry of evidence', (_what, topic, message) => {
    const bench = new Bench();
    bench.online();
    bench.receive(topic, message);
    expect(bench.evidence).toMatchObject([
      {
        source: 'pump-server',
        event: 'message.malformed',
        outcome: 'denied',
        visibility: 'blue',
        object: topic,
      },
    ]);
    expect(bench.link.published).toEqual([]);
  });

  it.each([
    ['that is too large', pump.topic('event'), pump.event(1, 'x'.repeat(80_000))],
    ['with a member too many', pump.topic('event'), { ...pump.event(1), extra: 1 }],
    ['of another version', pump.topic('alarm'), { ...pump.alarm(1), version: 2 }],
    ['on the topic of the other stream', pump.topic('event'), pump.alarm(1)],
  ])('receipts as lost a record %s, so that those behind it are not held up', (_what, topic, message) => {
    const bench = new Bench();
    const link = bench.online();
    bench.receive(pump.topic('event'), pump.event(0));
    bench.receive(topic, message);
    bench.receive(topic, message);
    bench.receive(pump.topic('event'), pump.event(2));
    expect(link.receipts()).toEqual([0, 1, 1, 2]);
    expect(bench.seen('log.lost')).toMatchObject([
      {
        source: 'pump-server',
        outcome: 'observed',
        subject: 'urn:pumprange:pump:LVP-0001',
        object: topic,
        cause: 'record 1 is lost: what its pump sends for it cannot be read',
      },
    ]);
    expect(bench.seen('message.malformed')).toHaveLength(2);
    expect(bench.seen('log.gap')).toEqual([]);
  });

  it.each([
    ['by another pump', { ...pump.event(0), from: 'urn:pumprange:pump:LVP-0002', extra: 1 }],
    ['by nobody', { type: 'event', seq: 0 }],
    ['without a number', { ...pump.event(0), seq: -1 }],
    ['of a stream with numbers of its own', { ...pump.status(), seq: 0 }],
    ['larger than anybody reads', pump.event(0, 'x'.repeat(1_100_000))],
  ])('gives no receipt for an unreadable record %s', (_what, message) => {
    const bench = new Bench();
    bench.online();
    bench.receive(pump.topic('event'), message);
    expect(bench.link.published).toEqual([]);
    expect(bench.seen('log.lost')).toEqual([]);
  });

  it('takes all that a pump says without evidence', () => {
    const bench = new Bench();
    bench.online();
    bench.receive(pump.topic('status'), pump.status(), true);
    bench.receive(pump.topic('telemetry'), pump.telemetry());
    bench.receive(pump.topic('alarm'), pump.alarm(0));
    bench.receive(pump.topic('event'), pump.event(1));
    bench.receive(pump.topic('ack'), pump.ack());
    expect(bench.evidence).toEqual([]);
    expect(bench.server.inventory()).toMatchObject([
      { serial: SERIAL, status: { careArea: 'adult-icu' }, telemetry: { power: 'mains' } },
    ]);
  });

  it('says goodbye or is cut, and says nothing afterwards', () => {
    const bench = new Bench();
    const link = bench.online();
    bench.server.stop();
    bench.receive(pump.topic('alarm'), pump.alarm(0));
    expect(bench.ended).toEqual(['end']);
    expect(link.published).toEqual([]);
    const other = new Bench();
    other.server.cut();
    expect(other.ended).toEqual(['cut']);
  });
});
