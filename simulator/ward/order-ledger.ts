import type { Clock } from '../../clock/index.ts';
import type { DrugLibrary } from '../../protocol/drug-library/index.ts';
import type { IntentSink } from '../../protocol/index.ts';
import type { BedsideAction, ProgrammeEntry, Pump } from '../pump/index.ts';
import { type HouseRates, houseRates } from './house-rates.ts';
import { type Order, OrderAccount } from './order-account.ts';
import { type Place, placeOf, RunningOrders } from './running-orders.ts';
import { readingOf, type ShownBack } from './shown-back.ts';
import { statedOrder } from './stated-order.ts';

/** Keyed in on a channel and not yet started. */
interface Entries {
  readonly primary?: ProgrammeEntry | undefined;
  readonly secondary?: ProgrammeEntry | undefined;
  /** The rate of the order behind the first one, where somebody has said it: it may be keyed in by dose, or wrong. */
  readonly orderedRateMlPerH?: number | undefined;
  /** The first one is what the pump kept when its power went. */
  readonly recalled?: boolean;
}

/**
 * Writes down what was ordered, when it took effect: out of the keys that were taken, each told by `taken`.
 *
 * A pause is meant: nothing is to flow meanwhile, and a resume writes what is left of the order. An alarm is not meant: it
 * writes nothing, and neither does the resume after it. The order runs on in the ledger as if nothing had happened, so what
 * the patient misses shows as under-delivery at once. A loss of power is not meant either, and taking up again what the pump
 * kept is like such a resume. The pump then works off the whole ordered volume, ends later than the
 * ledger, and has caught up when it ends; it is never ahead, since it never delivers more than was ordered. If the order is
 * stopped before, what is missing stays missing. Known limit: a rate that is right in itself shows as a rate above the
 * ledger's during the minutes in which the pump catches up after the ordered end; only volumes tell.
 *
 * A titration makes a new version of the order: the ledger appends `#2`, `#3`, … to its id, the pump keeps the first.
 *
 * What flows at the house's rates goes by the libraries that the pharmacy released, never by the one that a pump has in use: a
 * forged one has no say here.
 *
 * Known limit: what is keyed in is what was ordered, unless `ordered` says another rate. An order keyed with other wrong values is
 * thereby the order.
 */
export class OrderLedger {
  readonly #orders: RunningOrders;
  readonly #libraries: ReadonlyMap<string, DrugLibrary>;
  readonly #entries = new Map<Place, Entries>();
  /** Set at the keypad for this patient, in mL/h. */
  readonly #keepVeinOpen = new Map<Place, number>();
  #withoutId = 0;

  /** @param options.libraries as the pharmacy released them, one for a care area */
  constructor(options: {
    readonly clock: Clock;
    readonly intents: IntentSink;
    readonly libraries: readonly DrugLibrary[];
  }) {
    this.#orders = new RunningOrders(options.clock, options.intents);
    this.#libraries = new Map(options.libraries.map((library) => [library.careArea, library]));
  }

  /**
   * Keeps in mind, and writes, what a key meant that was taken.
   *
   * @param shown what the pump showed before a start key was pressed
   */
  taken(pump: Pump, action: BedsideAction, shown: ShownBack | undefined): void {
    const place = (channel: string): Place => placeOf(pump.serial, channel);
    switch (action.action) {
      case 'power-on':
        if (!action.newPatient) return;
        this.#endAll(pump);
        // A new patient begins with presets.
        for (const channel of pump.model.channels) this.#keepVeinOpen.delete(place(channel));
        return;
      case 'power-off':
        // Nothing is to flow; what the pump keeps of it may be taken up again, and then it is this order and no other.
        for (const channel of pump.model.channels) {
          this.#entries.delete(place(channel));
          this.#orders.write(place(channel), (account, atMs) => account.hold(atMs));
        }
        return;
      case 'programme':
        this.#enter(place(action.channel), {
          primary: action.programme,
          orderedRateMlPerH: undefined,
          recalled: false,
        });
        return;
      case 'recall':
        this.#enter(place(action.channel), {
          primary: undefined,
          orderedRateMlPerH: undefined,
          recalled: true,
        });
        return;
      case 'programme-secondary':
        this.#enter(place(action.channel), { secondary: action.programme });
        return;
      case 'start':
        this.#start(pump, action.channel, shown);
        return;
      case 'start-secondary':
        this.#startSecondary(pump, action.channel, shown);
        return;
      case 'stop-secondary':
        this.#enter(place(action.channel), { secondary: undefined });
        this.#orders.endSecondary(place(action.channel));
        return;
      case 'pause':
        this.#orders.write(place(action.channel), (account, atMs) => account.hold(atMs));
        return;
      case 'resume':
        if (this.#orders.isHeld(place(action.channel)))
          this.#orders.write(place(action.channel), (account, atMs) => account.flow(atMs));
        return;
      case 'stop':
        this.end(pump, action.channel);
        return;
      case 'change-rate':
        this.#changeRate(place(action.channel), action.rateMlPerH);
        return;
      case 'change-dose': {
        // The pump works out the rate; whoever keyed the dose read it on the display.
        const rateMlPerH = readingOf(pump, action.channel)?.programmedRateMlPerH;
        if (rateMlPerH !== undefined) this.#changeRate(place(action.channel), rateMlPerH);
        return;
      }
      case 'bolus': {
        const { bolusMlPerH } = this.#ratesOf(pump, action.channel);
        this.#orders.writeDose(place(action.channel), action.volumeMl, bolusMlPerH);
        return;
      }
      case 'pca-demand': {
        const { pca } = pump.model;
        if (pca === null) return;
        const ordered = this.#orders.demandDoseMl(place(action.channel));
        const { demandDoseMlPerH } = this.#ratesOf(pump, action.channel);
        this.#orders.writeDose(place(action.channel), ordered ?? pca.demandDoseMl, demandDoseMlPerH);
        return;
      }
      case 'configure':
        if (action.setting.name === 'keepVeinOpenMlPerH')
          this.#keepVeinOpen.set(place(action.channel), action.setting.value);
        return;
      case 'confirm':
      case 'silence':
      case 'clear':
      case 'lock':
      case 'unlock':
      case 'break-glass':
      case 'enter-service':
      case 'leave-service':
        return;
    }
  }

  /** The rate of the order that was just keyed in, which may have been keyed in by dose, or wrong. */
  ordered(pump: Pump, channel: string, rateMlPerH: number): void {
    this.#enter(placeOf(pump.serial, channel), { orderedRateMlPerH: rateMlPerH });
  }

  /** Nothing is ordered any more for a channel. */
  end(pump: Pump, channel: string): void {
    const place = placeOf(pump.serial, channel);
    this.#orders.end(place);
    this.#entries.delete(place);
  }

  #endAll(pump: Pump): void {
    for (const channel of pump.model.channels) this.end(pump, channel);
  }

  #enter(place: Place, entries: Entries): void {
    this.#entries.set(place, { ...this.#entries.get(place), ...entries });
  }

  #changeRate(place: Place, rateMlPerH: number): void {
    this.#orders.write(place, (account, atMs) => account.changeRate(atMs, rateMlPerH));
  }

  #start(pump: Pump, channel: string, shown: ShownBack | undefined): void {
    const place = placeOf(pump.serial, channel);
    const { primary: entry, orderedRateMlPerH, recalled } = this.#entries.get(place) ?? {};
    this.#entries.delete(place);
    if (recalled === true && this.#orders.takeUpAgain(place, shown?.orderId ?? undefined)) return;
    const order = this.#stated(entry, shown, orderedRateMlPerH);
    this.#orders.forget(place);
    if (order === undefined) return;
    this.#orders.begin(place, this.#accountFor(pump, channel, order), entry?.pca?.demandDoseMl);
    if (entry?.loading !== undefined)
      this.#orders.writeDose(place, entry.loading.volumeMl, entry.loading.rateMlPerH);
  }

  #startSecondary(pump: Pump, channel: string, shown: ShownBack | undefined): void {
    const place = placeOf(pump.serial, channel);
    const order = this.#stated(this.#entries.get(place)?.secondary, shown);
    this.#enter(place, { secondary: undefined });
    if (order !== undefined) this.#orders.beginSecondary(place, this.#accountFor(pump, channel, order));
  }

  #accountFor(pump: Pump, channel: string, order: Order): OrderAccount {
    const { keepVeinOpenMlPerH } = this.#ratesOf(pump, channel);
    return new OrderAccount(pump.serial, channel, order, keepVeinOpenMlPerH);
  }

  #stated(
    entry: ProgrammeEntry | undefined,
    shown: ShownBack | undefined,
    orderedRateMlPerH?: number,
  ): Order | undefined {
    return statedOrder(entry, shown, orderedRateMlPerH, () => {
      this.#withoutId += 1;
      return `bedside-${this.#withoutId}`;
    });
  }

  #ratesOf(pump: Pump, channel: string): HouseRates {
    const syringeMl = readingOf(pump, channel)?.syringeMl ?? null;
    const library = this.#libraries.get(pump.careArea) ?? null;
    return houseRates(pump.model, library, syringeMl, this.#keepVeinOpen.get(placeOf(pump.serial, channel)));
  }
}
