import type { Clock, Timer } from '../../clock/index.ts';
import type { Intent, IntentSink, Serial } from '../../protocol/index.ts';
import type { BedsideAction, BedsideResult, BedsideRole, Pump } from '../pump/index.ts';
import { type Order, OrderAccount } from './order-account.ts';

/** What is kept in mind about one channel of one pump. */
interface Remembered {
  readonly account: OrderAccount;
  /** When a dose ends and the order is stated anew. */
  doseEnds: Timer | undefined;
}

/**
 * Hands at the bedside: they carry out orders key by key and write into the ledger what was ordered, when it took effect. The
 * first key that is refused ends an action, and the ledger stays as it was.
 *
 * A pause is meant: nothing is to flow meanwhile, and a resume writes what is left of the order. An alarm is not meant: it
 * writes nothing, and neither does the resume after it. The order runs on in the ledger as if nothing had happened, so what
 * the patient misses shows as under-delivery at once. The pump then works off the whole ordered volume, ends later than the
 * ledger, and has caught up when it ends; it is never ahead, since it never delivers more than was ordered. If the order is
 * stopped before, what is missing stays missing. Known limit: a rate that is right in itself shows as a rate above the
 * ledger's during the minutes in which the pump catches up after the ordered end; only volumes tell.
 *
 * A titration makes a new version of the order: the ledger appends `#2`, `#3`, … to its id, the pump keeps the first.
 */
export class Caregiver {
  readonly #clock: Clock;
  readonly #intents: IntentSink;
  readonly #role: BedsideRole;
  readonly #remembered = new Map<string, Remembered>();

  constructor(options: { readonly clock: Clock; readonly intents: IntentSink; readonly role: BedsideRole }) {
    this.#clock = options.clock;
    this.#intents = options.intents;
    this.#role = options.role;
  }

  /** With a new patient, orders of the last one end, if any stand. */
  switchOn(pump: Pump, newPatient: boolean): BedsideResult {
    const result = this.#press(pump, { action: 'power-on', newPatient });
    if (result.accepted && newPatient) this.#endAll(pump);
    return result;
  }

  /** Programmes, hangs the bag if there is a new one, confirms and starts. */
  programmeAndStart(pump: Pump, channel: string, order: Order): BedsideResult {
    const { orderId, drug, rateMlPerH, volumeToBeInfusedMl } = order;
    const programme = { orderId, drug, rateMlPerH, volumeToBeInfusedMl };
    const programmed = this.#press(pump, { action: 'programme', channel, programme });
    if (!programmed.accepted) return programmed;
    if (order.reservoirMl !== undefined) this.hangBag(pump, channel, order.reservoirMl);
    const overrideSoftLimit = order.overrideSoftLimit === true;
    const confirmed = this.#press(pump, { action: 'confirm', channel, overrideSoftLimit });
    if (!confirmed.accepted) return confirmed;
    const started = this.#press(pump, { action: 'start', channel });
    if (!started.accepted) return started;
    const account = new OrderAccount(pump.serial, channel, order, pump.model);
    this.#forget(pump.serial, channel);
    this.#remembered.set(placeOf(pump.serial, channel), { account, doseEnds: undefined });
    this.#intents(account.flow(this.#clock.now()));
    return started;
  }

  pause(pump: Pump, channel: string): BedsideResult {
    const result = this.#press(pump, { action: 'pause', channel });
    if (result.accepted) this.#write(pump, channel, (account, atMs) => account.hold(atMs));
    return result;
  }

  /** Goes on after a pause, or after an alarm whose cause was seen to. */
  resume(pump: Pump, channel: string): BedsideResult {
    const result = this.#press(pump, { action: 'resume', channel });
    if (result.accepted && this.#accountOf(pump, channel)?.isHeld === true) {
      this.#write(pump, channel, (account, atMs) => account.flow(atMs));
    }
    return result;
  }

  /** Ends the order. */
  stop(pump: Pump, channel: string): BedsideResult {
    const result = this.#press(pump, { action: 'stop', channel });
    if (result.accepted) this.#end(pump, channel);
    return result;
  }

  /** A new version of the order at another rate. */
  changeRate(
    pump: Pump,
    channel: string,
    rateMlPerH: number,
    options: { readonly overrideSoftLimit?: boolean } = {},
  ): BedsideResult {
    const overrideSoftLimit = options.overrideSoftLimit === true;
    const result = this.#press(pump, { action: 'change-rate', channel, rateMlPerH, overrideSoftLimit });
    if (result.accepted) {
      this.#write(pump, channel, (account, atMs) => account.changeRate(atMs, rateMlPerH));
    }
    return result;
  }

  /** A clinician's bolus out of the running infusion. */
  bolus(pump: Pump, channel: string, volumeMl: number): BedsideResult {
    const result = this.#press(pump, { action: 'bolus', channel, volumeMl });
    if (result.accepted) this.#writeDose(pump, channel, volumeMl, pump.model.bolus?.rateMlPerH ?? 0);
    return result;
  }

  /** The patient presses the button of a PCA pump. The order allows what the pump grants. */
  demand(pump: Pump, channel: string): BedsideResult {
    const result = pump.bedside('patient', { action: 'pca-demand', channel });
    const { pca } = pump.model;
    if (result.accepted && pca !== null) {
      this.#writeDose(pump, channel, pca.demandDoseMl, pca.doseRateMlPerH);
    }
    return result;
  }

  /** A new bag or syringe. No key: the pump has nothing to refuse. */
  hangBag(pump: Pump, channel: string, volumeMl: number): BedsideResult {
    pump.physical({ event: 'reservoir-changed', channel, volumeMl });
    return { accepted: true };
  }

  silence(pump: Pump): BedsideResult {
    return this.#press(pump, { action: 'silence' });
  }

  clearAlarms(pump: Pump): BedsideResult {
    return this.#press(pump, { action: 'clear' });
  }

  /** Off and on again. Switching off ends what was ordered, even if switching on is then refused. */
  powerCycle(pump: Pump, newPatient: boolean): BedsideResult {
    const off = this.switchOff(pump);
    return off.accepted ? this.switchOn(pump, newPatient) : off;
  }

  /** Switches off and ends what was ordered. */
  switchOff(pump: Pump): BedsideResult {
    const result = this.#press(pump, { action: 'power-off' });
    if (result.accepted) this.#endAll(pump);
    return result;
  }

  #press(pump: Pump, action: BedsideAction): BedsideResult {
    return pump.bedside(this.#role, action);
  }

  #accountOf(pump: Pump, channel: string): OrderAccount | undefined {
    return this.#remembered.get(placeOf(pump.serial, channel))?.account;
  }

  /** Without an order of ours on the channel there is nothing to write: somebody else's therapy is not intended. */
  #write(
    pump: Pump,
    channel: string,
    state: (account: OrderAccount, atMs: number) => Intent | undefined,
  ): void {
    const remembered = this.#remembered.get(placeOf(pump.serial, channel));
    if (remembered === undefined) return;
    remembered.doseEnds?.cancel();
    const intent = state(remembered.account, this.#clock.now());
    if (intent !== undefined) this.#intents(intent);
  }

  #writeDose(pump: Pump, channel: string, volumeMl: number, rateMlPerH: number): void {
    const remembered = this.#remembered.get(placeOf(pump.serial, channel));
    const dose = remembered?.account.dose(this.#clock.now(), { volumeMl, rateMlPerH });
    if (remembered === undefined || dose === undefined) return;
    remembered.doseEnds?.cancel();
    this.#intents(dose.intent);
    if (dose.endsAtMs === undefined) return;
    remembered.doseEnds = this.#clock.at(dose.endsAtMs, () =>
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
    this.#remembered.get(placeOf(serial, channel))?.doseEnds?.cancel();
    this.#remembered.delete(placeOf(serial, channel));
  }
}

function placeOf(serial: Serial, channel: string): string {
  return `${serial}/${channel}`;
}
