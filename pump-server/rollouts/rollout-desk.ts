import type { Clock, Timer } from '../../clock/index.ts';
import type { RolloutPlan } from '../../protocol/index.ts';
import {
  type AlarmMessage,
  type EventMessage,
  type EvidenceEntry,
  type FirmwareManifest,
  PumprangeError,
  type Serial,
  type StatusMessage,
} from '../../protocol/index.ts';
import { advance, type RolloutNews } from './advance.ts';
import { nextDueMs } from './due.ts';
import { type Offer, offerOf } from './offer.ts';
import { beginRollout, isEnded, type KnownPump, type Rollout } from './rollout.ts';
import type { RolloutRecord, RolloutStore } from './rollout-store.ts';
import type { Opening } from './windows.ts';

/** After so long a step that could not be stored is tried again. */
const RETRY_MS = 5_000;

export type RolloutOrder = 'pause' | 'resume' | 'abort' | 'back-out';

export interface RolloutDeskOptions {
  readonly clock: Clock;
  readonly store: RolloutStore;
  readonly tell: (entry: Pick<EvidenceEntry, 'event' | 'outcome' | 'object' | 'cause'>) => void;
  /** Says to the pumps of the model who may have which release now, and when they may apply it; an empty list: nobody. */
  readonly publish: (manifest: FirmwareManifest, wave: readonly Serial[], window: Opening | null) => void;
}

/**
 * Runs rollouts: hears what pumps say, moves on as the gates let it, and says to the pumps what follows. Each step is stored before it
 * is said, so that a server that dies goes on where it was.
 */
export class RolloutDesk {
  readonly #options: RolloutDeskOptions;
  readonly #records = new Map<string, RolloutRecord>();
  /** As they are in the store; what was heard since and could not be stored is in `#records` alone. */
  readonly #stored = new Map<string, Rollout>();
  /** What was said last, by rollout. */
  readonly #said = new Map<string, string>();
  #timer: Timer | undefined;
  #failureTold = false;

  constructor(options: RolloutDeskOptions) {
    this.#options = options;
    for (const record of options.store.rollouts()) {
      this.#records.set(record.rollout.plan.id, record);
      this.#stored.set(record.rollout.plan.id, record.rollout);
    }
  }

  /** Goes on with what is stored: says what the pumps may have now. */
  start(): void {
    const atMs = this.#options.clock.now();
    for (const { rollout } of [...this.#records.values()]) {
      this.#said.delete(rollout.plan.id);
      this.#news(rollout.plan.id, { what: 'time', atMs });
    }
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  rollouts(): readonly Rollout[] {
    return [...this.#records.values()].map(({ rollout }) => rollout);
  }

  /** Whether a rollout may begin, and with which pumps. @throws PumprangeError `PR_ROLLOUT_INVALID` */
  checkBegin(
    plan: RolloutPlan,
    known: readonly KnownPump[],
    update: FirmwareManifest,
    previous: FirmwareManifest | null,
  ): readonly Serial[] {
    const { id, model, version, backOutTo } = plan;
    if (this.#records.has(id)) throw invalid(`there is a rollout ${id} already`);
    if (update.model !== model || update.firmwareVersion !== version) {
      throw invalid(`the package is ${update.model} ${update.firmwareVersion}, not ${model} ${version}`);
    }
    if (previous === null) {
      if (backOutTo !== undefined) throw invalid(`there is no package of ${backOutTo} to go back to`);
    } else {
      const what = `the package to go back to is ${previous.model} ${previous.firmwareVersion}`;
      if (previous.model !== model) throw invalid(`${what}, not for ${model}`);
      if (previous.firmwareVersion === version) throw invalid(`${what}, which is the update itself`);
      if (previous.firmwareVersion !== (backOutTo ?? previous.firmwareVersion)) {
        throw invalid(`${what}, and the plan says ${backOutTo}`);
      }
    }
    this.checkFree(model);
    const { pumps } = beginRollout(plan, known, 0);
    if (pumps.length === 0) throw invalid(`no pump of the model ${model} is in any wave`);
    return pumps.map(({ serial }) => serial);
  }

  /** Whether no rollout says who may have firmware of a model. @throws PumprangeError `PR_ROLLOUT_INVALID` */
  checkFree(model: string): void {
    const other = this.rollouts().find(({ plan, phase }) => plan.model === model && !isEnded(phase));
    if (other !== undefined)
      throw invalid(`${other.plan.id} of the model ${model} is ${other.phase}: end it first`);
  }

  /**
   * Begins a rollout.
   *
   * @throws PumprangeError `PR_ROLLOUT_INVALID` if its id is taken, the manifest is for something else, or another rollout of the model
   *   is under way; `PR_DISK` if it cannot be stored: then nothing has begun
   */
  begin(
    plan: RolloutPlan,
    known: readonly KnownPump[],
    update: FirmwareManifest,
    previous: FirmwareManifest | null,
  ): Rollout {
    this.checkBegin(plan, known, update, previous);
    const atMs = this.#options.clock.now();
    const rollout = advance(beginRollout(plan, known, atMs), { what: 'time', atMs });
    const record = { rollout, update, previous, superseded: false };
    this.#options.store.save(record);
    this.#records.set(plan.id, record);
    this.#stored.set(plan.id, rollout);
    this.#tell(rollout, 'begun');
    this.#say(record, atMs);
    this.#schedule();
    return rollout;
  }

  /**
   * Orders something of a rollout.
   *
   * @throws PumprangeError `PR_ROLLOUT_INVALID` if there is none, it does not take that order now, or there is nothing to go back to;
   *   `PR_DISK`: then nothing has changed
   */
  order(id: string, order: RolloutOrder, by: string): Rollout {
    const record = this.#records.get(id);
    if (record === undefined) {
      const ids = [...this.#records.keys()].join(', ') || 'none';
      throw invalid(`there is no rollout ${id}; there is: ${ids}`);
    }
    if (order === 'back-out' && record.previous === null) {
      throw invalid(`${id} has no package to go back to: name one when it begins`);
    }
    const last = this.#lastOf(record.rollout.plan.model);
    if (last !== id) throw invalid(`${id} is over, and ${last} has begun since`);
    if (record.superseded) throw invalid(`${id} is over, and other firmware was released since`);
    const atMs = this.#options.clock.now();
    const after = advance(record.rollout, { what: order, by, atMs });
    if (after === record.rollout) throw invalid(`${id} is ${record.rollout.phase}, and takes no ${order}`);
    this.#keep({ ...record, rollout: after }, atMs);
    return after;
  }

  /**
   * Firmware is about to be released to a model without a rollout: what was rolled out before has nothing to say over it.
   *
   * @throws PumprangeError `PR_DISK`; then nothing has changed
   */
  supersede(model: string): void {
    for (const record of this.#records.values()) {
      const { plan, phase } = record.rollout;
      if (plan.model !== model || !isEnded(phase) || record.superseded) continue;
      const superseded = { ...record, superseded: true };
      this.#options.store.save(superseded);
      this.#records.set(plan.id, superseded);
      this.#stored.set(plan.id, record.rollout);
    }
  }

  /** A pump said how it is, now or, in a retained message, when it was last heard. */
  heardStatus(serial: Serial, { body }: StatusMessage): void {
    const { link, firmware } = body;
    this.#heard({ what: 'status', serial, link, firmware, atMs: this.#options.clock.now() });
  }

  /** A record of the log of a pump, once: repetitions have been sorted out. */
  heardRecord(serial: Serial, message: AlarmMessage | EventMessage): void {
    const atMs = this.#options.clock.now();
    if (message.type === 'event') {
      const { event, detail } = message.body;
      if (event.startsWith('firmware-')) this.#heard({ what: 'event', serial, event, detail, atMs });
    } else if (message.body.change === 'raised') {
      this.#heard({ what: 'alarm', serial, priority: message.body.priority, atMs });
    }
  }

  #heard(news: Extract<RolloutNews, { readonly serial: Serial }>): void {
    for (const { rollout } of [...this.#records.values()]) {
      const { id, model } = rollout.plan;
      // The last one of a model hears of its pumps when it is over, too: one may come back with the update that all others gave up.
      const hears = isUnderWay(rollout) || this.#lastOf(model) === id;
      if (hears && rollout.pumps.some(({ serial }) => serial === news.serial)) this.#news(id, news);
    }
  }

  #news(id: string, news: RolloutNews): void {
    const record = this.#records.get(id);
    if (record === undefined) return;
    const rollout = advance(record.rollout, news);
    if (rollout === this.#stored.get(id)) {
      // The window may be another one by now.
      if (news.what === 'time') this.#say(record, news.atMs);
      this.#schedule();
      return;
    }
    const heard = { ...record, rollout };
    // Whatever becomes of the disk: its pump has a receipt for it, or gets one, and does not say it again.
    this.#records.set(id, heard);
    try {
      this.#keep(heard, news.atMs);
      this.#failureTold = false;
    } catch (cause) {
      // Nothing has been said: that comes when it is stored.
      if (!this.#failureTold) this.#tell(record.rollout, 'not-stored', String(cause));
      this.#failureTold = true;
      this.#schedule(RETRY_MS);
    }
  }

  /** Stores first, then says. */
  #keep(record: RolloutRecord, atMs: number): void {
    const { rollout } = record;
    const before = this.#stored.get(rollout.plan.id);
    this.#options.store.save(record);
    this.#records.set(rollout.plan.id, record);
    this.#stored.set(rollout.plan.id, rollout);
    if (before?.phase !== rollout.phase) this.#tell(rollout, rollout.phase, rollout.reason);
    else if (before?.wave !== rollout.wave) this.#tell(rollout, 'wave');
    this.#say(record, atMs);
    this.#schedule();
  }

  #say({ rollout, update, previous, superseded }: RolloutRecord, atMs: number): void {
    const { id, model } = rollout.plan;
    // What came after it holds: one that has ended still hears pumps, and says nothing over it.
    if (superseded || this.#lastOf(model) !== id) return;
    const offer = offerOf(rollout, atMs);
    const text = JSON.stringify(offer);
    if (this.#said.get(id) === text) return;
    this.#publish(offer, update, previous);
    this.#said.set(id, text);
  }

  /** The rollout of a model that began last. */
  #lastOf(model: string): string | undefined {
    return this.rollouts().findLast(({ plan }) => plan.model === model)?.plan.id;
  }

  #publish(offer: Offer, update: FirmwareManifest, previous: FirmwareManifest | null): void {
    switch (offer.what) {
      case 'nothing':
        return this.#options.publish(update, [], null);
      case 'update':
        return this.#options.publish(update, offer.serials, offer.window);
      case 'previous':
        if (previous !== null) this.#options.publish(previous, offer.serials, offer.window);
    }
  }

  #schedule(leastMs = 0): void {
    this.#timer?.cancel();
    const { clock } = this.#options;
    const dues = this.rollouts().flatMap((rollout) => nextDueMs(rollout, clock.now()) ?? []);
    // What could not be stored is tried again, also where nothing else is due.
    if (dues.length === 0 && leastMs === 0) return;
    const dueMs = dues.reduce((a, b) => Math.min(a, b), dues.length === 0 ? clock.now() : Infinity);
    this.#timer = clock.after(Math.max(leastMs, dueMs - clock.now()), () => {
      for (const { rollout } of [...this.#records.values()]) {
        const { id } = rollout.plan;
        const isUnstored = this.#stored.get(id) !== rollout;
        if (isUnstored || isUnderWay(rollout)) this.#news(id, { what: 'time', atMs: clock.now() });
      }
    });
  }

  #tell({ plan, wave }: Rollout, change: string, cause: string | null = null): void {
    const name = plan.waves[wave]?.name ?? '';
    this.#options.tell({
      event: `rollout.${change}`,
      outcome: change === 'not-stored' ? 'denied' : 'observed',
      object: `${plan.id} ${plan.model} ${plan.version}, wave ${name}`,
      cause,
    });
  }
}

/** An aborted one still waits for pumps that were in the middle of it; it hears them, and offers nothing. */
function isUnderWay({ phase, pumps }: Rollout): boolean {
  switch (phase) {
    case 'running':
    case 'paused':
    case 'halted':
    case 'backing-out':
      return true;
    case 'aborted':
      return pumps.some(({ stage }) => stage === 'applying' || stage === 'observed');
    case 'completed':
    case 'backed-out':
      return false;
  }
}

function invalid(detail: string): PumprangeError {
  return new PumprangeError('PR_ROLLOUT_INVALID', detail);
}
