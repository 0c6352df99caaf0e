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
import type { IpVersion, ZonePolicy } from '../plan/policy.ts';
import { Addresses } from './addresses.ts';
import { type AdmissionVerdict, decideAdmission } from './admission.ts';
import { Bastion } from './bastion.ts';
import type { Supplicant } from './credentials.ts';
import { Firewall } from './firewall.ts';
import { type FirewallChange, FloorPlan } from './floor-plan.ts';
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

/** What became of a change to the network. */
export type Changed =
  | { readonly done: true; readonly cut: number }
  | { readonly done: false; readonly reason: string };

const UNSEGMENTED: Changed = { done: false, reason: 'there is one network, without a firewall in it' };
const GUEST = 'guest';
const CHALLENGE_BYTES = 32;

/** The network of a floor, as far as it is emulated on loopback: who stands where, and what reaches what. */
export class Network {
  readonly bastion: Bastion;
  readonly #options: NetworkOptions;
  readonly #ground: GateGround;
  readonly #addresses: Addresses;
  readonly #plan: FloorPlan;
  readonly #firewall: Firewall;
  readonly #quarantine: Quarantine;

  constructor(options: NetworkOptions) {
    const { clock, settling, evidence, controls, judge, segmented, flat } = options;
    this.#options = options;
    this.#addresses = new Addresses(segmented);
    this.#plan = new FloorPlan(segmented);
    this.#quarantine = new Quarantine({
      controls,
      zoneOf: (address) => this.zoneOf(address),
      cut: (address) => this.#firewall.cut(address),
    });
    const plan = this.#plan;
    this.#ground = { plan, flat, controls, isQuarantined: (from) => this.#quarantine.hasAddress(from) };
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
  foothold(zone: string, over: IpVersion = 'ipv4'): string | undefined {
    const address = this.#options.hasAddresses ? this.#addresses.lease(zone) : undefined;
    // The emulation has one loopback for both versions: an address stands for a device, and the plan knows what it speaks.
    if (address !== undefined && over === 'ipv6') this.#plan.speaksIpv6(address);
    return address;
  }

  /** Somebody plugs in, or comes over the air. Who is not admitted is a guest, where guests have a network of their own. */
  join(zone: string, supplicant: Supplicant, over: IpVersion = 'ipv4'): Joined {
    const { clock, controls } = this.#options;
    const ground = {
      ...this.#options,
      isQuarantined: (identity: Identity) => this.#quarantine.hasIdentity(identity),
    };
    const verdict = decideAdmission(ground, zone, supplicant, this.#challenge(), clock.now());
    const isApart = controls.has('zone-segmentation') && this.#options.segmented.zones.has(GUEST);
    const given = verdict.admitted ? zone : isApart ? GUEST : undefined;
    const address = given === undefined ? undefined : this.foothold(given, over);
    this.#tellJoined(zone, verdict, address);
    return { admitted: verdict.admitted, zone: given, address };
  }

  /**
   * Somebody changes the firewall between the zones.
   *
   * @param sessions kept: a rule for established connections lets those go on that are open; ended: they end
   * @returns how many connections ended, or why it was not done
   */
  changeFirewall(change: FirewallChange, sessions: 'kept' | 'ended'): Changed {
    if (!this.#options.controls.has('zone-segmentation')) return UNSEGMENTED;
    const problems = this.#plan.change(change);
    const [problem] = problems;
    if (problem !== undefined) return { done: false, reason: problem.message };
    const names = [
      ...change.close.map((name) => `-${name}`),
      ...change.open.map(({ from, to }) => `+${from}>${to}`),
    ];
    this.#tellChanged('firewall.changed', names.join(' '));
    return { done: true, cut: sessions === 'ended' ? this.#firewall.cutForbidden() : 0 };
  }

  /** A cable joins two zones, or is taken out again. Nobody is told: that is what a wrong cable is like. */
  setBridge(one: string, other: string, joined: boolean): Changed {
    if (!this.#options.controls.has('zone-segmentation')) return UNSEGMENTED;
    if (joined) this.#plan.bridge(one, other);
    else this.#plan.unbridge(one, other);
    return { done: true, cut: joined ? 0 : this.#firewall.cutForbidden() };
  }

  /** Nothing gets from one zone to another, or it does again. */
  setPartition(one: string, other: string, apart: boolean): Changed {
    if (!this.#options.controls.has('zone-segmentation')) return UNSEGMENTED;
    if (apart) this.#plan.partition(one, other);
    else this.#plan.heal(one, other);
    return { done: true, cut: apart ? this.#firewall.cutForbidden() : 0 };
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

  #tellChanged(event: string, object: string): void {
    const told = { source: 'network', event, outcome: 'observed', visibility: 'blue' } as const;
    this.#options.evidence({ ...told, control: 'zone-segmentation', object });
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
