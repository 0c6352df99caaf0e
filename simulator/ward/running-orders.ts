import type { Clock, Timer } from '../../clock/index.ts';
import type { Intent, IntentSink, Serial } from '../../protocol/index.ts';
import type { OrderAccount } from './order-account.ts';

/** What is kept in mind about one channel of one pump. */
interface Remembered {
  readonly account: OrderAccount;
  /** What one press of the patient's button gives by this order, in mL. */
  readonly demandDoseMl: number | undefined;
  /** An order that runs before the first one goes on. */
  secondary: OrderAccount | undefined;
  /** When a dose or a second bag ends and the order is stated anew. */
  statedAnew: Timer | undefined;
}

/** One channel of one pump. */
export type Place = `${Serial}/${string}`;

export function placeOf(serial: Serial, channel: string): Place {
  return `${serial}/${channel}`;
}

/**
 * The orders under way, one a channel and perhaps a second bag above it. Every change of one is written as an intent at the
 * clock's time; what ends by itself, a dose or the second bag, is written when its time comes. Where no order of ours runs
 * there is nothing to write: somebody else's therapy is not intended.
 */
export class RunningOrders {
  readonly #clock: Clock;
  readonly #intents: IntentSink;
  readonly #remembered = new Map<Place, Remembered>();

  constructor(clock: Clock, intents: IntentSink) {
    this.#clock = clock;
    this.#intents = intents;
  }

  /** A new order takes the place of whatever ran there. */
  begin(place: Place, account: OrderAccount, demandDoseMl: number | undefined): void {
    this.forget(place);
    this.#remembered.set(place, { account, demandDoseMl, secondary: undefined, statedAnew: undefined });
    this.#intents(account.flow(this.#clock.now()));
  }

  /** The first order waits, nothing of it is used up; it is stated anew when the second one ends by the ledger's count. */
  beginSecondary(place: Place, secondary: OrderAccount): void {
    const remembered = this.#remembered.get(place);
    if (remembered === undefined) return;
    remembered.account.hold(this.#clock.now());
    remembered.secondary = secondary;
    this.write(place, (account, atMs) => account.flow(atMs));
  }

  /** The second bag is given up; the first order goes on, unless the channel stands on purpose. */
  endSecondary(place: Place): void {
    const remembered = this.#remembered.get(place);
    if (remembered?.secondary === undefined) return;
    const waits = remembered.secondary.isHeld;
    remembered.statedAnew?.cancel();
    remembered.secondary = undefined;
    if (!waits) this.#intents(remembered.account.flow(this.#clock.now()));
  }

  /**
   * The order that a loss of power ended runs on in the ledger; only one that was held is stated anew.
   *
   * @param orderId of what the pump kept; `undefined` where it was keyed in without one: then it is what ran there
   * @returns whether it is that order which was interrupted there
   */
  takeUpAgain(place: Place, orderId: string | undefined): boolean {
    const remembered = this.#remembered.get(place);
    if (remembered === undefined) return false;
    if (orderId !== undefined && remembered.account.orderId !== orderId) return false;
    // A second bag is not kept.
    remembered.secondary = undefined;
    if (remembered.account.isHeld) this.write(place, (account, atMs) => account.flow(atMs));
    return true;
  }

  /** Whether what runs there by the ledger's count, the second bag first, is meant to wait. */
  isHeld(place: Place): boolean {
    const remembered = this.#remembered.get(place);
    return (remembered?.secondary ?? remembered?.account)?.isHeld === true;
  }

  /** In mL, where the order says it. */
  demandDoseMl(place: Place): number | undefined {
    return this.#remembered.get(place)?.demandDoseMl;
  }

  /** Writes what `state` makes of the order that runs there, the second bag first. */
  write(place: Place, state: (account: OrderAccount, atMs: number) => Intent | undefined): void {
    const remembered = this.#remembered.get(place);
    if (remembered === undefined) return;
    remembered.statedAnew?.cancel();
    const atMs = this.#clock.now();
    const intent = state(remembered.secondary ?? remembered.account, atMs);
    if (intent === undefined) return;
    this.#intents(intent);
    const { rateMlPerH, volumeToBeInfusedMl } = intent;
    if (remembered.secondary === undefined || volumeToBeInfusedMl === undefined) return;
    remembered.statedAnew = this.#clock.at(
      Math.ceil(atMs + (volumeToBeInfusedMl / rateMlPerH) * MS_PER_H),
      () => {
        remembered.secondary = undefined;
        this.#intents(remembered.account.flow(this.#clock.now()));
      },
    );
  }

  /** A dose on top of the first order; the order is stated anew when the dose ends. */
  writeDose(place: Place, volumeMl: number, rateMlPerH: number): void {
    const remembered = this.#remembered.get(place);
    const dose = remembered?.account.dose(this.#clock.now(), { volumeMl, rateMlPerH });
    if (remembered === undefined || dose === undefined) return;
    remembered.statedAnew?.cancel();
    this.#intents(dose.intent);
    if (dose.endsAtMs === undefined) return;
    remembered.statedAnew = this.#clock.at(dose.endsAtMs, () =>
      this.#intents(remembered.account.flow(this.#clock.now())),
    );
  }

  /** Nothing is to flow there any more. */
  end(place: Place): void {
    this.write(place, (account, atMs) => account.hold(atMs));
    this.forget(place);
  }

  /** Without a word in the ledger. */
  forget(place: Place): void {
    this.#remembered.get(place)?.statedAnew?.cancel();
    this.#remembered.delete(place);
  }
}

const MS_PER_H = 3_600_000;
