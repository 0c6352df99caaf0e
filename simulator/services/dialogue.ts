import { timingSafeEqual } from 'node:crypto';
import { SERVICES, type ServiceName } from './catalogue.ts';
import type { ServiceRequest } from './request.ts';
import type { Answer, ServedDevice } from './served-device.ts';

/** Fictitious: what every pump whose firmware has `default-credential` is delivered with. */
export const SHARED_SERVICE_CODE = 'TRAINING-SERVICE';

/** After so many wrong codes the connection ends. */
const MOST_WRONG_CODES = 3;

const AT_THE_KEYPAD: Answer = { ok: false, control: null, reason: 'settings are made at the keypad' };
const NOT_ALLOWED: Answer = { ok: false, control: null, reason: 'log in first' };

/** One conversation with a service: who is logged in, and what each request does. */
export class Dialogue {
  readonly #service: ServiceName;
  readonly #device: ServedDevice;
  readonly #ownCode: string;
  #loggedIn: boolean;
  #wrongCodes = 0;

  /** @param ownCode of this pump alone, where its firmware knows no shared one */
  constructor(service: ServiceName, device: ServedDevice, ownCode: string) {
    this.#service = service;
    this.#device = device;
    this.#ownCode = ownCode;
    this.#loggedIn = !SERVICES[service].needsLogin || device.weaknesses.includes('open-console');
  }

  /** Somebody has tried so many codes that nothing more is listened to. */
  get isOver(): boolean {
    return this.#wrongCodes >= MOST_WRONG_CODES;
  }

  answer(request: ServiceRequest): Answer {
    if (!SERVICES[this.#service].verbs.has(request.verb)) {
      return { ok: false, control: null, reason: 'not here' };
    }
    if (request.verb === 'LOGIN') return this.#logIn(request.code);
    if (!this.#loggedIn && request.verb !== 'BYE') return NOT_ALLOWED;
    const device = this.#device;
    const by = this.#service;
    switch (request.verb) {
      case 'IDENT':
        return device.identity();
      case 'CONFIG':
        return device.configuration();
      case 'LOG':
        return device.read('log', by);
      case 'STORED':
        return device.stored();
      case 'READ':
        return device.read(request.kind, by);
      case 'SET': {
        const whileRunning = device.weaknesses.includes('console-sets-running-limits');
        if (!whileRunning && !device.weaknesses.includes('console-sets-idle-pump')) return AT_THE_KEYPAD;
        const { channel, setting } = request;
        return device.write({ type: 'setting.written', channel, setting, whileRunning, by });
      }
      case 'CALIBRATE': {
        if (!device.weaknesses.includes('console-sets-idle-pump')) return AT_THE_KEYPAD;
        const { channel, share } = request;
        return device.write({ type: 'calibration.written', channel, share, by });
      }
      case 'CLEAR-LOG':
        return device.clearLog(by);
      case 'IMPORT':
        return device.importConfiguration(request.content);
      case 'PUT':
        return request.what === 'firmware'
          ? device.install(request.bytes)
          : device.writeLibrary(request.bytes, by);
      case 'HELLO':
      case 'BYE':
        return { ok: true, body: request.verb === 'BYE' ? 'bye' : 'hello' };
    }
  }

  #logIn(code: string): Answer {
    const wanted = this.#device.weaknesses.includes('default-credential')
      ? SHARED_SERVICE_CODE
      : this.#ownCode;
    const [a, b] = [Buffer.from(wanted), Buffer.from(code)];
    if (a.length === b.length && timingSafeEqual(a, b)) {
      this.#loggedIn = true;
      return { ok: true, body: 'welcome' };
    }
    this.#wrongCodes += 1;
    return { ok: false, control: null, reason: 'the code is wrong' };
  }
}
