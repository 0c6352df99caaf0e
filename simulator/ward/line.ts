import type { Random } from '../../clock/index.ts';
import type { ChannelReading, Pump } from '../pump/index.ts';
import type { Appointments } from './appointments.ts';
import type { Caregiver } from './caregiver.ts';
import {
  drawAir,
  drawBroken,
  drawLoosened,
  MISHAP_EVERY_MS,
  SET_MISLOADED,
  SUPPLY_FORGOTTEN,
} from './mishaps.ts';
import { type BedOrder, titration } from './order-book.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Mean times between what is meant to happen to an infusion. Believable, and synthetic. */
const EVERY_MS = { pause: 2.5 * HOUR_MS, bolus: 3 * HOUR_MS, demand: 35 * MINUTE_MS };
/** How often the patient turns back before anybody has noticed. */
const FREED_BY_ITSELF = 0.2;
/** The share of what is left of an order that a bolus may take at most. */
const BOLUS_SHARE = 0.3;

/** One channel of a bed's pump with the line from it to the patient, and what happens to both during a shift. */
export class Line {
  readonly channel: string;
  readonly #pump: Pump;
  readonly #random: Random;
  readonly #caregiver: Caregiver;
  readonly #appointments: Appointments;
  #order: BedOrder | undefined;
  /** The patient lies on it. */
  #clamped = false;
  /** Somebody paused it and will be back. */
  #attended = false;
  /** The power went while the order ran. */
  #cutOff = false;

  constructor(options: {
    readonly channel: string;
    readonly pump: Pump;
    readonly random: Random;
    readonly caregiver: Caregiver;
    readonly appointments: Appointments;
  }) {
    this.channel = options.channel;
    this.#pump = options.pump;
    this.#random = options.random;
    this.#caregiver = options.caregiver;
    this.#appointments = options.appointments;
    this.#happenings();
  }

  reading(): ChannelReading | undefined {
    return this.#pump.channelReading(this.channel);
  }

  /** Starts an order. Whoever sets it up looks along the line first. @returns whether it runs */
  begin(order: BedOrder): boolean {
    this.open();
    if (!this.#caregiver.programmeAndStart(this.#pump, this.channel, order).accepted) {
      this.cancelEntry();
      return false;
    }
    this.#order = order;
    this.#cutOff = false;
    if (order.reservoirMl !== undefined) this.#slipOfTheHand();
    if (order.secondary !== undefined) this.#piggybackIn(order, this.#random.between(5, 30) * MINUTE_MS);
    return true;
  }

  /**
   * After a loss of power: what the pump kept is recalled and started. An order of which nothing is kept is given up.
   *
   * @returns whether there was something to take up, and so nothing else to begin
   */
  takeUpAgain(): boolean {
    const order = this.#order;
    if (!this.#cutOff || order === undefined) return false;
    this.#cutOff = false;
    if (this.#caregiver.recallAndStart(this.#pump, this.channel, true).accepted) return true;
    this.cancelEntry();
    this.#caregiver.giveUp(this.#pump, this.channel);
    this.forget();
    return false;
  }

  /** Ends an order that is done. */
  finish(): void {
    if (this.reading()?.therapy === 'standby') return;
    this.#caregiver.stop(this.#pump, this.channel);
    this.forget();
  }

  /** Takes back an entry that nobody has started. */
  cancelEntry(): void {
    const therapy = this.reading()?.therapy;
    if (therapy === 'programming' || therapy === 'ready') this.#caregiver.stop(this.#pump, this.channel);
  }

  /** The power went, and what ran with it; the order stands. */
  cutOff(): void {
    this.#attended = false;
    if (this.#order !== undefined) this.#cutOff = true;
  }

  /** What ran is gone with the patient. */
  forget(): void {
    this.#order = undefined;
    this.#attended = false;
    this.#cutOff = false;
  }

  open(): void {
    // Another hand may have clamped it: opening an open line changes nothing.
    this.#pump.physical({ event: 'line-opened', channel: this.channel });
    this.#clamped = false;
  }

  /** A new bag or syringe like the last; a running infusion is paused for it. */
  changeContainer(): void {
    const runs = isFlowing(this.reading());
    if (runs && !this.#caregiver.pause(this.#pump, this.channel).accepted) return;
    const containerMl = this.#order?.containerMl ?? this.#pump.model.reservoirMl;
    this.#caregiver.hangBag(
      this.#pump,
      this.channel,
      Math.round(containerMl * this.#random.between(1.01, 1.04)),
      this.#order?.syringeMl,
    );
    this.#slipOfTheHand();
    if (runs) this.#resumeIn(this.#random.between(20, 60) * 1_000);
  }

  /** Goes on after an alarm or a forgotten pause; what somebody attends to is theirs. */
  resume(): void {
    const therapy = this.reading()?.therapy;
    if (therapy !== 'stopped' && (therapy !== 'paused' || this.#attended)) return;
    this.#goOn();
  }

  /** The display says what stands in the way; nobody presses the key for nothing. */
  #goOn(): void {
    const { alarms } = this.#pump;
    const { channel: id } = this;
    // An alert while it delivers, an obstacle to going on.
    if (alarms.some(({ alarm, channel }) => alarm === 'set-misloaded' && channel === id)) {
      this.#pump.physical({ event: 'set-loaded', channel: id });
    }
    const stands = alarms.some(
      ({ alarm, channel, priority }) =>
        priority === 'high' &&
        (channel === null || channel === id) &&
        alarm !== 'battery-depleted' &&
        alarm !== 'dose-limit',
    );
    if (!stands) this.#caregiver.resume(this.#pump, this.channel);
  }

  #resumeIn(delayMs: number): void {
    this.#attended = true;
    this.#appointments.in(delayMs, () => {
      this.#attended = false;
      if (this.reading()?.therapy === 'paused') this.#goOn();
    });
  }

  #happenings(): void {
    const random = this.#random;
    const often = (meanMs: number) => () => random.exponential(meanMs);
    const { model } = this.#pump;
    this.#appointments.every(
      () => random.between(20, 90) * MINUTE_MS,
      () => this.#titrate(),
    );
    this.#appointments.every(often(EVERY_MS.pause), () => this.#pauseAWhile());
    this.#appointments.every(often(MISHAP_EVERY_MS.occlusion), () => this.#pinchOff());
    this.#appointments.every(often(MISHAP_EVERY_MS.air), () =>
      this.#goesWrong(drawAir(this.channel, random)),
    );
    this.#appointments.every(often(MISHAP_EVERY_MS.loosened), () =>
      this.#goesWrong(drawLoosened(model, this.channel, random)),
    );
    this.#appointments.every(often(MISHAP_EVERY_MS.broken), () =>
      this.#goesWrong(drawBroken(model, this.channel, random)),
    );
    if (model.pca === null) this.#appointments.every(often(EVERY_MS.bolus), () => this.#giveBolus());
    else this.#appointments.every(often(EVERY_MS.demand), () => this.#pressButton());
  }

  /** Only to what delivers: the rest nobody would notice. */
  #goesWrong(mishap: Parameters<Pump['physical']>[0]): void {
    if (isFlowing(this.reading())) this.#pump.physical(mishap);
  }

  /** Hanging a bag leaves a clamp closed now and then, or a set badly in its place. Always two draws. */
  #slipOfTheHand(): void {
    const forgotten = this.#random.next() < SUPPLY_FORGOTTEN;
    const misloaded = this.#random.next() < SET_MISLOADED;
    if (this.#pump.model.holds !== 'door') return;
    const { channel } = this;
    if (forgotten) this.#pump.physical({ event: 'supply-clamped', channel });
    if (misloaded) this.#pump.physical({ event: 'set-misloaded', channel });
  }

  /** The second bag is hung while the first one runs; if it does not, a little later. */
  #piggybackIn(order: BedOrder, delayMs: number): void {
    this.#appointments.in(delayMs, () => {
      const { secondary } = order;
      if (this.#order !== order || secondary === undefined) return;
      if (!isPrimary(this.reading())) this.#piggybackIn(order, 5 * MINUTE_MS);
      else this.#caregiver.piggyback(this.#pump, this.channel, secondary);
    });
  }

  #titrate(): void {
    const order = this.#order;
    const reading = this.reading();
    if (order?.titrated !== true || !isPrimary(reading)) return;
    const { drug, weightKg, syringeMl } = order;
    const running = {
      drug,
      rateMlPerH: reading.programmedRateMlPerH,
      ...(weightKg === undefined ? {} : { weightKg }),
      ...(syringeMl === undefined ? {} : { syringeMl }),
    };
    const { inUse } = this.#pump.libraries;
    const wanted = titration(this.#pump.model, inUse, running, this.#random);
    if (wanted !== undefined) {
      this.#caregiver.changeRate(this.#pump, this.channel, wanted.rateMlPerH, wanted);
    }
  }

  /** A walk to the bathroom, a blood sample, a drug that does not mix. */
  #pauseAWhile(): void {
    const awayMs = this.#random.between(1, 5) * MINUTE_MS;
    if (!isPrimary(this.reading())) return;
    if (this.#caregiver.pause(this.#pump, this.channel).accepted) this.#resumeIn(awayMs);
  }

  #pinchOff(): void {
    const freed = this.#random.next() < FREED_BY_ITSELF;
    const freedAfterMs = this.#random.between(1, 5) * MINUTE_MS;
    if (this.#clamped || !isFlowing(this.reading())) return;
    this.#pump.physical({ event: 'line-clamped', channel: this.channel });
    this.#clamped = true;
    if (!freed) return;
    this.#appointments.in(freedAfterMs, () => {
      if (this.#clamped) this.open();
    });
  }

  #giveBolus(): void {
    const share = this.#random.between(0.3, 1);
    const reading = this.reading();
    if (this.#order === undefined || !isPrimary(reading)) return;
    const leftMl = reading.volumeToBeInfusedMl - reading.deliveredMl;
    const volumeMl = Math.floor(Math.min(this.#order.bolusMaxMl * share, leftMl * BOLUS_SHARE) * 10) / 10;
    if (volumeMl > 0) this.#caregiver.bolus(this.#pump, this.channel, volumeMl);
  }

  /** Patients press when it hurts, within the lockout too: a refusal is part of the therapy. */
  #pressButton(): void {
    if (isPrimary(this.reading())) this.#caregiver.demand(this.#pump, this.channel);
  }
}

function isFlowing(reading: ChannelReading | undefined): boolean {
  return reading?.therapy === 'infusing' || reading?.therapy === 'keepVeinOpen';
}

/** Runs at its programmed rate: neither a dose nor a second bag. A clamped line shows nothing yet. */
function isPrimary(reading: ChannelReading | undefined): reading is ChannelReading {
  return reading?.mode === 'primary';
}
