import type { Clock, Random, Settling } from '../../clock/index.ts';
import {
  type CertificateJudge,
  type ConnectionGate,
  type ControlId,
  type EvidenceSink,
  type GatedService,
  type GateVerdict,
  type Identity,
  urnOf,
} from '../../protocol/index.ts';
import type { ZonePolicy } from '../plan/policy.ts';
import { Addresses } from './addresses.ts';
import { type AdmissionVerdict, decideAdmission } from './admission.ts';
import { Bastion } from './bastion.ts';
import type { Supplicant } from './credentials.ts';
import { Firewall } from './firewall.ts';
import { type GateGround, standsIn, zoneNameOf } from './gate.ts';
import { Quarantine, type QuarantineResult, type QuarantineTarget } from './quarantine.ts';

/** The plans of a house: its zones, and the one network that is there without them. */
export interface ZonePlans {
  readonly segmented: ZonePolicy;
  readonly flat: ZonePolicy;
}

export interface NetworkOptions extends ZonePlans {
  readonly clock: Clock;
  readonly settling: Settling;
  readonly random: Random;
  readonly evidence: EvidenceSink;
  readonly controls: ReadonlySet<ControlId>;
  readonly judge: CertificateJudge;
  /** Whether this machine answers on all of 127.0.0.0/8. Without that, all stand at 127.0.0.1 and there are no zones. */
  readonly hasAddresses: boolean;
}

/** What somebody got who wanted to join a zone. */
export interface Joined {
  readonly admitted: boolean;
  /** Where it stands now, as the plan has it; `undefined`: on no network. */
  readonly zone: string | undefined;
  /** Address to speak from; `undefined` also where this machine has none but 127.0.0.1. */
  readonly address: string | undefined;
}

const GUEST = 'guest';
const CHALLENGE_BYTES = 32;

/** The network of a floor, as far as it is emulated on loopback: who stands where, and what reaches what. */
export class Network {
  readonly bastion: Bastion;
  readonly #options: NetworkOptions;
  readonly #ground: GateGround;
  readonly #addresses: Addresses;
  readonly #firewall: Firewall;
  readonly #quarantine: Quarantine;

  constructor(options: NetworkOptions) {
    const { clock, settling, evidence, controls, judge, segmented, flat } = options;
    this.#options = options;
    this.#addresses = new Addresses(segmented);
    this.#quarantine = new Quarantine({
      controls,
      zoneOf: (address) => this.zoneOf(address),
      cut: (address) => this.#firewall.cut(address),
    });
    this.#ground = { segmented, flat, controls, isQuarantined: (from) => this.#quarantine.hasAddress(from) };
    this.#firewall = new Firewall({ clock, evidence, ground: this.#ground });
    this.bastion = new Bastion({
      ...{ clock, settling, controls, evidence, judge, gate: this.gate, challenge: () => this.#challenge() },
      address: this.addressOf('bastion') ?? '127.0.0.1',
    });
    if (!options.hasAddresses) this.#tellUnsegmented();
  }

  /** Stands in front of every listener of the floor. */
  get gate(): ConnectionGate {
    return this.#firewall.gate;
  }

  zoneOf(address: string): string {
    return zoneNameOf(this.#ground, address);
  }

  /** Whether somebody is in the middle of a zone; where all stand at 127.0.0.1, everybody is. */
  standsIn(zone: string, address: string | undefined): boolean {
    return address === undefined || standsIn(this.#ground, zone, address);
  }

  /** The address of an asset that has a fixed one; `undefined` where this machine has none but 127.0.0.1. */
  addressOf(asset: string): string | undefined {
    return this.#options.hasAddresses ? this.#options.segmented.assetAddresses.get(asset) : undefined;
  }

  /** An address in a zone for somebody who is there already: where a rehearsal begins. */
  foothold(zone: string): string | undefined {
    return this.#options.hasAddresses ? this.#addresses.lease(zone) : undefined;
  }

  /** Somebody plugs in, or comes over the air. Who is not admitted is a guest, where guests have a network of their own. */
  join(zone: string, supplicant: Supplicant): Joined {
    const { clock, controls } = this.#options;
    const ground = {
      ...this.#options,
      isQuarantined: (identity: Identity) => this.#quarantine.hasIdentity(identity),
    };
    const verdict = decideAdmission(ground, zone, supplicant, this.#challenge(), clock.now());
    const isApart = controls.has('zone-segmentation') && this.#options.segmented.zones.has(GUEST);
    const given = verdict.admitted ? zone : isApart ? GUEST : undefined;
    const address = given === undefined ? undefined : this.foothold(given);
    this.#tellJoined(zone, verdict, address);
    return { admitted: verdict.admitted, zone: given, address };
  }

  /** Somebody comes in by the vendor's VPN, for which a password is enough that many know. Where it ends, the bastion decides. */
  vendorArrives(): {
    readonly zone: 'remote-access' | 'medical-devices';
    readonly address: string | undefined;
  } {
    const zone = this.bastion.landingZone();
    const address = this.foothold(zone);
    this.#options.evidence({
      source: 'network',
      event: 'vendor.arrived',
      outcome: 'allowed',
      visibility: 'blue',
      object: zone,
      ...(address && { address, zone: this.zoneOf(address) }),
    });
    return { zone, address };
  }

  /** What a packet filter makes of a connection to a port at which nothing listens. */
  knock(from: string | undefined, service: GatedService): GateVerdict {
    return this.#firewall.judge(from ?? '127.0.0.1', service);
  }

  quarantine(target: QuarantineTarget): QuarantineResult {
    const result = this.#quarantine.impose(target);
    if (!result.done) return result;
    // A vendor sits behind the bastion, which is nobody to move: its sessions end there.
    const ended = target.identities.map((identity) => this.bastion.close(identity));
    this.#tellQuarantine('network.quarantined', target, result.addresses);
    return { ...result, cut: ended.reduce((sum, one) => sum + one, result.cut) };
  }

  release(target: QuarantineTarget): QuarantineResult {
    const result = this.#quarantine.lift(target);
    if (result.done) this.#tellQuarantine('network.released', target, result.addresses);
    return result;
  }

  stop(): Promise<void> {
    return this.bastion.stop();
  }

  #challenge(): Uint8Array {
    return Uint8Array.from({ length: CHALLENGE_BYTES }, () => this.#options.random.int(0, 255));
  }

  #tellJoined(zone: string, verdict: AdmissionVerdict, address: string | undefined): void {
    const { identity, fingerprint } = verdict;
    this.#options.evidence({
      source: 'network',
      event: verdict.admitted ? 'network.joined' : 'network.refused',
      outcome: verdict.admitted ? 'allowed' : 'denied',
      visibility: 'blue',
      object: zone,
      subject: identity === undefined ? null : urnOf(identity),
      certificateFingerprint: fingerprint ?? null,
      address: address ?? null,
      zone: address === undefined ? null : this.zoneOf(address),
      control: verdict.admitted ? ((identity && 'network-admission') ?? null) : verdict.control,
      cause: verdict.admitted ? null : verdict.cause,
    });
  }

  #tellQuarantine(event: string, { identities }: QuarantineTarget, addresses: readonly string[]): void {
    const told = { source: 'network', event, outcome: 'observed', visibility: 'blue' } as const;
    const control = 'network-quarantine';
    for (const identity of identities) this.#options.evidence({ ...told, control, subject: urnOf(identity) });
    for (const address of addresses) {
      this.#options.evidence({ ...told, control, address, zone: this.zoneOf(address) });
    }
  }

  #tellUnsegmented(): void {
    this.#options.evidence({
      source: 'network',
      event: 'network.unsegmented',
      outcome: 'observed',
      visibility: 'white',
      cause:
        'this machine has no loopback address but 127.0.0.1: all stand at one place, and no zone is enforced',
    });
  }
}
