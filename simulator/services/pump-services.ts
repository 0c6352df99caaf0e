import type { Clock, Random, Settling } from '../../clock/index.ts';
import { isEffective } from '../../protocol/firmware/index.ts';
import {
  type ConnectionGate,
  type ControlId,
  type EvidenceEntry,
  type EvidenceSink,
  urnOf,
} from '../../protocol/index.ts';
import { hasService, SERVICE_NAMES, SERVICES, type ServiceName } from './catalogue.ts';
import { ServiceListener } from './listener.ts';
import type { ServedDevice } from './served-device.ts';

export interface PumpServicesOptions {
  readonly device: ServedDevice;
  readonly clock: Clock;
  readonly settling: Settling;
  readonly random: Random;
  readonly controls: ReadonlySet<ControlId>;
  readonly evidence: EvidenceSink;
  /** The pump's own address. */
  readonly host: string;
  /** Further addresses of the pump, where its services have the same ports. */
  readonly alsoOn?: readonly string[] | undefined;
  /** Whether each service takes its own port, as on a live ward, or any. */
  readonly ports: 'fixed' | 'any';
  readonly gate?: ConnectionGate | undefined;
  /** Whether the network reaches the pump now. */
  readonly reaches: () => boolean;
}

export type SwitchResult =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly control: ControlId | null; readonly reason: string };

/**
 * The network services of one pump, on an address of its own. A service listens where the firmware has it, the software runs, somebody
 * left it switched on, and `services-off`, of which this is the one place, is not in force. Off means that no socket listens.
 */
export class PumpServices {
  readonly #options: PumpServicesOptions;
  readonly #ownCode: string;
  readonly #listeners = new Map<ServiceName, ServiceListener>();
  /** Switched off by the configuration of the device. */
  readonly #switchedOff = new Set<ServiceName>();
  #runs = false;

  constructor(options: PumpServicesOptions) {
    this.#options = options;
    this.#ownCode = `TRAINING-${options.random.int(0, 0xffff_ffff).toString(16).padStart(8, '0')}`;
  }

  /** The software begins to run: what is switched on comes up. */
  start(): void {
    this.#runs = true;
    this.#apply();
  }

  /** The software no longer runs: nothing listens, and every conversation is cut. */
  stop(): void {
    this.#runs = false;
    for (const name of this.#listeners.keys()) this.#close(name);
  }

  /** The pump is switched on again, or runs another firmware: what is configured now is what holds. */
  restart(): void {
    if (this.#runs) this.#apply();
  }

  /** Somebody of biomedical engineering switches a service on or off. */
  setService(name: ServiceName, on: boolean): SwitchResult {
    const { weaknesses } = this.#options.device;
    if (on && this.#isForbidden()) {
      return { accepted: false, control: 'services-off', reason: 'services stay closed' };
    }
    if (on && !hasService(name, weaknesses)) {
      return { accepted: false, control: null, reason: `this firmware has no ${SERVICES[name].title}` };
    }
    if (on) this.#switchedOff.delete(name);
    else this.#switchedOff.add(name);
    if (!on && name === 'diagnostics' && weaknesses.includes('service-outlives-configuration')) {
      this.#record(name, {
        event: 'service.switched-off',
        outcome: 'observed',
        visibility: 'blue',
        cause: 'as configured; nothing was stopped',
      });
      return { accepted: true };
    }
    if (this.#runs) this.#apply([name]);
    return { accepted: true };
  }

  /** Where a service is, or would be if it listened. */
  endpoint(name: ServiceName): { readonly host: string; readonly port: number } {
    const port = this.#listeners.get(name)?.port;
    return { host: this.#options.host, port: port || SERVICES[name].port };
  }

  isOpen(name: ServiceName): boolean {
    return (this.#listeners.get(name)?.port ?? 0) > 0;
  }

  /**
   * Somebody got no answer at a closed port. The system refuses it without a word to anybody; what a pump's own network stack would
   * note of it has to be told to it.
   */
  refused(name: ServiceName, address: string | null): void {
    const { weaknesses } = this.#options.device;
    if (!this.#runs || this.isOpen(name)) return;
    const control = hasService(name, weaknesses) && this.#isForbidden() ? 'services-off' : null;
    this.#record(name, {
      event: 'service.refused',
      outcome: 'denied',
      visibility: 'blue',
      address,
      control,
      cause: control === null ? 'there is no such service' : 'the service is closed',
    });
  }

  #isForbidden(): boolean {
    const { controls, device } = this.#options;
    return isEffective('services-off', controls, device.weaknesses);
  }

  #apply(names: readonly ServiceName[] = SERVICE_NAMES): void {
    const { weaknesses } = this.#options.device;
    const forbidden = this.#isForbidden();
    for (const name of names) {
      const wanted = hasService(name, weaknesses) && !forbidden && !this.#switchedOff.has(name);
      if (wanted && !this.#listeners.has(name)) this.#open(name);
      if (!wanted && this.#listeners.has(name)) this.#close(name);
    }
  }

  #open(name: ServiceName): void {
    const { device, clock, settling, host, alsoOn, ports, gate, reaches } = this.#options;
    const listener = new ServiceListener({
      ...{ name, device, clock, settling, host, alsoOn, gate, reaches },
      port: ports === 'fixed' ? SERVICES[name].port : 0,
      ownCode: this.#ownCode,
      record: (entry) => this.#record(name, entry),
    });
    this.#listeners.set(name, listener);
    settling
      .hold(`the ${SERVICES[name].title} of ${device.serial}`, () => listener.listen())
      .catch((error: unknown) => {
        if (this.#listeners.get(name) === listener) this.#listeners.delete(name);
        this.#record(name, {
          event: 'service.failed',
          outcome: 'observed',
          visibility: 'white',
          cause: error instanceof Error && 'code' in error ? String(error.code) : 'it does not listen',
        });
      });
  }

  #close(name: ServiceName): void {
    this.#listeners.get(name)?.close();
    this.#listeners.delete(name);
  }

  #record(
    name: ServiceName,
    entry: Omit<EvidenceEntry, 'source' | 'deviceTimeMs' | 'subject' | 'object'>,
  ): void {
    const { device, clock, evidence } = this.#options;
    evidence({
      source: `pump:${device.serial}`,
      deviceTimeMs: clock.now(),
      subject: urnOf({ kind: 'pump', id: device.serial }),
      object: `service ${name}`,
      ...entry,
    });
  }
}
