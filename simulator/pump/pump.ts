import { createActor } from 'xstate';
import type { Clock, Random, Timer } from '../../clock/index.ts';
import type { DrugLibrary } from '../../protocol/drug-library/index.ts';
import type { FirmwarePersonality } from '../../protocol/firmware/index.ts';
import type { ControlId, Serial } from '../../protocol/index.ts';
import { isControlId } from '../../protocol/index.ts';
import type { PumpModel } from '../models/index.ts';
import { drawMechanism } from '../physics/index.ts';
import { whyDenied } from './access-rights.ts';
import type { BedsideAction, BedsideResult, BedsideRole, PhysicalEvent, PhysicalResult } from './bedside.ts';
import { type AccessCodes, channelOf, type HeldConfiguration, isIdle, type PumpContext } from './context.ts';
import type { EssentialPerformance } from './essential.ts';
import { bedsideEvent, deniedEvent, type EventOf, type PumpEvent, physicalEvent } from './events.ts';
import { FactListeners } from './fact-listeners.ts';
import type { Fact } from './facts.ts';
import { failSafe } from './fail-safe.ts';
import { type ApplyWindow, runningFirmware, stagedFirmware, writtenFirmware } from './firmware-slots.ts';
import { FlowRecord } from './flow-record.ts';
import { tellsPresence } from './idle.ts';
import { type PumpActor, pumpMachine } from './machine.ts';
import { nextDue } from './next-due.ts';
import { readAlarms, readChannel, readPump } from './read.ts';
import type { ActiveAlarm, ChannelReading, FlowSegment, PumpReading, TelemetrySample } from './reading.ts';
import { eventFact } from './step.ts';
import { TelemetryProbe } from './telemetry-probe.ts';

export interface PumpOptions {
  readonly serial: Serial;
  readonly model: PumpModel;
  readonly careArea: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly library: DrugLibrary | null;
  readonly firmware: FirmwarePersonality;
  /** 100 unless told. */
  readonly batteryPercent?: number;
  /** In each channel; what the model's container holds unless told. */
  readonly reservoirMl?: number;
  /** Whether wrong codes lock the keypad: the control `keypad-lockout`; yes unless told. */
  readonly locksOut?: boolean;
  /** Essential performance that it lacks: none, but in a counterfactual. */
  readonly lacks?: readonly EssentialPerformance[];
}

type WithoutTime<E> = E extends unknown ? Omit<E, 'atMs'> : never;
/** What is written into a pump's memory by a service or by whoever holds it. */
export type Written = WithoutTime<EventOf<'setting.written' | 'calibration.written' | 'library.written'>>;

/** A refusal, with the control that refused where one did. */
export type Refusal = Extract<BedsideResult, { readonly accepted: false }>;

/** More instants than this at one time mean that the machine goes round in circles. */
const MOST_AT_ONE_INSTANT = 200;

/**
 * One virtual pump: the machine, the physics and one timer of the clock. Everything that happens to it comes in through
 * the methods; everything that it does goes out as facts; what it is at an instant is read at no cost to the machine.
 */
export class Pump {
  readonly serial: Serial;
  readonly model: PumpModel;
  readonly careArea: string;
  /** Fictitious; whoever works on the ward knows them. */
  readonly codes: AccessCodes;
  readonly #clock: Clock;
  readonly #actor: PumpActor;
  readonly #probe = new TelemetryProbe();
  readonly #records = new Map<string, FlowRecord>();
  readonly #listeners = new FactListeners();
  /** Facts of the event that the machine works on. */
  #collected: Fact[] = [];
  #context: PumpContext;
  #lastMs: number;
  #timer: Timer | undefined;
  #timerMs: number | undefined;
  /** The latest time at which anybody looked: a clock that is set back takes nothing out of the patient again. */
  #seenMs: number;
  #broken: unknown;
  #disposed = false;
  #sends = 0;

  constructor(options: PumpOptions) {
    const { model, clock } = options;
    this.serial = options.serial;
    this.model = model;
    this.careArea = options.careArea;
    this.#clock = clock;
    this.#lastMs = clock.now();
    this.#seenMs = this.#lastMs;
    const { min, max } = model.selfTestSeconds;
    const code = (role: string): string =>
      String(options.random.fork(`code-${role}`).int(0, 9_999)).padStart(4, '0');
    this.codes = { nurse: code('nurse'), biomed: code('biomed') };
    this.#actor = createActor(pumpMachine(model), {
      input: {
        atMs: this.#lastMs,
        model,
        library: options.library,
        firmware: options.firmware,
        batteryPercent: options.batteryPercent ?? 100,
        reservoirMl: options.reservoirMl ?? model.reservoirMl,
        selfTestMs: Math.round(options.random.fork('self-test').between(min, max) * 1_000),
        codes: this.codes,
        locksOut: options.locksOut ?? true,
        lacks: options.lacks ?? [],
        mechanisms: Object.fromEntries(
          model.channels.map((id) => [
            id,
            drawMechanism(model.accuracy, options.random.fork(`mechanism-${id}`)),
          ]),
        ),
      },
    });
    this.#actor.on('fact', ({ fact }) => this.#collected.push(fact));
    this.#actor.subscribe({
      error: (error) => {
        this.#broken = error;
      },
    });
    this.#actor.start();
    this.#context = this.#actor.getSnapshot().context;
    for (const id of model.channels) {
      this.#records.set(id, new FlowRecord(id, model.line, channelOf(this.#context, id).physics));
    }
    this.#arm();
  }

  /** The firmware that runs, with its weaknesses. */
  get firmware(): FirmwarePersonality {
    return runningFirmware(this.#context.firmware);
  }

  /** The version that is being written into the other slot, or waits there whole; `null` if none does. */
  get incomingFirmware(): string | null {
    const { firmware } = this.#context;
    return (writtenFirmware(firmware) ?? stagedFirmware(firmware))?.version ?? null;
  }

  /** The highest security epoch that passed its trial here. */
  get highestEpoch(): number {
    return this.#context.firmware.highestEpoch;
  }

  /** The libraries in use and pending, whole. */
  get libraries(): { readonly inUse: DrugLibrary | null; readonly pending: DrugLibrary | null } {
    return this.#context.library;
  }

  /** The device configuration that it goes by; `null`: as the model comes. */
  get configuration(): HeldConfiguration | null {
    return this.#context.configuration;
  }

  /** Whether nothing is programmed: it is in standby or off. */
  get isIdle(): boolean {
    return isIdle(this.#context);
  }

  /** Presses a key. A refusal is a value: nothing has changed, and a fact has the reason. */
  bedside(role: BedsideRole, action: BedsideAction): BedsideResult {
    const nowMs = this.#now();
    this.#catchUp(nowMs);
    const denied = whyDenied(this.#context, role, action);
    if (!this.#disposed && tellsPresence(this.#context, action)) {
      this.#send({ type: 'keypad.touched', atMs: nowMs });
    }
    return this.#ask((atMs) =>
      denied === null ? bedsideEvent(atMs, role, action) : deniedEvent(atMs, role, action, denied),
    );
  }

  /** Something happens to the pump without a key. What cannot happen is not taken, and a fact says why. */
  physical(event: PhysicalEvent): PhysicalResult {
    const { facts } = this.#happen((atMs) => physicalEvent(atMs, event));
    if (this.#broken !== undefined || this.#disposed) return { taken: false, reason: BROKEN.reason };
    const refusal = facts.find((fact) => fact.fact === 'event' && fact.event === 'event-not-taken');
    return refusal?.fact === 'event'
      ? { taken: false, reason: String(refusal.detail['reason']) }
      : { taken: true };
  }

  /** What the transport knows of its link. Therapy never depends on it. */
  link(state: 'offline' | 'connecting' | 'online'): void {
    this.#happen((atMs) => ({ type: `link.${state}`, atMs }));
  }

  /** A rate changed from afar, running or for the next start, within all limits: nobody is there to pass a soft one. */
  remoteRate(channel: string, rateMlPerH: number): BedsideResult {
    return this.#ask((atMs) => ({ type: 'remote.set-rate', atMs, channel, rateMlPerH }));
  }

  remotePause(channel: string): BedsideResult {
    return this.#ask((atMs) => ({ type: 'remote.pause', atMs, channel }));
  }

  /** A bolus from afar, under the rules of one at the bedside; nobody is there to pass a soft limit. */
  remoteBolus(channel: string, volumeMl: number): BedsideResult {
    return this.#ask((atMs) => ({ type: 'remote.bolus', atMs, channel, volumeMl }));
  }

  /** Another occlusion limit from afar, within the model's range, whatever the channel is doing. */
  remoteAlarmLimit(channel: string, occlusionLimitMmHg: number): BedsideResult {
    return this.#ask((atMs) => ({ type: 'remote.set-alarm-limit', atMs, channel, occlusionLimitMmHg }));
  }

  /** Keeps a verified library until the next power-on with a new patient. */
  offerLibrary(library: DrugLibrary): 'pending' | Refusal {
    if (library.careArea !== this.careArea) {
      return this.#turnDown(
        'library',
        library.version,
        `it is for ${library.careArea}, this is ${this.careArea}`,
      );
    }
    this.#happen((atMs) => ({ type: 'library.offered', atMs, library }));
    return this.#broken === undefined ? 'pending' : BROKEN;
  }

  /** A library goes beyond the ceiling that the pump has now: one that waits is dropped, one in use is told of. */
  ruleOut(place: 'pending' | 'inUse', reason: string): void {
    this.#happen((atMs) => ({ type: 'library.ruled-out', atMs, place, reason }));
  }

  /** Something is written past the keys and past whatever judges a release. */
  write(written: Written): BedsideResult {
    return this.#ask((atMs) => ({ ...written, atMs }));
  }

  /** Goes by a verified device configuration from now on. */
  configure(configuration: HeldConfiguration): void {
    this.#happen((atMs) => ({ type: 'configuration.taken', atMs, configuration }));
  }

  /** A device configuration was not taken, for the log. */
  refuseConfiguration(refusal: {
    readonly version: string;
    readonly reason: string;
    readonly control: ControlId | null;
  }): void {
    this.#happen((atMs) => ({ type: 'configuration.refused', atMs, ...refusal }));
  }

  /** Follows what becomes of a ceiling, for the log. */
  ceiling(
    news:
      | { readonly version: string; readonly sequence: number }
      | { readonly version: string; readonly reason: string; readonly control: ControlId | null },
  ): void {
    this.#happen((atMs) =>
      'sequence' in news
        ? { type: 'ceiling.taken', atMs, version: news.version, sequence: news.sequence }
        : { type: 'ceiling.refused', atMs, ...news },
    );
  }

  /**
   * Writes a verified firmware into the slot that does not run. It is applied as soon as it is written and no therapy is under way, and
   * tried before it is kept; `deferred`: there is one now.
   *
   * @param window when it may be applied; `null`: at any time
   */
  stageFirmware(
    personality: FirmwarePersonality,
    window: ApplyWindow | null = null,
  ): 'staging' | 'deferred' | Refusal {
    if (personality.model !== this.model.id) {
      return this.#turnDown('firmware', personality.version, `it is for ${personality.model}`);
    }
    const { facts } = this.#happen((atMs) => ({ type: 'firmware.offered', atMs, personality, window }));
    if (this.#broken !== undefined) return BROKEN;
    if (facts.some((fact) => fact.fact === 'event' && fact.event === 'firmware-busy')) {
      return { accepted: false, reason: 'another update is under way', control: null };
    }
    return isIdle(this.#context) ? 'staging' : 'deferred';
  }

  /** When the firmware that waits may be applied is another time now; `null`: at any time. */
  firmwareWindow(version: string, window: ApplyWindow | null): void {
    this.#happen((atMs) => ({ type: 'firmware.window', atMs, version, window }));
  }

  /** A firmware that was offered and is not applied yet is taken back. */
  withdrawFirmware(version: string): void {
    this.#happen((atMs) => ({ type: 'firmware.withdrawn', atMs, version }));
  }

  /** Follows a transfer, for the log and the display; `refused` says why the content was not taken. */
  transfer(
    what: 'library' | 'firmware',
    progress:
      | { readonly step: 'download-started' | 'download-ended'; readonly version: string }
      | {
          readonly step: 'refused';
          readonly version: string;
          readonly reason: string;
          readonly control: ControlId | null;
        },
  ): void {
    if (progress.step === 'refused') {
      const { version, reason, control } = progress;
      this.#happen((atMs) => ({ type: `${what}.refused`, atMs, version, reason, control }));
    } else {
      const { step, version } = progress;
      this.#happen((atMs) => ({ type: `${what}.${step}`, atMs, version }));
    }
  }

  /** What the pump shows and does now, or at `atMs` if nothing happens until then. */
  reading(atMs = this.#now()): PumpReading {
    return readPump(this.#context, atMs);
  }

  /** The part of a reading that tells of one channel; `undefined` for one that is not there. */
  channelReading(channel: string): ChannelReading | undefined {
    const context = this.#context;
    return context.model.channels.includes(channel)
      ? readChannel(context, channelOf(context, channel), this.#now())
      : undefined;
  }

  /** The part of a reading that tells of the alarms. */
  get alarms(): readonly ActiveAlarm[] {
    return readAlarms(this.#context);
  }

  /** What telemetry tells of now. */
  telemetrySample(): TelemetrySample {
    return this.#probe.sample(this.#context, this.#now());
  }

  /** How many events the machine has worked on. */
  get sends(): number {
    return this.#sends;
  }

  /** Calls back with every fact from here on, in order. @returns a function that ends it. */
  onFact(listener: (fact: Fact) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** The whole history of flow into the patient until now, channel by channel. */
  flow(): readonly FlowSegment[] {
    const nowMs = this.#now();
    return [...this.#records.values()].flatMap((record) => record.segments(nowMs));
  }

  /** What went into the patient through a channel until `atMs`, in mL; 0 for a channel that is not there. */
  totalDeliveredMl(channel: string, atMs: number): number {
    return this.#records.get(channel)?.totalMl(atMs) ?? 0;
  }

  /** Takes the pump away: no timer, no fact any more. */
  dispose(): void {
    this.#disposed = true;
    this.#timer?.cancel();
    this.#listeners.clear();
    this.#actor.stop();
  }

  #now(): number {
    this.#seenMs = Math.max(this.#seenMs, this.#clock.now(), this.#lastMs);
    return this.#seenMs;
  }

  #ask(event: (atMs: number) => PumpEvent): BedsideResult {
    const { facts } = this.#happen(event);
    if (this.#broken !== undefined || this.#disposed) return BROKEN;
    const refusal = facts.find((fact) => fact.fact === 'event' && fact.event === 'action-refused');
    if (refusal?.fact !== 'event') return { accepted: true };
    const { reason, control } = refusal.detail;
    return {
      accepted: false,
      reason: String(reason),
      control: typeof control === 'string' && isControlId(control) ? control : null,
    };
  }

  #turnDown(what: 'library' | 'firmware', version: string, reason: string): Refusal {
    this.transfer(what, { step: 'refused', version, reason, control: null });
    return { accepted: false, reason, control: null };
  }

  /** Lets what is due until now happen first, each at its own time, then the event. @returns its facts. */
  #happen(event: (atMs: number) => PumpEvent): { readonly facts: readonly Fact[] } {
    if (this.#disposed) return { facts: [] };
    const atMs = this.#now();
    this.#catchUp(atMs);
    const facts = this.#send(event(atMs));
    // What the event has made due at once, such as air over the limit.
    this.#catchUp(atMs);
    this.#arm();
    this.#listeners.tell();
    return { facts };
  }

  #catchUp(untilMs: number): void {
    let rounds = 0;
    for (;;) {
      const due = this.#broken === undefined ? nextDue(this.#context, this.#lastMs) : null;
      if (due === null || due.atMs > untilMs) return;
      rounds = due.atMs > this.#lastMs ? 0 : rounds + 1;
      if (rounds > MOST_AT_ONE_INSTANT) {
        this.#breakDown(new Error(`${due.event.type} comes back at once, again and again`), due.atMs);
        return;
      }
      this.#send(due.event);
    }
  }

  #send(event: PumpEvent): readonly Fact[] {
    this.#lastMs = event.atMs;
    if (this.#broken !== undefined) {
      const facts = [
        eventFact(event.atMs, 'event-not-taken', null, { event: event.type, reason: BROKEN.reason }),
      ];
      this.#listeners.push(facts);
      return facts;
    }
    this.#sends += 1;
    this.#actor.send(event);
    if (this.#broken !== undefined) {
      const error: unknown = this.#broken;
      this.#collected = [];
      return this.#breakDown(error, event.atMs);
    }
    const facts = this.#collected;
    this.#collected = [];
    this.#take(this.#actor.getSnapshot().context);
    this.#listeners.push(facts);
    return facts;
  }

  /** The machine has thrown: this pump stops safely and alarms; its neighbours never hear of it. */
  #breakDown(error: unknown, atMs: number): readonly Fact[] {
    this.#broken = error ?? new Error('unknown');
    this.#take(failSafe(this.#context, atMs));
    const reason = error instanceof Error ? error.message : String(error);
    const facts: Fact[] = [
      eventFact(atMs, 'system-failure', null, { reason }),
      { fact: 'alarm', atMs, alarm: 'system-failure', channel: null, priority: 'high', change: 'raised' },
    ];
    this.#listeners.push(facts);
    return facts;
  }

  #take(context: PumpContext): void {
    if (context === this.#context) return;
    this.#context = context;
    for (const [id, record] of this.#records) record.follow(channelOf(context, id).physics);
  }

  /** Sets the one timer to what is due next. */
  #arm(): void {
    const due = this.#broken === undefined && !this.#disposed ? nextDue(this.#context, this.#lastMs) : null;
    if (due?.atMs === this.#timerMs) return;
    this.#timer?.cancel();
    this.#timerMs = due?.atMs;
    this.#timer = due === null ? undefined : this.#clock.at(due.atMs, () => this.#wake(due.atMs));
  }

  #wake(dueMs: number): void {
    this.#timerMs = undefined;
    // A late timer of a wall clock must not make what was due happen later.
    this.#catchUp(Math.max(dueMs, this.#lastMs));
    this.#arm();
    this.#listeners.tell();
  }
}

const BROKEN: Refusal = { accepted: false, reason: 'the pump has failed and is out of order', control: null };
