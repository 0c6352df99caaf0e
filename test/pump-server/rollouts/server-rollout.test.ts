import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'libsql';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { unsettled } from '../../../clock/index.ts';
import { rolloutPlanSchema, type Serial } from '../../../protocol/index.ts';
import { openServerStore, type ServerStore, signFirmware } from '../../../pump-server/index.ts';
import { Bench, FakePump, OTHER, SERIAL, START_MS, turns } from '../fake-link.ts';
import { firmwareDraft, firmwareSigners } from '../releases/people.ts';

let dir: string;
const stores: ServerStore[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pumprange-rollout-'));
});
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
  rmSync(dir, { recursive: true });
});

const PLAN = rolloutPlanSchema.parse({
  id: 'r1',
  title: 'A rollout',
  model: 'lvp',
  version: '1.1.0',
  waves: [
    { name: 'canary', pumps: [SERIAL] },
    { name: 'all', share: 1 },
  ],
  gates: { observeForS: 0 },
});

/** A server on the database of this test; the one before it died. */
function bench(): Bench {
  const store = openServerStore(join(dir, 's.sqlite'), { newSeries: false, nowMs: START_MS });
  stores.push(store);
  return new Bench({ store });
}

function status(at: Bench, serial: Serial, firmware: string): void {
  const pump = new FakePump(serial);
  const message = pump.status();
  at.receive(pump.topic('status'), { ...message, body: { ...message.body, model: 'lvp', firmware } });
}

/** The pump runs the update, and its log has come to it. */
function updated(at: Bench, serial: Serial): void {
  status(at, serial, '1.1.0');
  const pump = new FakePump(serial);
  const message = pump.event(0, 'firmware-updated');
  at.receive(pump.topic('event'), {
    ...message,
    body: { ...message.body, detail: { from: '1.0.0', to: '1.1.0' } },
  });
}

/** Who is offered what, as the last message on the topic has it. */
function offered(at: Bench): unknown {
  const { payload } = at.link.on('firmware/lvp/release').at(-1)!;
  const { body } = JSON.parse(payload.toString());
  return [body.manifest.firmwareVersion, body.wave];
}

async function begin(at: Bench, plan = PLAN): Promise<void> {
  const update = await signFirmware(firmwareDraft(at.clock), firmwareSigners(at.clock), unsettled);
  at.server.beginRollout(plan, { update });
}

it('a server that dies in the middle of a rollout goes on with it, down to the last pump', async () => {
  const first = bench();
  first.online();
  status(first, SERIAL, '1.0.0');
  status(first, OTHER, '1.0.0');
  await begin(first);
  await turns();
  expect(offered(first)).toEqual(['1.1.0', [SERIAL]]);
  const [before] = first.server.rollouts();
  // Nothing is said to it any more.
  stores.pop()?.close();

  const second = bench();
  expect(second.server.rollouts()).toEqual([before]);
  second.online();
  await turns();
  expect(offered(second)).toEqual(['1.1.0', [SERIAL]]);
  updated(second, SERIAL);
  second.clock.runTo(second.clock.now() + 1_000);
  await turns();
  expect(offered(second)).toEqual(['1.1.0', [SERIAL, OTHER]]);
  updated(second, OTHER);
  second.clock.runTo(second.clock.now() + 1_000);
  expect(second.server.rollouts()).toMatchObject([{ phase: 'completed' }]);
  stores.pop()?.close();
  const third = bench();
  third.online();
  await turns();
  expect(third.server.rollouts()).toMatchObject([{ phase: 'completed' }]);
  expect(offered(third)).toEqual(['1.1.0', [SERIAL, OTHER]]);
});

it('its package is served from the first moment on, and after the server died', async () => {
  const first = bench();
  first.online();
  status(first, SERIAL, '1.0.0');
  await begin(first);
  stores.pop()?.close();
  const second = bench();
  second.online();
  const pump = new FakePump();
  const { manifest } = JSON.parse(second.link.on('firmware/lvp/release').at(-1)!.payload.toString()).body;
  second.receive(`artifacts/${manifest.digest}/request/${SERIAL}`, pump.request(0, 65_536));
  expect(second.link.on(`artifacts/${manifest.digest}/chunk/${SERIAL}/0`)).toHaveLength(1);
});

it('one that cannot begin leaves no trace, neither in the store nor at the pumps', async () => {
  const at = bench();
  at.online();
  status(at, SERIAL, '1.0.0');
  const update = await signFirmware(firmwareDraft(at.clock), firmwareSigners(at.clock), unsettled);
  expect(() => at.server.beginRollout({ ...PLAN, version: '9.9.9' }, { update })).toThrow('not lvp 9.9.9');
  expect(at.server.rollouts()).toEqual([]);
  expect(at.server.ledger()).toEqual([]);
  expect(at.link.on('firmware/lvp/release')).toEqual([]);
});

it('what was released after one that is over holds when the server starts again', async () => {
  const first = bench();
  first.online();
  status(first, SERIAL, '1.0.0');
  await begin(first);
  expect(() => first.server.checkNoRollout('lvp')).toThrow('r1 of the model lvp is running');
  first.server.orderRollout('r1', 'abort', 'b');
  first.server.checkNoRollout('lvp');
  first.clock.runTo(first.clock.now() + 1_000);
  const draft = { ...firmwareDraft(first.clock), sequence: 9 };
  first.server.releaseFirmware(await signFirmware(draft, firmwareSigners(first.clock), unsettled));
  await turns();
  expect(offered(first)).toEqual(['1.1.0', undefined]);
  stores.pop()?.close();
  const second = bench();
  second.online();
  await turns();
  expect(offered(second)).toEqual(['1.1.0', undefined]);
});

it('one with a pump of another model does not begin', async () => {
  const at = bench();
  at.online();
  const pump = new FakePump(SERIAL);
  const message = pump.status();
  at.receive(pump.topic('status'), { ...message, body: { ...message.body, model: 'pca' } });
  await expect(begin(at)).rejects.toThrow(`${SERIAL} is a pump of the model pca, not lvp`);
  expect(at.server.ledger()).toEqual([]);
});

it('one of more pumps than a message can name does not begin: it could not be said at its end', async () => {
  const at = bench();
  const pumps = Array.from(
    { length: 6_000 },
    (_, index) => `LVP-${String(index + 1).padStart(4, '0')}` as Serial,
  );
  const waves = [
    { name: 'first', pumps: pumps.slice(0, 1) },
    { name: 'all', pumps: pumps.slice(1) },
  ];
  await expect(begin(at, { ...PLAN, waves })).rejects.toMatchObject({ code: 'PR_RELEASE_INVALID' });
  expect(at.server.rollouts()).toEqual([]);
  expect(at.server.ledger()).toEqual([]);
});

it.each(['rollouts', 'rollout_pumps'])(
  'a wave that the plan does not have is refused in %s',
  async (table) => {
    const at = bench();
    at.online();
    status(at, SERIAL, '1.0.0');
    await begin(at);
    stores.pop()?.close();
    const database = new Sqlite(join(dir, 's.sqlite'));
    database.exec(`UPDATE ${table} SET wave = 77`);
    database.close();
    expect(bench).toThrow('there is no wave 77');
  },
);

it('one that cannot be stored at the end changes nothing of what is offered, also after a restart', async () => {
  const first = bench();
  first.online();
  status(first, SERIAL, '1.0.0');
  const draft = { ...firmwareDraft(first.clock), firmwareVersion: '1.0.5' };
  first.server.releaseFirmware(await signFirmware(draft, firmwareSigners(first.clock), unsettled));
  const [store] = stores;
  const save = vi.spyOn(store!.rollouts, 'save').mockImplementation(() => {
    throw new Error('no space left');
  });
  await expect(begin(first)).rejects.toThrow('no space left');
  save.mockRestore();
  await turns();
  expect(offered(first)).toEqual(['1.0.5', undefined]);
  stores.pop()?.close();
  const second = bench();
  second.online();
  await turns();
  expect(offered(second)).toEqual(['1.0.5', undefined]);
});

it('the one that began last speaks after a restart, though the clock was set back in between', async () => {
  const first = bench();
  status(first, SERIAL, '1.0.0');
  first.clock.runTo(first.clock.now() + 36_000_000);
  await begin(first);
  first.server.orderRollout('r1', 'abort', 'b');
  stores.pop()?.close();
  const second = bench();
  status(second, SERIAL, '1.0.0');
  await begin(second, { ...PLAN, id: 'r2' });
  stores.pop()?.close();
  const third = bench();
  third.online();
  await turns();
  expect(third.server.rollouts().map(({ plan }) => plan.id)).toEqual(['r1', 'r2']);
  expect(offered(third)).toEqual(['1.1.0', [SERIAL]]);
});

it('takes in a pump that only an earlier run of the server has heard', async () => {
  const first = bench();
  status(first, SERIAL, '1.0.0');
  status(first, OTHER, '1.0.0');
  first.server.stop();
  stores.pop();
  const second = bench();
  status(second, SERIAL, '1.0.0');
  await begin(second);
  expect(second.server.rollouts()[0]?.pumps).toMatchObject([
    { serial: SERIAL, link: 'online' },
    { serial: OTHER, link: 'offline', firmware: '1.0.0' },
  ]);
});
