import type { Intent, Serial } from '../../protocol/index.ts';
import type { LoadingDose, PcaSettings, ProgrammeEntry } from '../pump/index.ts';

/** What a clinician ordered for one channel. */
export interface Order {
  readonly orderId: string;
  readonly drug: string;
  readonly rateMlPerH: number;
  /** What is keyed in by mistake for it; absent: what was ordered. */
  readonly keyedRateMlPerH?: number;
  readonly volumeToBeInfusedMl: number;
  /** Content of a new bag or syringe that is hung first, in mL; absent: the one that hangs. */
  readonly reservoirMl?: number;
  /** A soft limit was read and is passed on purpose. */
  readonly overrideSoftLimit?: boolean;
  /** The order is written by dose: keyed in with the volume, it gives `rateMlPerH`. Absent: by rate. */
  readonly dose?: NonNullable<ProgrammeEntry['dose']>;
  /** Where drug or care area goes by weight. */
  readonly weightKg?: number;
  /** What the patient may press for; absent: as the model comes. */
  readonly pca?: PcaSettings;
  /** Size of the syringe with the new content. */
  readonly syringeMl?: number;
  /** Part of the ordered volume, at a rate of its own, before the rest. */
  readonly loading?: LoadingDose;
  /** A second bag that runs first; then this order goes on. */
  readonly secondary?: Omit<Order, 'dose' | 'pca' | 'syringeMl' | 'loading' | 'secondary'>;
}

/** A dose on top of the order: it flows at its own rate and counts towards the ordered volume. */
interface Dose {
  readonly volumeMl: number;
  readonly rateMlPerH: number;
}

const MS_PER_H = 3_600_000;

/**
 * One order under way by the ledger's own count: out of what was ordered and the times at which it was to take effect. What
 * the pump says about itself has no say in it. Each method gives the intent that takes effect at `atMs`.
 */
export class OrderAccount {
  readonly #serial: Serial;
  readonly #channel: string;
  readonly #order: Order;
  readonly #houseKeepVeinOpenMlPerH: number;
  #version = 1;
  #rateMlPerH: number;
  /** What is left of the order at `#sinceMs`. */
  #leftMl: number;
  /** From when on it is meant to flow; `undefined` while it is held. */
  #sinceMs: number | undefined;
  /** Began at `#sinceMs`, too. */
  #dose: Dose | undefined;

  /** @param keepVeinOpenMlPerH as the house has it, for whatever infusion */
  constructor(serial: Serial, channel: string, order: Order, keepVeinOpenMlPerH: number) {
    this.#serial = serial;
    this.#channel = channel;
    this.#order = order;
    this.#houseKeepVeinOpenMlPerH = keepVeinOpenMlPerH;
    this.#rateMlPerH = order.rateMlPerH;
    this.#leftMl = order.volumeToBeInfusedMl;
  }

  get orderId(): string {
    return this.#order.orderId;
  }

  get isHeld(): boolean {
    return this.#sinceMs === undefined;
  }

  /** It is to flow, to the end of what is left of it. */
  flow(atMs: number): Intent {
    this.#settle(atMs);
    this.#sinceMs = atMs;
    return this.#intent(atMs, this.#rateMlPerH, this.#leftMl, this.#keepVeinOpenMlPerH());
  }

  /** Nothing is to flow: a pause, or the end. A dose under way is given up, as on the pump. */
  hold(atMs: number): Intent {
    this.#settle(atMs);
    this.#sinceMs = undefined;
    return this.#intent(atMs, 0);
  }

  /** A new version of the order at another rate; `undefined` while it is held: it takes effect with the next `flow`. */
  changeRate(atMs: number, rateMlPerH: number): Intent | undefined {
    this.#settle(atMs);
    this.#version += 1;
    this.#rateMlPerH = rateMlPerH;
    return this.#sinceMs === undefined ? undefined : this.flow(atMs);
  }

  /**
   * A dose is to flow at once; the order's own rate follows. `endsAtMs` is when the order should be stated anew, by `flow`.
   * `undefined` if it is held or nothing is left: then nothing is added to what was ordered.
   */
  dose(
    atMs: number,
    wanted: Dose,
  ): { readonly intent: Intent; readonly endsAtMs: number | undefined } | undefined {
    this.#settle(atMs);
    const volumeMl = Math.min(wanted.volumeMl, this.#leftMl);
    if (this.#sinceMs === undefined || !(volumeMl > 0)) return undefined;
    this.#dose = { volumeMl, rateMlPerH: wanted.rateMlPerH };
    const isLast = volumeMl === this.#leftMl;
    const afterMlPerH = isLast ? this.#keepVeinOpenMlPerH() : this.#rateMlPerH;
    return {
      intent: this.#intent(atMs, wanted.rateMlPerH, volumeMl, afterMlPerH),
      // Whole milliseconds, like the pump's own instants.
      endsAtMs: isLast ? undefined : Math.ceil(atMs + durationMs(this.#dose)),
    };
  }

  /** As the pump does it: never faster than the infusion, and 0 for a model that stops [GIP]. */
  #keepVeinOpenMlPerH(): number {
    return Math.min(this.#houseKeepVeinOpenMlPerH, this.#rateMlPerH);
  }

  /** Counts what was to flow until `atMs`. */
  #settle(atMs: number): void {
    if (this.#sinceMs === undefined) return;
    const elapsedMs = Math.max(0, atMs - this.#sinceMs);
    const doseMs = this.#dose === undefined ? 0 : Math.min(elapsedMs, durationMs(this.#dose));
    const flowedMl =
      ((this.#dose?.rateMlPerH ?? 0) * doseMs + this.#rateMlPerH * (elapsedMs - doseMs)) / MS_PER_H;
    this.#leftMl = Math.max(0, this.#leftMl - flowedMl);
    this.#sinceMs = atMs;
    this.#dose = undefined;
  }

  #intent(
    atMs: number,
    rateMlPerH: number,
    volumeToBeInfusedMl?: number,
    keepVeinOpenMlPerH?: number,
  ): Intent {
    const { orderId, drug } = this.#order;
    return {
      atMs,
      serial: this.#serial,
      channel: this.#channel,
      orderId: this.#version === 1 ? orderId : `${orderId}#${this.#version}`,
      drug,
      rateMlPerH,
      ...(volumeToBeInfusedMl === undefined ? {} : { volumeToBeInfusedMl }),
      ...(keepVeinOpenMlPerH === undefined ? {} : { keepVeinOpenMlPerH }),
    };
  }
}

function durationMs(dose: Dose): number {
  return (dose.volumeMl / dose.rateMlPerH) * MS_PER_H;
}
