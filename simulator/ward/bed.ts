import type { Clock, Random, Timer } from '../../clock/index.ts';
import type { ActiveAlarm, Fact, Pump } from '../pump/index.ts';
import { Appointments } from './appointments.ts';
import type { Caregiver } from './caregiver.ts';
import { Line } from './line.ts';
import { remedyOf } from './mishaps.ts';
import { nextOrder } from './order-book.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Shares of the beds to which this happens. Believable, and synthetic. */
const GETS_AN_ORDER = 0.82;
const GOES_ON = 0.8;
const FORGOTTEN_UNPLUGGED = 0.25;

const TRANSPORT_EVERY_MS = 7 * HOUR_MS;

/** A nurse works so long; then the next one takes over every bed. */
const SHIFT_MS = 8 * HOUR_MS;
/** How fast a nurse comes, as a factor on the usual delays: from one who is close by to one with many beds. */
const PACE = { fastest: 0.7, slowest: 1.3 };

/** Alarms that report what is under way or what is known: nobody has to come a second time. */
const KNOWN: ReadonlySet<string> = new Set([
  'near-end',
  'reservoir-low',
  'infusion-complete',
  // Ordered so, beyond a soft limit.
  'dose-out-of-range',
  // Until the pump gets a library that it can read: pharmacy has been told.
  'limits-failed',
]);

/**
 * One bed: a patient, a pump and a nurse who comes when it alarms. All that happens is drawn from a generator of its own, so
 * one bed never changes another. It knows no patient, only a token for the stay, which the ids of the orders carry.
 */
export class Bed {
  readonly #pump: Pump;
  readonly #random: Random;
  readonly #caregiver: Caregiver;
  readonly #appointments: Appointments;
  readonly #lines: readonly Line[];
  readonly #unlisten: () => void;
  /** Alarms for which biomedical engineering was called and has not come yet. */
  readonly #called = new Set<string>();
  #encounter: string;
  #orders = 0;
  #nextRound: Timer | undefined;
  #nurseOnTheWay = false;
  #outOfService = false;
  /** Somebody brings the bed back and plugs the pump in. */
  #underWay = false;
  #pace: number;

  constructor(options: {
    readonly pump: Pump;
    readonly clock: Clock;
    readonly random: Random;
    readonly caregiver: Caregiver;
  }) {
    const { pump, random, caregiver } = options;
    const appointments = new Appointments(options.clock);
    this.#pump = pump;
    this.#random = random;
    this.#caregiver = caregiver;
    this.#appointments = appointments;
    this.#encounter = token(random);
    this.#pace = random.between(PACE.fastest, PACE.slowest);
    this.#unlisten = pump.onFact((fact) => this.#notice(fact));
    appointments.in(random.between(0, 6) * MINUTE_MS, () => this.#admit());
    this.#lines = pump.model.channels.map(
      (channel) => new Line({ channel, pump, random, caregiver, appointments }),
    );
    appointments.every(
      () => random.exponential(TRANSPORT_EVERY_MS),
      () => this.#transport(),
    );
    const untilHandOverMs = SHIFT_MS - (options.clock.now() % SHIFT_MS);
    appointments.in(untilHandOverMs, () => {
      this.#nextShift();
      appointments.every(
        () => SHIFT_MS,
        () => this.#nextShift(),
      );
    });
  }

  /** Nobody looks after this bed any more; the pump goes on by itself. */
  leave(): void {
    this.#unlisten();
    this.#appointments.callOff();
  }

  /** Somebody takes over a bed at which others have worked: what alarms already brings a nurse, too. */
  lookRound(): void {
    if (this.#pump.alarms.length > 0) this.#callNurse();
  }

  /** The nurse of the next shift comes at another pace, and has seen every bed within half an hour. */
  #nextShift(): void {
    this.#pace = this.#random.between(PACE.fastest, PACE.slowest);
    this.#appointments.in(this.#random.between(3, 30) * MINUTE_MS, () => {
      // What an earlier shift forgot: a plug, or an infusion that nobody went on with.
      if (!this.#underWay) this.#plugIn();
      this.lookRound();
    });
  }

  #notice(fact: Fact): void {
    if (fact.fact === 'alarm') {
      if (fact.change === 'raised') this.#callNurse();
    } else if (fact.event === 'self-test-passed') {
      // After the power-on of an admission, or after an update.
      this.#roundIn(this.#random.between(1, 8) * MINUTE_MS);
    } else if (fact.event === 'power-failed') {
      this.#appointments.in(this.#random.between(1, 5) * MINUTE_MS, () => this.#supplyAgain());
    }
  }

  #admit(): void {
    if (!this.#pump.reading().on) this.#caregiver.switchOn(this.#pump, true);
    else this.#roundIn(this.#random.between(1, 8) * MINUTE_MS);
  }

  #roundIn(delayMs: number): void {
    this.#nextRound?.cancel();
    this.#nextRound = this.#appointments.in(delayMs, () => this.#round());
  }

  /** Somebody looks at every channel that does nothing, and starts what is ordered. */
  #round(): void {
    const resting = this.#lines.filter((line) => line.reading()?.therapy === 'standby');
    const idle = resting.filter((line) => !line.takeUpAgain());
    const { inUse } = this.#pump.libraries;
    for (const line of idle) {
      if (inUse === null || this.#random.next() >= GETS_AN_ORDER) continue;
      this.#orders += 1;
      const orderId = `${this.#encounter}-${this.#orders}`;
      const order = nextOrder(this.#pump.model, inUse, this.#random, orderId);
      if (order !== undefined) line.begin(order);
    }
    // What stays idle, or could not be started, is looked at again.
    if (idle.some((line) => line.reading()?.therapy === 'standby')) {
      this.#roundIn(this.#random.between(1, 3) * HOUR_MS);
    }
  }

  /** An order is done: the next one follows, or the patient leaves and another comes. */
  #afterOrder(): void {
    if (this.#random.next() < GOES_ON) {
      this.#roundIn(this.#random.between(2, 12) * MINUTE_MS);
      return;
    }
    this.#appointments.in(this.#random.between(5, 20) * MINUTE_MS, () => {
      const isFree = this.#lines.every((line) => line.reading()?.therapy === 'standby');
      if (!isFree || !this.#caregiver.powerCycle(this.#pump, true).accepted) {
        this.#roundIn(5 * MINUTE_MS);
        return;
      }
      this.#encounter = token(this.#random);
      this.#orders = 0;
    });
  }

  /** One nurse is called, however many alarms sound. */
  #callNurse(): void {
    if (this.#nurseOnTheWay || this.#outOfService) return;
    this.#nurseOnTheWay = true;
    this.#appointments.in(this.#pace * this.#random.between(20, 240) * 1_000, () => {
      if (this.#pump.alarms.length > 0 && !this.#hangs()) this.#caregiver.silence(this.#pump);
      this.#appointments.in(this.#random.between(15, 60) * 1_000, () => {
        this.#nurseOnTheWay = false;
        this.#seeToAlarms();
      });
    });
  }

  #seeToAlarms(): void {
    let toClear = false;
    for (const alarm of this.#pump.alarms) {
      // What was seen to may have ended this one as well.
      if (this.#sounds(alarm.alarm, alarm.channel)) toClear = this.#seeTo(alarm) || toClear;
      if (this.#outOfService) return;
    }
    // A pump that hangs takes no key.
    if (!this.#hangs()) this.#afterwards(toClear);
    // What could not be mended sounds on and brings somebody again.
    const unknown = ({ alarm, channel }: ActiveAlarm): boolean =>
      !KNOWN.has(alarm) && !this.#called.has(nameOf(alarm, channel));
    if (this.#pump.alarms.some(unknown)) this.#callNurse();
  }

  /** The cause is gone: the alarm is cleared, and what it stopped goes on. */
  #afterwards(toClear: boolean): void {
    if (toClear && this.#pump.alarms.some(({ alarm }) => !KNOWN.has(alarm))) {
      this.#caregiver.clearAlarms(this.#pump);
    }
    for (const line of this.#lines) if (line.reading()?.therapy === 'stopped') line.resume();
  }

  /** As far as anybody can see: it has alarmed, and nobody has mended it. */
  #hangs(): boolean {
    return this.#sounds('watchdog', null);
  }

  #sounds(name: string, channel: string | null): boolean {
    return this.#pump.alarms.some((held) => held.alarm === name && held.channel === channel);
  }

  /** @returns whether an alarm is left whose cause is gone: it waits for the key that clears it */
  #seeTo({ alarm, channel }: ActiveAlarm): boolean {
    const line = this.#lines.find((each) => each.channel === channel);
    switch (alarm) {
      case 'downstream-occlusion':
        line?.open();
        // Opened soon enough, the pump has gone on by itself.
        return this.#sounds(alarm, channel);
      case 'reservoir-low':
      case 'reservoir-empty':
        if (channel === null || this.#sounds('infusion-complete', channel)) return false;
        line?.changeContainer();
        return this.#sounds(alarm, channel);
      case 'infusion-complete':
        line?.finish();
        this.#afterOrder();
        return this.#sounds('reservoir-empty', channel);
      case 'input-waiting':
        line?.resume();
        return false;
      case 'idle':
        line?.cancelEntry();
        this.#roundIn(this.#random.between(2, 12) * MINUTE_MS);
        return false;
      case 'programme-cleared':
        this.#roundIn(this.#random.between(2, 12) * MINUTE_MS);
        return true;
      case 'dose-limit':
        return true;
      case 'battery-low':
      case 'battery-depleted':
      case 'no-power':
        this.#plugIn();
        return false;
      case 'self-test-failed':
      case 'system-failure':
        // Biomedical engineering takes it; it is not part of the shift any more.
        this.#outOfService = true;
        this.#plugIn();
        this.#appointments.callOff();
        return false;
      default:
        return this.#mend(alarm, channel);
    }
  }

  #mend(alarm: string, channel: string | null): boolean {
    const remedy = remedyOf(alarm, channel);
    if (remedy === undefined) return false;
    if (remedy.by === 'nurse') {
      for (const event of remedy.hands) this.#pump.physical(event);
      return true;
    }
    const name = nameOf(alarm, channel);
    if (this.#called.has(name)) return false;
    this.#called.add(name);
    this.#appointments.in(this.#random.between(5, 25) * MINUTE_MS, () => {
      this.#called.delete(name);
      for (const event of remedy.hands) this.#pump.physical(event);
      this.#afterwards(this.#sounds(alarm, channel));
    });
    return false;
  }

  /** The bed is moved; at the other end somebody plugs the pump in, or forgets to. */
  #transport(): void {
    const awayMs = this.#random.between(10, 50) * MINUTE_MS;
    const forgotten = this.#random.next() < FORGOTTEN_UNPLUGGED;
    if (this.#pump.reading().power !== 'mains') return;
    this.#pump.physical({ event: 'mains-lost' });
    this.#underWay = true;
    this.#appointments.in(awayMs, () => {
      this.#underWay = false;
      if (!forgotten) this.#plugIn();
    });
  }

  #plugIn(): void {
    if (this.#pump.reading().power === 'battery') this.#pump.physical({ event: 'mains-restored' });
  }

  /** The battery ran out; the patient is the same, and what the pump kept is taken up again at the next round. */
  #supplyAgain(): void {
    for (const line of this.#lines) line.cutOff();
    this.#plugIn();
    if (!this.#pump.reading().on) this.#caregiver.switchOn(this.#pump, false);
  }
}

function nameOf(alarm: string, channel: string | null): string {
  return `${alarm}/${channel ?? ''}`;
}

/** Names a stay in hospital and says nothing about anybody. */
function token(random: Random): string {
  return `stay-${random.int(0, 0x7fffffff).toString(16).padStart(8, '0')}`;
}
