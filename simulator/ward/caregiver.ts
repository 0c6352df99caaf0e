import type { Clock } from '../../clock/index.ts';
import type { DrugLibrary } from '../../protocol/drug-library/index.ts';
import type { CommandMessage, IntentSink } from '../../protocol/index.ts';
import type { BedsideAction, BedsideResult, BedsideRole, ProgrammeEntry, Pump } from '../pump/index.ts';
import type { Order } from './order-account.ts';
import { OrderLedger } from './order-ledger.ts';
import { readingOf, shownBack } from './shown-back.ts';

/**
 * Hands at the bedside: they carry out orders key by key, and the ledger has what was ordered, when it took effect. The first
 * key that is refused ends an action, and the ledger stays as it was.
 */
export class Caregiver {
  readonly #role: BedsideRole;
  readonly #ledger: OrderLedger;

  /** @param options.libraries as the pharmacy released them: what the house's rates go by, whatever a pump has in use */
  constructor(options: {
    readonly clock: Clock;
    readonly intents: IntentSink;
    readonly libraries: readonly DrugLibrary[];
    readonly role: BedsideRole;
  }) {
    this.#role = options.role;
    this.#ledger = new OrderLedger(options);
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
    if (result.accepted) this.#ledger.taken(pump, action, shown);
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
    const prepared = this.prepare(pump, channel, order);
    return prepared.accepted ? this.start(pump, channel) : prepared;
  }

  /** Programmes and confirms, as `programmeAndStart` does; the pump is ready, and nothing flows yet. */
  prepare(pump: Pump, channel: string, order: Order): BedsideResult {
    const { reservoirMl, syringeMl } = order;
    const hang = (): void => {
      if (reservoirMl !== undefined) this.hangBag(pump, channel, reservoirMl, syringeMl);
    };
    if (syringeMl !== undefined && readingOf(pump, channel)?.therapy === 'standby') hang();
    const programmed = this.press(pump, { action: 'programme', channel, programme: entryOf(order) });
    if (!programmed.accepted) return programmed;
    this.#ledger.ordered(pump, channel, order.rateMlPerH);
    if (syringeMl === undefined) hang();
    return this.#confirm(pump, channel, order.overrideSoftLimit === true);
  }

  start(pump: Pump, channel: string): BedsideResult {
    return this.press(pump, { action: 'start', channel });
  }

  /** A command that somebody gave from afar was carried out: what it orders is ordered from now on. */
  commanded(pump: Pump, command: CommandMessage['body']): void {
    switch (command.command) {
      case 'set-rate': {
        const { channel, rateMlPerH } = command;
        const therapy = readingOf(pump, channel)?.therapy;
        if (therapy === 'programming' || therapy === 'ready') this.#ledger.ordered(pump, channel, rateMlPerH);
        else this.#ledger.taken(pump, { action: 'change-rate', channel, rateMlPerH }, undefined);
        return;
      }
      case 'bolus': {
        const { channel, volumeMl } = command;
        return this.#ledger.taken(pump, { action: 'bolus', channel, volumeMl }, undefined);
      }
      case 'pause':
        return this.#ledger.taken(pump, { action: 'pause', channel: command.channel }, undefined);
      case 'set-alarm-limit':
      case 'identify':
        return;
    }
  }

  /** Takes up again what the pump kept of an order when its power went. */
  recallAndStart(pump: Pump, channel: string, overrideSoftLimit: boolean): BedsideResult {
    const recalled = this.press(pump, { action: 'recall', channel });
    if (!recalled.accepted) return recalled;
    const confirmed = this.#confirm(pump, channel, overrideSoftLimit);
    return confirmed.accepted ? this.start(pump, channel) : confirmed;
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
    this.#ledger.end(pump, channel);
  }

  #confirm(pump: Pump, channel: string, overrideSoftLimit: boolean): BedsideResult {
    return this.press(pump, { action: 'confirm', channel, overrideSoftLimit });
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
}

/** An order as it is keyed in. */
function entryOf(order: Order): ProgrammeEntry {
  const { orderId, drug, volumeToBeInfusedMl, dose, weightKg, loading, pca } = order;
  const rateMlPerH = order.keyedRateMlPerH ?? order.rateMlPerH;
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
