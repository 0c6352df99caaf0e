import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Identity, KINDS, type Kind, MACHINE_KINDS, PUMP_TOPICS } from '../../protocol/index.ts';
import { type MemoryBroker, type MemoryClient, openMemoryBroker, turns } from '../helpers/memory-broker.ts';

/** What the broker's own matching delivers, against the design's table written down again: not our filter algebra but what arrives. */

const DIGEST = 'ab'.repeat(32);
const [MINE, OTHER] = ['LVP-0001', 'LVP-0002'];
const SERIALS = [MINE, OTHER, 'status', 'release'];
const TELLS = ['status', 'telemetry', 'alarm', 'event', 'ack'];
const READS: Partial<Record<Kind, { readonly any?: readonly string[]; readonly own?: readonly string[] }>> = {
  pump: { own: ['command', 'order', 'receipt', 'renewal', 'chunk'], any: ['library', 'firmware'] },
  'pump-server': { any: [...TELLS, 'request'] },
  'nurse-station': { any: [...TELLS, 'patient'] },
  gateway: { any: [...TELLS, 'patient'] },
  observer: { any: [...TELLS, 'command', 'order', 'receipt', 'renewal', 'library', 'firmware'] },
  vendor: { any: ['status', 'firmware'] },
};

function mayRead(kind: Kind, topic: string): boolean {
  const [root = '', a, b = '', c] = topic.split('/');
  const name =
    { pumps: b, libraries: 'library', firmware: 'firmware', artifacts: b }[root] ?? 'nothing that there is';
  const serial = root === 'pumps' ? a : c;
  const { any = [], own = [] } = READS[kind] ?? {};
  return any.includes(name) || (serial === MINE && own.includes(name));
}

const TOPICS = SERIALS.flatMap((serial) => [
  ...PUMP_TOPICS.map((topic) => `pumps/${serial}/${topic}`),
  `artifacts/${DIGEST}/request/${serial}`,
  `artifacts/${DIGEST}/chunk/${serial}/0`,
]).concat('libraries/adult-icu/release', 'firmware/lvp/release', 'libraries/status/release');

/** Everything is published by whom the policy lets. */
const speakers: readonly Identity[] = [
  ...SERIALS.map((id) => ({ kind: 'pump', id }) as const),
  { kind: 'pump-server', id: 'server-01' },
  { kind: 'nurse-station', id: 'station-09' },
  { kind: 'gateway', id: 'gateway-09' },
];

const derived = fc
  .tuple(
    fc.constantFrom(...TOPICS),
    fc.array(fc.constantFrom('keep', 'keep', '+', '#', 'cut'), { maxLength: 6 }),
  )
  .map(([topic, edits]) => {
    const levels = topic.split('/');
    for (const [index, edit] of edits.entries()) {
      if (levels[index] === undefined || edit === 'keep') continue;
      if (edit === '+') levels[index] = '+';
      else return [...levels.slice(0, index), ...(edit === '#' ? ['#'] : [])].join('/') || '#';
    }
    return levels.join('/');
  });
const level = fc.constantFrom(
  '+',
  '+',
  'pumps',
  'libraries',
  'release',
  MINE,
  'status',
  'command',
  'patient',
  '',
  '0',
);
const free = fc
  .tuple(fc.array(level, { minLength: 1, maxLength: 5 }), fc.constantFrom('', '/#'))
  .map(([levels, tail]) => `${levels.join('/')}${tail}` || '#');

let broker: MemoryBroker;
const seats = new Map<string, MemoryClient>();
const told: { readonly topic: string; readonly by: string }[] = [];

/** A pump that reads has thrown out the one that spoke under its name. */
async function seatSpeakers(): Promise<void> {
  for (const identity of speakers) {
    if (seats.get(identity.id)?.closed !== false)
      seats.set(identity.id, await broker.connect(identity, { keepalive: 0 }));
  }
}

function say(payload: string, retain: (topic: string) => boolean = () => false): void {
  for (const { topic, by } of told) {
    seats
      .get(by)
      ?.send({ cmd: 'publish', topic, payload, qos: 1, messageId: 1, dup: false, retain: retain(topic) });
  }
}
beforeAll(async () => {
  broker = await openMemoryBroker({ without: ['payload-schema', 'rate-limit'] });
  await seatSpeakers();
  for (const topic of TOPICS) {
    const [root, serial = '', name = '', to = ''] = topic.split('/');
    const byPump =
      [...TELLS, 'patient'].includes(name) && root === 'pumps' ? serial : name === 'request' ? to : undefined;
    const by = byPump ?? { command: 'station-09', order: 'gateway-09' }[name] ?? 'server-01';
    told.push({ topic, by });
  }
});
afterAll(() => broker.handler.stop());

test('each topic of the table is really published', async () => {
  const before = broker.handler.published;
  say('x');
  await turns(60);
  expect(broker.handler.published - before).toBe(TOPICS.length);
});

test('no subscription ever yields a message that its holder may not read', async () => {
  let granted = 0;
  let received = 0;
  const readers = fc.record({
    kind: fc.constantFrom(...MACHINE_KINDS, ...KINDS),
    filters: fc.array(fc.oneof({ weight: 3, arbitrary: derived }, free), { minLength: 1, maxLength: 6 }),
    clean: fc.boolean(),
    qos: fc.constantFrom(0, 1, 2),
  });
  await fc.assert(
    fc.asyncProperty(readers, async ({ kind, filters, clean, qos }) => {
      const identity: Identity = { kind, id: kind === 'pump' ? MINE : 'reader-01' };
      await seatSpeakers();
      const reader = await broker.connect(identity, { clean });
      reader.send({
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: filters.map((topic) => ({ topic, qos: qos as 0 | 1 | 2 })),
      });
      await turns();
      const answer = reader.packets.find(({ cmd }) => cmd === 'suback');
      if (answer?.cmd === 'suback') granted += answer.granted.filter((code) => code !== 128).length;
      const speak = async (): Promise<void> => {
        say('x', (topic) => topic.endsWith('release'));
        await turns();
      };
      await speak();
      const all = [...reader.packets];
      if (!clean) {
        // What was kept while it was away counts too.
        reader.cut();
        await turns();
        await speak();
        const again = await broker.connect(identity, { clean: false });
        await turns();
        all.push(...again.packets);
        again.cut();
        await turns();
        (await broker.connect(identity, { clean: true })).cut();
      } else {
        reader.cut();
      }
      await turns();
      for (const packet of all) {
        if (packet.cmd !== 'publish') continue;
        received += 1;
        expect([kind, filters, packet.topic, mayRead(kind, packet.topic)]).toEqual([
          kind,
          filters,
          packet.topic,
          true,
        ]);
      }
    }),
    { numRuns: 250 },
  );
  expect(granted).toBeGreaterThan(20);
  expect(received).toBeGreaterThan(20);
}, 120_000);

describe('what Aedes would keep for a session that is away', () => {
  test('is not what a SUBSCRIBE asked for and was denied, beside what it was granted', async () => {
    const observer: Identity = { kind: 'observer', id: 'observer-01' };
    await seatSpeakers();
    const first = await broker.connect(observer, { clean: false });
    first.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [
        { topic: `pumps/${MINE}/alarm`, qos: 1 },
        { topic: `pumps/${MINE}/patient`, qos: 1 },
      ],
    });
    await turns();
    expect(first.packets.at(-1)).toMatchObject({ cmd: 'suback', granted: [1, 128] });
    first.cut();
    await turns();
    say('x');
    await turns(60);
    const again = await broker.connect(observer, { clean: false });
    await turns();
    expect(again.packets.flatMap((packet) => (packet.cmd === 'publish' ? [packet.topic] : []))).toEqual([
      `pumps/${MINE}/alarm`,
    ]);
    again.cut();
  });
});
