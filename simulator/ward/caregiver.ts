import type { Clock, Timer } from '../../clock/index.ts';
import type { Intent, IntentSink, Serial } from '../../protocol/index.ts';
import type { BedsideAction, BedsideResult, BedsideRole, Pump } from '../pump/index.ts';
import { type HouseRates, houseRates } from './house-rates.ts';
import { type Order, OrderAccount } from './order-account.ts';

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

/** Keyed in on a channel and not yet started. */
interface Entries {
  readonly primary?: ProgrammeEntry | undefined;
  readonly secondary?: ProgrammeEntry | undefined;
  /** The rate of the order behind the first one, where that is keyed in by dose. */
  readonly orderedRateMlPerH?: number | undefined;
  /** The first one is what the pump kept when its power went. */
  readonly recalled?: boolean;
}

type ProgrammeEntry = Extract<BedsideAction, { readonly action: 'programme' }>['programme'];
/** What a pump made of an entry and has shown back; somebody confirmed it. */
type ShownBack = Partial<Pick<ProgrammeEntry, 'orderId' | 'drug'>> & {
  readonly rateMlPerH: number;
  readonly volumeToBeInfusedMl: number;
};

/** The ledger's name for a programme without one. */
const NO_DRUG_NAMED = 'no drug named';

/**
 * Hands at the bedside: they carry out orders key by key and write into the ledger what was ordered, when it took effect. The
 * first key that is refused ends an action, and the ledger stays as it was.
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
 * Known limit: what is keyed in is what was ordered. An order keyed with wrong values is thereby the order.
 */
export class Caregiver {
  readonly #clock: Clock;
  readonly #intents: IntentSink;
  readonly #role: BedsideRole;
  readonly #remembered = new Map<string, Remembered>();
  readonly #entries = new Map<string, Entries>();
  /** Set at the keypad for this patient, in mL/h. */
  readonly #keepVeinOpen = new Map<string, number>();
  #withoutId = 0;

  constructor(options: { readonly clock: Clock; readonly intents: IntentSink; readonly role: BedsideRole }) {
    this.#clock = options.clock;
    this.#intents = options.intents;
    this.#role = options.role;
  }

  /**
   * Presses one key and, if it is taken, writes what it means into the ledger.
   *
   * @param role who presses; the caregiver's own unless told
   */
  press(pump: Pump, action: BedsideAction, role: BedsideRole = this.#role): BedsideResult {
    // A start consumes what was shown back.
    const shown = 'channel' in action ? shownBack(pump, action) : undefined;
    const result = pump.bedside(role, action);
    if (result.accepted) this.#keep(pump, action, shown);
    return result;
  }

  /** With a new patient, orders of the last one end, if any stand. */
  switchOn(pump: Pump, newPatient: boolean): BedsideResult {
    return this.press(pump, { action: 'power-on', newPatient });
  }

  /**
   * Programmes, confirms and starts, with a new bag or syringe if the order has one: a bag before the confirmation, a syringe
   * first of all, since the pump judges a programme by the size that it sees.
   */
  programmeAndStart(pump: Pump, channel: string, order: Order): BedsideResult {
    const { reservoirMl, syringeMl } = order;
    const hang = (): void => {
      if (reservoirMl !== undefined) this.hangBag(pump, channel, reservoirMl, syringeMl);
    };
    if (syringeMl !== undefined && readingOf(pump, channel)?.therapy === 'standby') hang();
    const programmed = this.press(pump, { action: 'programme', channel, programme: entryOf(order) });
    if (!programmed.accepted) return programmed;
    this.#enter(pump, channel, { orderedRateMlPerH: order.rateMlPerH });
    if (syringeMl === undefined) hang();
    return this.#confirmAndStart(pump, channel, order.overrideSoftLimit === true);
  }

  /** Takes up again what the pump kept of an order when its power went. */
  recallAndStart(pump: Pump, channel: string, overrideSoftLimit: boolean): BedsideResult {
    const recalled = this.press(pump, { action: 'recall', channel });
    return recalled.accepted ? this.#confirmAndStart(pump, channel, overrideSoftLimit) : recalled;
  }

  /** Hangs a second bag above the first one and lets it run first. */
  piggyback(pump: Pump, channel: string, order: NonNullable<Order['secondary']>): BedsideResult {
    const overrideSoftLimit = order.overrideSoftLimit === true;
    const programme = entryOf(order);
    const programmed = this.press(pump, {
      action: 'programme-secondary',
      channel,
      programme,
      overrideSoftLimit,
    });
    if (!programmed.accepted) return programmed;
    const volumeMl = order.reservoirMl ?? order.volumeToBeInfusedMl;
    pump.physical({ event: 'secondary-hung', channel, volumeMl });
    return this.press(pump, { action: 'start-secondary', channel });
  }

  /** Nobody goes on with an order that a loss of power ended; no key is needed for that. */
  giveUp(pump: Pump, channel: string): void {
    this.#end(pump, channel);
  }

  #confirmAndStart(pump: Pump, channel: string, overrideSoftLimit: boolean): BedsideResult {
    const confirmed = this.press(pump, { action: 'confirm', channel, overrideSoftLimit });
    return confirmed.accepted ? this.press(pump, { action: 'start', channel }) : confirmed;
  }

  pause(pump: Pump, channel: string): BedsideResult {
    return this.press(pump, { action: 'pause', channel });
  }

  /** Goes on after a pause, or after an alarm whose cause was seen to. */
  resume(pump: Pump, channel: string): BedsideResult {
    return this.press(pump, { action: 'resume', channel });
  }

  /** Ends the order. */
  stop(pump: Pump, channel: string): BedsideResult {
    return this.press(pump, { action: 'stop', channel });
  }

  /** A new version of the order at another rate. */
  changeRate(
    pump: Pump,
    channel: string,
    rateMlPerH: number,
    options: { readonly overrideSoftLimit?: boolean } = {},
  ): BedsideResult {
    const overrideSoftLimit = options.overrideSoftLimit === true;
    return this.press(pump, { action: 'change-rate', channel, rateMlPerH, overrideSoftLimit });
  }

  /** A clinician's bolus out of the running infusion. */
  bolus(pump: Pump, channel: string, volumeMl: number): BedsideResult {
    return this.press(pump, { action: 'bolus', channel, volumeMl });
  }

  /** The patient presses the button of a PCA pump. The order allows what the pump grants. */
  demand(pump: Pump, channel: string): BedsideResult {
    return this.press(pump, { action: 'pca-demand', channel }, 'patient');
  }

  /** A new bag or syringe. No key: the pump has nothing to refuse. */
  hangBag(pump: Pump, channel: string, volumeMl: number, syringeMl?: number): BedsideResult {
    const size = syringeMl === undefined ? {} : { syringeMl };
    pump.physical({ event: 'reservoir-changed', channel, volumeMl, ...size });
    return { accepted: true };
  }

  silence(pump: Pump): BedsideResult {
    return this.press(pump, { action: 'silence' });
  }

  clearAlarms(pump: Pump): BedsideResult {
    return this.press(pump, { action: 'clear' });
  }

  /** Off and on again. Switching off ends what was ordered, even if switching on is then refused. */
  powerCycle(pump: Pump, newPatient: boolean): BedsideResult {
    const off = this.switchOff(pump);
    return off.accepted ? this.switchOn(pump, newPatient) : off;
  }

  /** Switches off and ends what was ordered. */
  switchOff(pump: Pump): BedsideResult {
    return this.press(pump, { action: 'power-off' });
  }

  /** Keeps in mind, and writes into the ledger, what a key meant that was taken. */
  #keep(pump: Pump, action: BedsideAction, shown: ShownBack | undefined): void {
    switch (action.action) {
      case 'power-on':
        if (action.newPatient) {
          this.#endAll(pump);
          // A new patient begins with presets.
          for (const channel of pump.model.channels) this.#keepVeinOpen.delete(placeOf(pump.serial, channel));
        }
        return;
      case 'power-off':
        this.#endAll(pump);
        return;
      case 'programme':
        this.#enter(pump, action.channel, {
          primary: action.programme,
          orderedRateMlPerH: undefined,
          recalled: false,
        });
        return;
      case 'recall':
        this.#enter(pump, action.channel, {
          primary: undefined,
          orderedRateMlPerH: undefined,
          recalled: true,
        });
        return;
      case 'programme-secondary':
        this.#enter(pump, action.channel, { secondary: action.programme });
        return;
      case 'start':
        this.#start(pump, action.channel, shown);
        return;
      case 'start-secondary':
        this.#startSecondary(pump, action.channel, shown);
        return;
      case 'pause':
        this.#write(pump, action.channel, (account, atMs) => account.hold(atMs));
        return;
      case 'resume':
        if (this.#accountOf(pump, action.channel)?.isHeld === true)
          this.#write(pump, action.channel, (account, atMs) => account.flow(atMs));
        return;
      case 'stop':
        this.#end(pump, action.channel);
        return;
      case 'change-rate':
        this.#write(pump, action.channel, (account, atMs) => account.changeRate(atMs, action.rateMlPerH));
        return;
      case 'change-dose': {
        // The pump works out the rate; whoever keyed the dose read it on the display.
        const rateMlPerH = readingOf(pump, action.channel)?.programmedRateMlPerH;
        if (rateMlPerH !== undefined)
          this.#write(pump, action.channel, (account, atMs) => account.changeRate(atMs, rateMlPerH));
        return;
      }
      case 'bolus':
        this.#writeDose(
          pump,
          action.channel,
          action.volumeMl,
          this.#ratesOf(pump, action.channel).bolusMlPerH,
        );
        return;
      case 'pca-demand': {
        const ordered = this.#remembered.get(placeOf(pump.serial, action.channel))?.demandDoseMl;
        const { pca } = pump.model;
        const { demandDoseMlPerH } = this.#ratesOf(pump, action.channel);
        if (pca !== null)
          this.#writeDose(pump, action.channel, ordered ?? pca.demandDoseMl, demandDoseMlPerH);
        return;
      }
      case 'configure':
        if (action.setting.name === 'keepVeinOpenMlPerH')
          this.#keepVeinOpen.set(placeOf(pump.serial, action.channel), action.setting.value);
        return;
      case 'confirm':
      case 'silence':
      case 'clear':
      case 'lock':
      case 'unlock':
      case 'enter-service':
      case 'leave-service':
        return;
    }
  }

  #enter(pump: Pump, channel: string, entries: Entries): void {
    const place = placeOf(pump.serial, channel);
    this.#entries.set(place, { ...this.#entries.get(place), ...entries });
  }

  #start(pump: Pump, channel: string, shown: ShownBack | undefined): void {
    const place = placeOf(pump.serial, channel);
    const { primary: entry, orderedRateMlPerH, recalled } = this.#entries.get(place) ?? {};
    const order = this.#orderOf(entry, shown, orderedRateMlPerH);
    if (recalled === true && this.#takeUpAgain(pump, channel, order)) return;
    this.#forget(pump.serial, channel);
    if (order === undefined) return;
    const account = new OrderAccount(
      pump.serial,
      channel,
      order,
      this.#ratesOf(pump, channel).keepVeinOpenMlPerH,
    );
    const demandDoseMl = entry?.pca?.demandDoseMl;
    this.#remembered.set(place, { account, demandDoseMl, secondary: undefined, statedAnew: undefined });
    this.#intents(account.flow(this.#clock.now()));
    if (entry?.loading !== undefined)
      this.#writeDose(pump, channel, entry.loading.volumeMl, entry.loading.rateMlPerH);
  }

  /** The order that a loss of power ended runs on in the ledger; only one that was held is stated anew. */
  #takeUpAgain(pump: Pump, channel: string, order: Order | undefined): boolean {
    const place = placeOf(pump.serial, channel);
    const remembered = this.#remembered.get(place);
    if (remembered === undefined || remembered.account.orderId !== order?.orderId) return false;
    this.#entries.delete(place);
    // A second bag is not kept.
    remembered.secondary = undefined;
    if (remembered.account.isHeld) this.#write(pump, channel, (account, atMs) => account.flow(atMs));
    return true;
  }

  /** The first order waits, nothing of it is used up; it is stated anew when the second one ends by the ledger's count. */
  #startSecondary(pump: Pump, channel: string, shown: ShownBack | undefined): void {
    const place = placeOf(pump.serial, channel);
    const remembered = this.#remembered.get(place);
    const order = this.#orderOf(this.#entries.get(place)?.secondary, shown);
    this.#enter(pump, channel, { secondary: undefined });
    if (remembered === undefined || order === undefined) return;
    remembered.account.hold(this.#clock.now());
    remembered.secondary = new OrderAccount(
      pump.serial,
      channel,
      order,
      this.#ratesOf(pump, channel).keepVeinOpenMlPerH,
    );
    this.#write(pump, channel, (account, atMs) => account.flow(atMs));
  }

  /**
   * The order that an entry states: what was keyed in and, for what the pump works out, what it has shown back. `undefined` if
   * neither says rate and volume.
   */
  #orderOf(
    entry: ProgrammeEntry | undefined,
    shown: ShownBack | undefined,
    orderedRateMlPerH?: number,
  ): Order | undefined {
    const rateMlPerH = entry?.rateMlPerH ?? orderedRateMlPerH ?? shown?.rateMlPerH;
    const volumeToBeInfusedMl = entry?.volumeToBeInfusedMl ?? shown?.volumeToBeInfusedMl;
    if (rateMlPerH === undefined || volumeToBeInfusedMl === undefined) return undefined;
    return {
      orderId: entry?.orderId ?? shown?.orderId ?? this.#newOrderId(),
      drug: entry?.drug ?? shown?.drug ?? NO_DRUG_NAMED,
      rateMlPerH,
      volumeToBeInfusedMl,
    };
  }

  #ratesOf(pump: Pump, channel: string): HouseRates {
    const syringeMl = readingOf(pump, channel)?.syringeMl ?? null;
    const set = this.#keepVeinOpen.get(placeOf(pump.serial, channel));
    return houseRates(pump.model, pump.libraries.inUse, syringeMl, set);
  }

  /** For what is keyed in without an order. */
  #newOrderId(): string {
    this.#withoutId += 1;
    return `bedside-${this.#withoutId}`;
  }

  /** What runs on a channel by the ledger's count: the second bag first. */
  #accountOf(pump: Pump, channel: string): OrderAccount | undefined {
    const remembered = this.#remembered.get(placeOf(pump.serial, channel));
    return remembered?.secondary ?? remembered?.account;
  }

  /** Without an order of ours on the channel there is nothing to write: somebody else's therapy is not intended. */
  #write(
    pump: Pump,
    channel: string,
    state: (account: OrderAccount, atMs: number) => Intent | undefined,
  ): void {
    const remembered = this.#remembered.get(placeOf(pump.serial, channel));
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

  #writeDose(pump: Pump, channel: string, volumeMl: number, rateMlPerH: number): void {
    const remembered = this.#remembered.get(placeOf(pump.serial, channel));
    const dose = remembered?.account.dose(this.#clock.now(), { volumeMl, rateMlPerH });
    if (remembered === undefined || dose === undefined) return;
    remembered.statedAnew?.cancel();
    this.#intents(dose.intent);
    if (dose.endsAtMs === undefined) return;
    remembered.statedAnew = this.#clock.at(dose.endsAtMs, () =>
      this.#intents(remembered.account.flow(this.#clock.now())),
    );
  }

  #endAll(pump: Pump): void {
    for (const channel of pump.model.channels) this.#end(pump, channel);
  }

  #end(pump: Pump, channel: string): void {
    this.#write(pump, channel, (account, atMs) => account.hold(atMs));
    this.#forget(pump.serial, channel);
  }

  #forget(serial: Serial, channel: string): void {
    const place = placeOf(serial, channel);
    this.#remembered.get(place)?.statedAnew?.cancel();
    this.#remembered.delete(place);
    this.#entries.delete(place);
  }
}

const MS_PER_H = 3_600_000;

type Reading = ReturnType<Pump['reading']>['channels'][number];

function readingOf(pump: Pump, channel: string): Reading | undefined {
  return pump.reading().channels.find((reading) => reading.channel === channel);
}

/** What a channel shows of the programme that a start key is about to begin. */
function shownBack(
  pump: Pump,
  action: Extract<BedsideAction, { readonly channel: string }>,
): ShownBack | undefined {
  if (action.action !== 'start' && action.action !== 'start-secondary') return undefined;
  const reading = readingOf(pump, action.channel);
  if (reading === undefined) return undefined;
  if (action.action === 'start-secondary') return reading.secondary?.programme;
  return reading.programme ?? undefined;
}

/** An order as it is keyed in. */
function entryOf(order: Order): ProgrammeEntry {
  const { orderId, drug, rateMlPerH, volumeToBeInfusedMl, dose, weightKg, loading, pca } = order;
  return {
    orderId,
    drug,
    ...(dose === undefined ? { rateMlPerH } : { dose }),
    volumeToBeInfusedMl,
    ...(weightKg === undefined ? {} : { weightKg }),
    ...(loading === undefined ? {} : { loading }),
    ...(pca === undefined ? {} : { pca }),
  };
}

function placeOf(serial: Serial, channel: string): string {
  return `${serial}/${channel}`;
}
