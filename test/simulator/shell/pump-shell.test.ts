import { describe, expect, test } from 'vitest';
import { Composer, topicName } from '../../../protocol/index.ts';
import type { Fact } from '../../../simulator/pump/index.ts';
import { memoryLog } from '../../../simulator/shell/log-store.ts';
import { ShellRig, TELEMETRY_EVERY_MS } from './shell-rig.ts';

const MINUTE_MS = 60_000;

/** A pump whose battery is empty after a while, and what happened until then. */
async function runEmpty(
  options: ConstructorParameters<typeof ShellRig>[0] = {},
  onFact: (fact: Fact) => void = () => undefined,
): Promise<ShellRig> {
  const made = new ShellRig({ batteryPercent: 2, ...options });
  made.pump.onFact(onFact);
  const rig = await made.start();
  rig.pump.bedside('nurse', { action: 'power-on', newPatient: true });
  await rig.run(2 * MINUTE_MS);
  rig.pump.physical({ event: 'mains-lost' });
  for (let minute = 0; !failed(rig) && minute < 600; minute += 1) await rig.run(MINUTE_MS);
  expect(failed(rig)).toBe(true);
  return rig;
}

function failed(rig: ShellRig): boolean {
  return rig.made.some(({ body }) => 'event' in body && body.event === 'power-failed');
}

describe('the log of a pump', () => {
  test('reaches the server from the first record on, in order, once, and with no gap to tell of', async () => {
    const rig = await new ShellRig().start();
    rig.pump.bedside('nurse', { action: 'power-on', newPatient: true });
    await rig.run(3 * MINUTE_MS);
    expect(rig.made.length).toBeGreaterThan(3);
    expect(rig.stored()).toEqual(rig.labels());
    expect(rig.server.duplicates).toBe(0);
    expect([rig.seen('log.gap'), rig.seen('log.lost')]).toEqual([[], []]);
  });

  test('is replayed in order after an outage, however much there is, and what happens meanwhile comes after it', async () => {
    const rig = await new ShellRig().start();
    rig.broker.goDown();
    await rig.run(MINUTE_MS);
    rig.refuse(1_800);
    rig.broker.comeUp();
    await rig.run(2 * MINUTE_MS);
    rig.refuse(3);
    await rig.run(1_000);
    expect(rig.made.length).toBeGreaterThan(1_800);
    expect(rig.stored()).toEqual(rig.labels());
    expect([rig.seen('log.gap'), rig.seen('log.lost')]).toEqual([[], []]);
  });

  test('is sent at most 500 records ahead of the receipts, and again after 30 s without any', async () => {
    const rig = new ShellRig();
    rig.server.stop();
    const seqs = () => rig.on('event').map(({ message }) => message.seq);
    rig.server = { start: () => undefined, stop: () => undefined } as ShellRig['server'];
    rig.refuse(700);
    await rig.start();
    expect(seqs()).toEqual(Array.from({ length: 500 }, (_, seq) => seq));
    await rig.run(29_999);
    expect(seqs()).toHaveLength(500);
    await rig.run(1);
    expect(seqs()).toHaveLength(1_000);
    expect(seqs()[500]).toBe(0);
  });

  test('goes on at a server that has lost its store: what no pump has any more is told as lost, once', async () => {
    const rig = await new ShellRig().start();
    rig.refuse(5);
    await rig.run(1_000);
    const before = rig.made.length;
    await rig.replaceServer();
    rig.refuse(2);
    await rig.run(MINUTE_MS);
    expect(rig.stored()).toEqual(rig.labels().slice(before));
    expect(rig.server.gaps()).toEqual([]);
    expect(rig.seen('log.lost').map(({ cause }) => cause)).toEqual([
      `records 0 to ${before - 1} are lost: their pump no longer has them`,
    ]);
    expect(rig.seen('log.gap')).toEqual([]);
  });
});

/** Says to all pumps of the care area that there is a library, with a manifest that is changed at will. */
async function release(rig: ShellRig, changes: object): Promise<void> {
  const { careArea } = rig.pump;
  const manifest = {
    document: 'library-manifest',
    version: 1,
    library: careArea,
    sequence: 9,
    libraryVersion: '9.9.9',
    careArea,
    models: ['lvp'],
    minimumFirmware: '1.0.0',
    digest: 'ab'.repeat(32),
    sizeBytes: 10,
    notAfter: '2030-01-01T00:00:00.000Z',
    ...changes,
  };
  const message = new Composer({ kind: 'pump-server', id: 'server-02' }, 'boot-x', () =>
    rig.clock.now(),
  ).compose('library-release', { manifest });
  const link = await rig.broker.dial(
    { clientId: 'pump-server:server-02', keepAliveS: 0 },
    { message: () => undefined, closed: () => undefined },
  );
  await link.publish(topicName({ kind: 'library-release', careArea }), JSON.stringify(message), { qos: 1 });
  await rig.run(MINUTE_MS);
}

describe('the log of a pump that is told too much', () => {
  test.each([
    ['by names of keys', Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`k${n}`, 1]))],
    ['by one name of a key', { ['k'.repeat(60_000)]: 1 }],
    ['by a version', { libraryVersion: `1.0.${'1'.repeat(60_000)}` }],
  ])('%s keeps what it can send, and goes on', async (_, changes) => {
    const rig = await new ShellRig().start();
    const before = rig.made.length;
    await release(rig, changes);
    rig.refuse(3);
    await rig.run(MINUTE_MS);
    expect(rig.made.length).toBeGreaterThan(before + 3);
    for (const record of rig.made) expect(JSON.stringify(record).length).toBeLessThan(2_000);
    expect(rig.stored()).toEqual(rig.labels());
    expect(rig.seen('message.malformed')).toEqual([]);
  });

  test('goes on behind a record that no server can read: it is told as lost, once', async () => {
    const logStore = memoryLog();
    const happenedAt = '2026-03-02T05:00:00.000Z';
    const event = (name: string, detail: Record<string, string>) =>
      logStore.append({
        seq: logStore.nextSeq,
        bootId: 'boot-0',
        stream: 'event',
        body: { event: name, channel: null, happenedAt, detail },
      });
    event('before', {});
    event('too-long', { reason: 'x'.repeat(80_000) });
    event('after', {});
    const rig = await new ShellRig({ logStore }).start();
    rig.refuse(2);
    await rig.run(2 * MINUTE_MS);
    expect(rig.stored()).toEqual(['event boot-0 0', 'event boot-0 2', ...rig.labels()]);
    expect(rig.seen('log.lost').map(({ cause }) => cause)).toEqual([
      'record 1 is lost: what its pump sends for it cannot be read',
    ]);
    expect(rig.seen('message.malformed')).toHaveLength(1);
    expect(logStore.records()).toEqual([]);
  });
});

describe('a pump whose battery runs empty', () => {
  test('falls silent without a goodbye: its will speaks, telemetry ends, and nobody dials', async () => {
    const rig = await runEmpty();
    expect(rig.shell.isOnline).toBe(false);
    expect(rig.broker.clients).toBe(2);
    expect(rig.on('status').at(-1)?.message.body.link).toBe('offline');
    const said = rig.heard.length;
    await rig.run(10 * MINUTE_MS);
    expect(rig.heard.length).toBe(said);
    expect(rig.broker.clients).toBe(2);
  });

  test('boots anew at power-on and replays what was not confirmed; nothing of the log is lost', async () => {
    const rig = await runEmpty();
    const stored = rig.stored().length;
    expect(stored).toBeLessThan(rig.made.length);
    rig.pump.physical({ event: 'mains-restored' });
    await rig.run(MINUTE_MS);
    expect(rig.shell.isOnline).toBe(false);
    rig.pump.bedside('nurse', { action: 'power-on', newPatient: false });
    await rig.run(2 * MINUTE_MS);
    expect(rig.shell.isOnline).toBe(true);
    expect(rig.stored()).toEqual(rig.labels());
    expect([rig.seen('log.gap'), rig.seen('log.lost')]).toEqual([[], []]);
    const boots = [...new Set(rig.made.map(({ bootId }) => bootId))];
    expect(boots).toHaveLength(2);
    const poweredOn = rig.made.findLast(({ body }) => 'event' in body && body.event === 'powered-on');
    expect(poweredOn?.bootId).toBe(boots[1]);
    // Streams other than the log begin anew with the boot.
    const telemetry = rig.on('telemetry').filter(({ message }) => message.bootId === boots[1]);
    expect(telemetry[0]?.message.seq).toBe(0);
    expect(telemetry.length).toBeGreaterThan(MINUTE_MS / TELEMETRY_EVERY_MS);
  });

  test('has its log in a memory that outlives it', async () => {
    const logStore = memoryLog();
    const facts: Fact[] = [];
    const rig = await runEmpty({ logStore }, (fact) => facts.push(fact));
    rig.shell.cut();
    // All that happened, each at its time; what the server has stored is no longer in the memory.
    expect(rig.made.map(({ body }) => body.happenedAt)).toEqual(
      facts.map(({ atMs }) => new Date(atMs).toISOString()),
    );
    expect(logStore.records().length).toBeGreaterThan(1);
    expect(logStore.records()).toEqual(rig.made.slice(-logStore.records().length));
    expect(logStore.records().some(({ body }) => 'event' in body && body.event === 'power-failed')).toBe(
      true,
    );
    expect(logStore.nextSeq).toBe(rig.made.length);
  });

  test('and that was stopped does not come back at power-on', async () => {
    const rig = await new ShellRig({ batteryPercent: 2 }).start();
    rig.shell.stop();
    await rig.run(0);
    expect(rig.on('status').at(-1)?.message.body.link).toBe('online');
    rig.pump.bedside('nurse', { action: 'power-on', newPatient: true });
    await rig.run(2 * MINUTE_MS);
    expect([rig.broker.clients, rig.shell.isOnline]).toEqual([2, false]);
  });
});

test('a pump that is switched off on mains keeps its radio and its boot', async () => {
  const rig = await new ShellRig().start();
  rig.pump.bedside('nurse', { action: 'power-on', newPatient: true });
  await rig.run(2 * MINUTE_MS);
  rig.pump.bedside('nurse', { action: 'power-off' });
  await rig.run(5 * MINUTE_MS);
  rig.pump.bedside('nurse', { action: 'power-on', newPatient: true });
  await rig.run(2 * MINUTE_MS);
  expect(rig.shell.isOnline).toBe(true);
  expect(new Set(rig.made.map(({ bootId }) => bootId)).size).toBe(1);
});

test('a pump that is off and loses all supply falls silent, and comes back when it is switched on', async () => {
  const rig = await new ShellRig().start();
  rig.pump.physical({ event: 'battery-failed' });
  rig.pump.physical({ event: 'mains-lost' });
  await rig.run(1_000);
  expect(rig.shell.isOnline).toBe(false);
  expect(rig.on('status').at(-1)?.message.body.link).toBe('offline');
  const said = rig.heard.length;
  await rig.run(10 * MINUTE_MS);
  expect(rig.heard.length).toBe(said);
  rig.pump.physical({ event: 'battery-replaced' });
  rig.pump.bedside('nurse', { action: 'power-on', newPatient: true });
  await rig.run(2 * MINUTE_MS);
  expect(rig.shell.isOnline).toBe(true);
  expect(rig.stored()).toEqual(rig.labels());
  expect(failed(rig)).toBe(true);
});

test('telemetry can be given another period, and none', async () => {
  const rig = await new ShellRig({ telemetryEveryMs: Number.POSITIVE_INFINITY }).start();
  await rig.run(5 * MINUTE_MS);
  expect(rig.on('telemetry')).toEqual([]);
  rig.shell.publishEvery(1_000);
  await rig.run(MINUTE_MS);
  expect(rig.on('telemetry')).toHaveLength(60);
});
