import type { z } from 'zod';
import { PumprangeError } from '../protocol/index.ts';
import type { BedsideAction, BedsideResult, BedsideRole, Pump } from '../simulator/pump/index.ts';
import { bedsideRequests } from './bedside-requests.ts';
import { bedsideScreen } from './bedside-screen.ts';
import { type BedsideState, bedsideState } from './bedside-state.ts';
import { meant } from './bedside-words.ts';
import { type ControlMethods, InvalidParamsError } from './control-port.ts';
import type { ControlSession, Notify } from './control-socket.ts';

/** What the keypads of a ward need of it. */
export interface BedsideWard {
  readonly pumps: readonly Pump[];
  press(pump: Pump, action: BedsideAction, role: BedsideRole): BedsideResult;
  /** Somebody sits down at a pump: the nurse of the ward steps aside. */
  handOver(serial: string): void;
  /** And is back. */
  takeBack(serial: string): void;
}

type Method = keyof typeof bedsideRequests;

/**
 * Who sits at which pump of a ward. A pump has one keypad: a second one is refused. With its connection, however it ends, somebody
 * leaves all pumps at which they sat.
 */
export class BedsideDesk {
  readonly #ward: BedsideWard;
  /** By serial number, whose connection it is. */
  readonly #taken = new Map<string, object>();

  constructor(ward: BedsideWard) {
    this.#ward = ward;
  }

  /** What one connection may ask. */
  session(notify: Notify): ControlSession {
    const who = {};
    const unlisten = new Map<string, () => void>();
    const leave = (serial: string): void => {
      unlisten.get(serial)?.();
      if (!unlisten.delete(serial)) return;
      this.#taken.delete(serial);
      this.#ward.takeBack(serial);
    };
    const mine = (serial: string): Pump => {
      const pump = this.#pump(serial);
      if (this.#taken.get(pump.serial) !== who)
        throw new InvalidParamsError(`${pump.serial} is not open here: bedside.open comes first`);
      return pump;
    };
    const methods: ControlMethods = {
      pumps: () =>
        this.#ward.pumps.map(({ serial, model, careArea, firmware }) => ({
          serial,
          model: model.id,
          careArea,
          firmware: firmware.version,
          taken: this.#taken.has(serial),
        })),
      'bedside.open': (params) => {
        const pump = this.#pump(read('bedside.open', params).serial);
        const { serial } = pump;
        if (this.#taken.has(serial))
          throw new PumprangeError('PR_BEDSIDE_TAKEN', `somebody is at ${serial} already`);
        this.#taken.set(serial, who);
        this.#ward.handOver(serial);
        unlisten.set(
          serial,
          pump.onFact((fact) => notify('fact', { serial, fact })),
        );
        return displayOf(pump);
      },
      'bedside.close': (params) => {
        leave(mine(read('bedside.close', params).serial).serial);
        return { left: true };
      },
      'bedside.display': (params) => displayOf(mine(read('bedside.display', params).serial)),
      'bedside.drugs': (params) =>
        (mine(read('bedside.drugs', params).serial).libraries.inUse?.entries ?? []).map(
          ({ drug, concentration, doseUnit }) => ({
            drug,
            concentration: `${concentration.amount} ${concentration.amountUnit} in ${concentration.volumeMl} mL`,
            doseUnit,
          }),
        ),
      'bedside.code': (params) => {
        const { serial, role } = read('bedside.code', params);
        return { code: codeOf(mine(serial), role) };
      },
      'bedside.press': (params) => {
        const { serial, action, role } = read('bedside.press', params);
        return this.#ward.press(mine(serial), action, role);
      },
      'bedside.physical': (params) => {
        const { serial, event } = read('bedside.physical', params);
        return mine(serial).physical(event);
      },
    };
    return {
      methods,
      close: () => {
        for (const serial of [...unlisten.keys()]) leave(serial);
      },
    };
  }

  #pump(serial: string): Pump {
    const { pumps } = this.#ward;
    const found = pumps.find((pump) => pump.serial === serial);
    if (found !== undefined) return found;
    const serials = pumps.map((pump) => pump.serial);
    const near = meant(serial, serials);
    const has = serials.length > 8 ? `${serials[0]} to ${serials.at(-1)}` : serials.join(', ');
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    throw new PumprangeError(
      'PR_PUMP_UNKNOWN',
      `there is no pump ${JSON.stringify(serial)} on this ward, which has ${has}${hint}`,
    );
  }
}

/** The code on the label that this role may read; nobody shows one to a patient. */
function codeOf({ codes }: Pump, role: BedsideRole): string | null {
  switch (role) {
    case 'nurse':
    case 'pharmacist':
      return codes.nurse;
    case 'biomed':
      return codes.biomed;
    case 'patient':
      return null;
  }
}

function displayOf(pump: Pump): { readonly lines: string[]; readonly state: BedsideState } {
  const { serial, model, careArea } = pump;
  const state = bedsideState({ serial, model: model.title, careArea, reading: pump.reading() });
  return { lines: bedsideScreen(state), state };
}

/** @throws InvalidParamsError with the place */
function read<M extends Method>(method: M, params: unknown): z.infer<(typeof bedsideRequests)[M]> {
  const parsed = bedsideRequests[method].safeParse(params);
  if (parsed.success) return parsed.data as z.infer<(typeof bedsideRequests)[M]>;
  const issue = parsed.error.issues[0];
  const place = issue?.path.map(String).join('.').slice(0, 64);
  throw new InvalidParamsError(`${place === '' ? 'params' : place}: ${issue?.message.slice(0, 160)}`);
}
