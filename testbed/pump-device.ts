import type { Clock, Random, Settling } from '../clock/index.ts';
import type { ConnectionGate, ControlId, EvidenceSink, Serial } from '../protocol/index.ts';
import type { Pump } from '../simulator/pump/index.ts';
import { PumpServices, ServedDevice, serviceHost } from '../simulator/services/index.ts';
import type { PumpShell } from '../simulator/shell/index.ts';
import { DeviceStorage } from '../simulator/storage/index.ts';
import type { ClientCredential } from '../simulator/transport/index.ts';

/** Where pumps offer services of their own. */
export interface ServicePlan {
  /** The pump's own address. */
  readonly hostOf: (serial: Serial) => string;
  /** Further addresses of the pump. */
  readonly alsoOn?: (serial: Serial) => readonly string[];
  readonly ports: 'fixed' | 'any';
  /** The network in front of them; absent: whoever reaches the address is let through. */
  readonly gate?: ConnectionGate | undefined;
}

/** An address for each pump of a floor, in their order. */
export function servicePlan(
  serials: readonly Serial[],
  use: 'ward' | 'rehearsal',
  gate?: ConnectionGate | undefined,
): ServicePlan {
  const places = new Map(serials.map((serial, index) => [serial, index]));
  return {
    hostOf: (serial) => serviceHost(places.get(serial) ?? 0, use, process.platform),
    ports: use === 'ward' ? 'fixed' : 'any',
    gate,
  };
}

export interface PumpDeviceOptions {
  readonly pump: Pump;
  readonly shell: PumpShell;
  readonly clock: Clock;
  readonly settling: Settling;
  /** A generator of this pump's own. */
  readonly random: Random;
  readonly controls: ReadonlySet<ControlId>;
  readonly evidence: EvidenceSink;
  readonly credential: () => ClientCredential | undefined;
  readonly reaches: () => boolean;
  /** Absent: it has no services. */
  readonly plan: ServicePlan | undefined;
}

/** What of a pump can be attacked as a device: what it stores, and the services that come up and go with its software. */
export function pumpDevice(options: PumpDeviceOptions): {
  readonly storage: DeviceStorage;
  readonly services: PumpServices | undefined;
} {
  const { pump, shell, clock, settling, random, controls, evidence, credential, reaches, plan } = options;
  const shared = { clock, controls, evidence };
  const storage = new DeviceStorage({ ...shared, pump, shell, credential, random: random.fork('storage') });
  if (plan === undefined) return { storage, services: undefined };
  const services = new PumpServices({
    ...{ ...shared, settling, reaches, gate: plan.gate, ports: plan.ports },
    device: new ServedDevice(pump, shell, storage),
    random: random.fork('services'),
    host: plan.hostOf(pump.serial),
    alsoOn: plan.alsoOn?.(pump.serial),
  });
  shell.onSoftware((runs) => (runs ? services.start() : services.stop()));
  pump.onFact((fact) => {
    // Switched off and on again, the software begins anew with what is configured; so it does with another firmware.
    const restarts =
      fact.fact === 'event' && (fact.event === 'powered-on' || fact.event === 'firmware-updated');
    if (restarts) services.restart();
  });
  return { storage, services };
}
