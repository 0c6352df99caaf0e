import { describe, expect, it } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import {
  type AlarmMessage,
  Composer,
  type EventMessage,
  type FirmwareManifest,
  rolloutPlanSchema,
  type Serial,
  type StatusMessage,
} from '../../../protocol/index.ts';
import { progressOf } from '../../../pump-server/rollouts/progress.ts';
import { RolloutDesk } from '../../../pump-server/rollouts/rollout-desk.ts';
import {
  memoryRollouts,
  type RolloutRecord,
  type RolloutStore,
} from '../../../pump-server/rollouts/rollout-store.ts';

const T0 = Date.parse('2026-03-02T08:00:00.000Z');
const A = 'LVP-0001' as Serial;
const B = 'LVP-0002' as Serial;
const PLAN = rolloutPlanSchema.parse({
  id: 'r1',
  title: 'A rollout',
  model: 'lvp',
  version: '1.2.0',
  waves: [
    { name: 'canary', pumps: [A] },
    { name: 'all', share: 1 },
  ],
  gates: { linkBackWithinS: 60, observeForS: 120 },
});
const KNOWN = [A, B].map((serial) => ({ serial, link: 'online' as const, firmware: '1.1.0' }));
const manifest = (firmwareVersion: string): FirmwareManifest => ({
  document: 'firmware-manifest',
  version: 1,
  model: 'lvp',
  firmwareVersion,
  sequence: 1,
  securityEpoch: 2,
  digest: 'ab'.repeat(32),
  sizeBytes: 10,
  notAfter: '2027-01-01T00:00:00.000Z',
});

class Rig {
  readonly clock = new HeapClock(T0);
  readonly told: string[] = [];
  readonly published: string[] = [];
  readonly store: RolloutStore;
  desk: RolloutDesk;

  constructor(store: RolloutStore = memoryRollouts()) {
    this.store = store;
    this.desk = this.boot();
  }

  boot(): RolloutDesk {
    return new RolloutDesk({
      clock: this.clock,
      store: this.store,
      tell: ({ event, cause }) => void this.told.push(cause === null ? event : `${event}: ${cause}`),
      publish: ({ firmwareVersion }, wave) =>
        void this.published.push(`${firmwareVersion} ${wave.join(' ')}`),
    });
  }

  begin(change: object = {}) {
    return this.desk.begin({ ...PLAN, ...change }, KNOWN, manifest('1.2.0'), manifest('1.1.0'));
  }

  status(serial: Serial, firmware: string, link: 'online' | 'offline' = 'online'): void {
    const body = { link, firmware } as StatusMessage['body'];
    this.desk.heardStatus(serial, this.#message(serial, 'status', body) as StatusMessage);
  }

  event(serial: Serial, event: string, detail: EventMessage['body']['detail']): void {
    const body = { event, channel: null, happenedAt: '', detail };
    this.desk.heardRecord(serial, this.#message(serial, 'event', body) as EventMessage);
  }

  alarm(serial: Serial): void {
    const body = { alarm: 'occlusion', channel: 'A', priority: 'high', change: 'raised', happenedAt: '' };
    this.desk.heardRecord(serial, this.#message(serial, 'alarm', body) as AlarmMessage);
  }

  #message(serial: Serial, type: string, body: object): unknown {
    return new Composer({ kind: 'pump', id: serial }, 'b', () => this.clock.now()).compose(
      type,
      body as never,
    );
  }

  pass(seconds: number): void {
    this.clock.runTo(this.clock.now() + seconds * 1_000);
  }
}

describe('the desk of rollouts', () => {
  it('says who may have what, and says it again only when it changes', () => {
    const rig = new Rig();
    rig.begin();
    rig.status(A, '1.1.0');
    rig.status(B, '1.1.0');
    expect(rig.published).toEqual([`1.2.0 ${A}`]);
    rig.event(A, 'firmware-updated', { from: '1.1.0', to: '1.2.0' });
    rig.pass(120);
    expect(rig.published).toEqual([`1.2.0 ${A}`, `1.2.0 ${A} ${B}`]);
    expect(rig.told).toEqual(['rollout.begun', 'rollout.wave']);
  });

  it('halts by itself when the link of the canary does not come back, and tells why', () => {
    const rig = new Rig();
    rig.begin();
    rig.event(A, 'firmware-applying', { from: '1.1.0', to: '1.2.0' });
    rig.pass(60);
    expect(rig.desk.rollouts()).toMatchObject([{ phase: 'halted' }]);
    expect(rig.told.at(-1)).toContain('rollout.halted: 1 failed, 0 may; the last: LVP-0001: not back online');
    expect(rig.published.at(-1)).toBe('1.2.0 ');
  });

  it('goes on where it was after the server died, and says to the pumps what holds', () => {
    const rig = new Rig();
    rig.begin();
    rig.event(A, 'firmware-updated', { from: '1.1.0', to: '1.2.0' });
    rig.desk.stop();
    rig.published.length = 0;
    rig.desk = rig.boot();
    rig.desk.start();
    expect(rig.published).toEqual([`1.2.0 ${A}`]);
    rig.pass(120);
    expect(rig.published).toEqual([`1.2.0 ${A}`, `1.2.0 ${A} ${B}`]);
  });

  it('says nothing that it could not store, and tries again', () => {
    const memory = memoryRollouts();
    let isFull = false;
    const store: RolloutStore = {
      rollouts: () => memory.rollouts(),
      save: (record: RolloutRecord) => {
        if (isFull) throw new Error('no space left');
        memory.save(record);
      },
    };
    const rig = new Rig(store);
    rig.begin();
    rig.event(A, 'firmware-updated', { from: '1.1.0', to: '1.2.0' });
    isFull = true;
    rig.pass(121);
    expect(rig.published).toEqual([`1.2.0 ${A}`]);
    expect(rig.told.filter((text) => text.startsWith('rollout.not-stored'))).toHaveLength(1);
    expect(() => rig.desk.order('r1', 'pause', 'biomed-01')).toThrow('no space left');
    expect(rig.desk.rollouts()).toMatchObject([{ phase: 'running' }]);
    isFull = false;
    rig.pass(10);
    expect(rig.published.at(-1)).toBe(`1.2.0 ${A} ${B}`);
  });

  it('forgets nothing that it heard while the disk took nothing', () => {
    const memory = memoryRollouts();
    let isFull = false;
    const store: RolloutStore = {
      rollouts: () => memory.rollouts(),
      save: (record: RolloutRecord) => {
        if (isFull) throw new Error('no space left');
        memory.save(record);
      },
    };
    const rig = new Rig(store);
    rig.begin();
    rig.event(A, 'firmware-updated', { from: '1.1.0', to: '1.2.0' });
    isFull = true;
    rig.alarm(A);
    expect(rig.published).toEqual([`1.2.0 ${A}`]);
    expect(memory.rollouts()[0]?.rollout.phase).toBe('running');
    isFull = false;
    // Nothing else is said or due: it is tried again all the same.
    rig.pass(10);
    expect(memory.rollouts()[0]?.rollout.phase).toBe('halted');
    expect(rig.published.at(-1)).toBe('1.2.0 ');
    expect(rig.told.filter((text) => text.startsWith('rollout.halted'))).toHaveLength(1);
  });

  it('over, says nothing over what was released since, whatever it still hears', () => {
    const rig = new Rig();
    rig.begin();
    rig.event(A, 'firmware-updated', { from: '1.1.0', to: '1.2.0' });
    rig.desk.order('r1', 'abort', 'biomed-01');
    // In the same moment.
    rig.desk.supersede('lvp');
    const said = [...rig.published];
    rig.status(A, '1.2.0', 'offline');
    rig.status(A, '1.2.0');
    rig.pass(1_000);
    rig.desk.stop();
    rig.desk = rig.boot();
    rig.desk.start();
    expect(rig.published).toEqual(said);
    expect(() => rig.desk.order('r1', 'back-out', 'b')).toThrow('other firmware was released since');
  });

  it('over, hears of a pump that comes back with what all others gave up', () => {
    const rig = new Rig();
    rig.begin();
    rig.event(A, 'firmware-staged', { version: '1.2.0' });
    rig.desk.order('r1', 'back-out', 'biomed-01');
    expect(rig.desk.rollouts()).toMatchObject([{ phase: 'backed-out' }]);
    rig.status(A, '1.2.0');
    expect(rig.desk.rollouts()).toMatchObject([{ phase: 'backing-out' }]);
    expect(rig.published.at(-1)).toBe(`1.1.0 ${A}`);
  });

  it('backs out to what ran before', () => {
    const rig = new Rig();
    rig.begin();
    rig.status(A, '1.2.0');
    rig.desk.order('r1', 'back-out', 'biomed-01');
    expect(rig.published.at(-1)).toBe(`1.1.0 ${A}`);
    rig.status(A, '1.1.0');
    expect(rig.desk.rollouts()).toMatchObject([{ phase: 'backed-out' }]);
  });

  it('does not count an alarm that is older than the update in the log of its pump', () => {
    const rig = new Rig();
    rig.begin();
    // Away, it updates and comes back: its status is here before its log.
    rig.status(A, '1.2.0');
    rig.alarm(A);
    expect(rig.desk.rollouts()).toMatchObject([{ phase: 'running' }]);
    rig.event(A, 'firmware-updated', { from: '1.1.0', to: '1.2.0' });
    rig.alarm(A);
    expect(rig.desk.rollouts()).toMatchObject([{ phase: 'halted' }]);
  });

  it('says why a pump does not take the update, where no control refused it', () => {
    const rig = new Rig();
    rig.begin();
    rig.event(A, 'firmware-refused', { version: '1.2.0', control: null, reason: 'needs bootloader 2.0.0' });
    const [rollout] = rig.desk.rollouts();
    expect(rollout).toMatchObject({ phase: 'running', pumps: [{ stage: 'offered' }, { stage: 'waiting' }] });
    expect(rollout && progressOf(rollout).remarks).toEqual([
      { serial: A, reason: 'refused: needs bootloader 2.0.0' },
    ]);
    rig.event(A, 'firmware-staged', { version: '1.2.0' });
    const [after] = rig.desk.rollouts();
    expect(after && progressOf(after).remarks).toEqual([]);
  });

  it('counts an alarm of a pump on the new version against it', () => {
    const rig = new Rig();
    rig.begin();
    rig.alarm(A);
    rig.event(A, 'firmware-updated', { from: '1.1.0', to: '1.2.0' });
    expect(rig.desk.rollouts()).toMatchObject([{ phase: 'running' }]);
    rig.alarm(A);
    expect(rig.desk.rollouts()).toMatchObject([{ phase: 'halted' }]);
  });

  it.each<[string, (rig: Rig) => unknown, string]>([
    ['a second one of the same id', (rig) => rig.begin(), 'there is a rollout r1 already'],
    ['a second one of the model', (rig) => rig.begin({ id: 'r2' }), 'r1 of the model lvp is running'],
    [
      'a package of another version',
      (rig) => rig.desk.begin({ ...PLAN, id: 'r3' }, KNOWN, manifest('1.3.0'), null),
      'the package is lvp 1.3.0, not lvp 1.2.0',
    ],
    ['an order to one that is not there', (rig) => rig.desk.order('r9', 'pause', 'b'), 'there is: r1'],
    ['an order that does not fit', (rig) => rig.desk.order('r1', 'resume', 'b'), 'takes no resume'],
  ])('refuses %s', (_, act, reason) => {
    const rig = new Rig();
    rig.begin();
    expect(() => act(rig)).toThrow(expect.objectContaining({ code: 'PR_ROLLOUT_INVALID' }));
    expect(() => act(rig)).toThrow(reason);
    expect(rig.desk.rollouts()).toHaveLength(1);
  });

  it('lets a new one begin after one that was aborted, and says nothing of the old one any more', () => {
    const rig = new Rig();
    rig.begin();
    rig.status(A, '1.2.0');
    rig.pass(60);
    rig.desk.order('r1', 'abort', 'b');
    rig.begin({ id: 'r2' });
    rig.status(A, '1.2.0');
    // The old one hears that its pump has passed, the new one is still watching it.
    rig.pass(70);
    expect(rig.desk.rollouts()).toMatchObject([{ phase: 'aborted' }, { phase: 'running' }]);
    expect(rig.published.at(-1)).toBe(`1.2.0 ${A}`);
    expect(() => rig.desk.order('r1', 'back-out', 'b')).toThrow('r2');
  });

  it.each([
    [{ model: 'pca' }, 'pca 1.1.0'],
    [{ firmwareVersion: '1.2.0' }, 'lvp 1.2.0'],
  ])('does not begin with a way back that is none: %o', (change, what) => {
    const rig = new Rig();
    const previous = { ...manifest('1.1.0'), ...change };
    expect(() => rig.desk.begin(PLAN, KNOWN, manifest('1.2.0'), previous)).toThrow(what);
    expect(rig.store.rollouts()).toEqual([]);
  });

  it('does not begin without the way back that its plan names', () => {
    const rig = new Rig();
    const begin = (previous: FirmwareManifest | null) =>
      rig.desk.begin({ ...PLAN, backOutTo: '1.0.0' }, KNOWN, manifest('1.2.0'), previous);
    expect(() => begin(null)).toThrow('1.0.0');
    expect(() => begin(manifest('1.1.0'))).toThrow('1.0.0');
  });

  it('backs out of nothing where there is nothing to go back to', () => {
    const rig = new Rig();
    rig.desk.begin(PLAN, KNOWN, manifest('1.2.0'), null);
    expect(() => rig.desk.order('r1', 'back-out', 'b')).toThrow('no package to go back to');
  });
});
