import type { Clock, Random, Timer } from '../../clock/index.ts';
import type { ActiveAlarm, Fact, Pump } from '../pump/index.ts';
import { Appointments } from './appointments.ts';
import type { Caregiver } from './caregiver.ts';
import { Line } from './line.ts';
import { nextOrder } from './order-book.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Shares of the beds to which this happens. Believable, and synthetic. */
const GETS_AN_ORDER = 0.82;
const GOES_ON = 0.8;
const FORGOTTEN_UNPLUGGED = 0.25;

const TRANSPORT_EVERY_MS = 7 * HOUR_MS;

/** Alarms that report what is under way: they end by themselves, and nobody has to come a second time. */
const RUNS_OUT: ReadonlySet<string> = new Set(['near-end', 'reservoir-low', 'infusion-complete']);
/** Alarms that stay until somebody clears them. */
const TO_CLEAR: ReadonlySet<string> = new Set([
  'downstream-occlusion',
  'air-in-line',
  'reservoir-empty',
  'door-open',
  'programme-cleared',
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
  #encounter: string;
  #orders = 0;
  #nextRound: Timer | undefined;
  #nurseOnTheWay = false;
  #outOfService = false;

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
    this.#unlisten = pump.onFact((fact) => this.#notice(fact));
    appointments.in(random.between(0, 6) * MINUTE_MS, () => this.#admit());
    this.#lines = pump.model.channels.map(
      (channel) => new Line({ channel, pump, random, caregiver, appointments }),
    );
    appointments.every(
      () => random.exponential(TRANSPORT_EVERY_MS),
      () => this.#transport(),
    );
  }

  /** Nobody looks after this bed any more; the pump goes on by itself. */
  leave(): void {
    this.#unlisten();
    this.#appointments.callOff();
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
    const idle = this.#lines.filter((line) => line.reading()?.therapy === 'standby');
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
    this.#appointments.in(this.#random.between(20, 240) * 1_000, () => {
      if (this.#pump.reading().alarms.length > 0) this.#caregiver.silence(this.#pump);
      this.#appointments.in(this.#random.between(15, 60) * 1_000, () => {
        this.#nurseOnTheWay = false;
        this.#seeToAlarms();
      });
    });
  }

  #seeToAlarms(): void {
    for (const alarm of this.#pump.reading().alarms) {
      // What was seen to may have ended this one as well.
      if (this.#sounds(alarm.alarm, alarm.channel)) this.#seeTo(alarm);
    }
    if (this.#outOfService) return;
    if (this.#pump.reading().alarms.some(({ alarm }) => TO_CLEAR.has(alarm))) {
      this.#caregiver.clearAlarms(this.#pump);
    }
    for (const line of this.#lines) if (line.reading()?.therapy === 'stopped') line.resume();
    // What could not be mended sounds on and brings somebody again.
    if (this.#pump.reading().alarms.some(({ alarm }) => !RUNS_OUT.has(alarm))) this.#callNurse();
  }

  #sounds(name: string, channel: string | null): boolean {
    return this.#pump.reading().alarms.some((held) => held.alarm === name && held.channel === channel);
  }

  #seeTo({ alarm, channel }: ActiveAlarm): void {
    const line = this.#lines.find((each) => each.channel === channel);
    switch (alarm) {
      case 'downstream-occlusion':
        line?.open();
        return;
      case 'reservoir-low':
      case 'reservoir-empty':
        if (channel !== null && !this.#sounds('infusion-complete', channel)) line?.changeContainer();
        return;
      case 'air-in-line':
        if (channel !== null) this.#pump.physical({ event: 'air-purged', channel });
        return;
      case 'door-open':
        if (channel !== null) this.#pump.physical({ event: 'door-closed', channel });
        return;
      case 'infusion-complete':
        line?.finish();
        this.#afterOrder();
        return;
      case 'input-waiting':
        line?.resume();
        return;
      case 'idle':
        line?.cancelEntry();
        this.#roundIn(this.#random.between(2, 12) * MINUTE_MS);
        return;
      case 'programme-cleared':
        this.#roundIn(this.#random.between(2, 12) * MINUTE_MS);
        return;
      case 'battery-low':
      case 'battery-depleted':
        this.#plugIn();
        return;
      case 'self-test-failed':
      case 'system-failure':
        // Biomedical engineering has it; it is not part of the shift any more.
        this.#outOfService = true;
        this.#appointments.callOff();
        return;
    }
  }

  /** The bed is moved; at the other end somebody plugs the pump in, or forgets to. */
  #transport(): void {
    const awayMs = this.#random.between(10, 50) * MINUTE_MS;
    const forgotten = this.#random.next() < FORGOTTEN_UNPLUGGED;
    if (this.#pump.reading().power !== 'mains') return;
    this.#pump.physical({ event: 'mains-lost' });
    if (!forgotten) this.#appointments.in(awayMs, () => this.#plugIn());
  }

  #plugIn(): void {
    if (this.#pump.reading().power === 'battery') this.#pump.physical({ event: 'mains-restored' });
  }

  /** The battery ran out and took the programme with it; the patient is the same. */
  #supplyAgain(): void {
    for (const line of this.#lines) line.forget();
    this.#plugIn();
    if (!this.#pump.reading().on) this.#caregiver.switchOn(this.#pump, false);
  }
}

/** Names a stay in hospital and says nothing about anybody. */
function token(random: Random): string {
  return `stay-${random.int(0, 0x7fffffff).toString(16).padStart(8, '0')}`;
}
