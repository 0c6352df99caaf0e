import { sign } from 'node:crypto';
import type { Supplicant } from '../network/index.ts';
import { pemBlocks } from '../pki/index.ts';
import { DialRefusedError } from '../protocol/index.ts';
import type { AttackCredential, PumpService, PumpServicePlace, StepResult } from '../scenarios/index.ts';
import type { Testbed } from './testbed.ts';

/** The zone of an attack that begins on no network at all, such as with a laptop in a bag. */
export const OUTSIDE = 'outside';

interface Relay {
  readonly host: string;
  readonly port: number;
}

/** Where an adversary stands on the network of a floor, and the ways that were opened for it. */
export class AdversaryPlace {
  readonly #testbed: Testbed;
  #isOn: boolean;
  #address: string | undefined;
  readonly #relays = new Map<string, Relay>();

  constructor(testbed: Testbed, zone: string) {
    this.#testbed = testbed;
    this.#isOn = zone !== OUTSIDE;
    if (this.#isOn) this.#address = testbed.network.foothold(zone);
  }

  /** `undefined` where it is on no network, and where this machine has no address but 127.0.0.1. */
  get address(): string | undefined {
    return this.#address;
  }

  /** @throws DialRefusedError if it is on no network */
  speakFrom(): string | undefined {
    if (!this.#isOn) throw new DialRefusedError('it is on no network');
    return this.#address;
  }

  standsIn(zone: string): boolean {
    return this.#isOn && this.#testbed.network.standsIn(zone, this.#address);
  }

  /** It knocked where nothing listens: a packet filter in between is asked first. */
  foundClosed(serial: string, name: PumpService): void {
    if (!this.#isOn) return;
    const { pump, services } = this.#testbed.member(serial);
    const service = { asset: 'pump', serial: pump.serial, name };
    if (this.#testbed.network.knock(this.#address, service).allowed) {
      services?.refused(name, this.#address ?? null);
    }
  }

  /** Where the bastion relays to a service for it. */
  relay(place: PumpServicePlace): Relay | undefined {
    return this.#relays.get(keyOf(place));
  }

  join(zone: string, credential: AttackCredential | undefined, over: 'ipv4' | 'ipv6'): StepResult {
    const { admitted, zone: got, address } = this.#testbed.network.join(zone, supplicantOf(credential), over);
    // Whoever has a place already keeps it when another one is refused.
    if (admitted || !this.#isOn) {
      this.#isOn = got !== undefined;
      this.#address = address;
    }
    if (admitted) return { outcome: 'succeeded', detail: `it stands in ${zone}` };
    return { outcome: 'refused', detail: got === undefined ? 'the port stays closed' : `it got to ${got}` };
  }

  async vendorSession(
    place: PumpServicePlace,
    credential: AttackCredential | undefined,
  ): Promise<StepResult> {
    const { network } = this.#testbed;
    const { bastion } = network;
    const arrived = network.vendorArrives();
    this.#isOn = true;
    this.#address = arrived.address;
    if (arrived.zone === 'medical-devices') {
      return { outcome: 'succeeded', detail: 'the VPN ends among the pumps' };
    }
    const { serial, name } = place;
    const { pump, services } = this.#testbed.member(serial);
    const at = services?.isOpen(name) ? services.endpoint(name) : undefined;
    const session = await bastion.open(supplicantOf(credential), this.#address ?? '127.0.0.1', {
      service: { asset: 'pump', serial: pump.serial, name },
      at,
    });
    if (!session.open) return { outcome: 'refused', detail: session.reason };
    if (at === undefined) services?.refused(name, network.addressOf('bastion') ?? null);
    this.#relays.set(keyOf(place), session);
    return { outcome: 'succeeded', detail: 'the bastion relays to the one service' };
  }
}

function keyOf({ serial, name }: PumpServicePlace): string {
  return `${serial}/${name}`;
}

function supplicantOf(credential: AttackCredential | undefined): Supplicant {
  return {
    chainDer: credential === undefined ? [] : pemBlocks(credential.chainPem, 'CERTIFICATE'),
    sign: (challenge) => sign('sha256', challenge, credential?.privateKeyPem ?? ''),
  };
}
