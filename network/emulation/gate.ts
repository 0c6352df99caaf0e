import type { ControlId, GatedService, GateVerdict } from '../../protocol/index.ts';
import { type ZonePolicy, zoneAt } from '../plan/policy.ts';
import { plainAddress } from '../plan/range.ts';
import type { FloorPlan } from './floor-plan.ts';

/**
 * 127.0.0.1 stands in no zone: it is the machine itself, where whoever runs the testbed sits with `mosquitto_sub`, a scanner or
 * a browser. That position is out of band, as a console cable is; no actor of a rehearsal speaks from there, and a
 * network of real namespaces has no such thing.
 */
export const OPERATOR_ZONE = 'operator';
/** An address of loopback that no zone has. */
const NOWHERE = 'nowhere';

/** What the gate decides by. */
export interface GateGround {
  /** The zones as they are now, in force where `zone-segmentation` is on. */
  readonly plan: FloorPlan;
  /** What zones there are without it: one. */
  readonly flat: ZonePolicy;
  readonly controls: ReadonlySet<ControlId>;
  /** Whether an address was put out of reach. */
  readonly isQuarantined: (address: string) => boolean;
}

/**
 * May a connection from this address reach this service? The one place of `zone-segmentation`: with it, what no conduit of
 * the plan allows is denied; without it there is one network, on which everybody reaches everything.
 */
export function decideConnection(
  ground: GateGround,
  from: string,
  service: GatedService,
  atMs: number,
): GateVerdict {
  const zone = zoneNameOf(ground, from);
  if (zone === OPERATOR_ZONE) return { allowed: true, zone };
  if (ground.isQuarantined(from)) {
    return { allowed: false, zone, control: 'network-quarantine', cause: 'the address is in quarantine' };
  }
  if (!ground.controls.has('zone-segmentation')) return { allowed: true, zone };
  if (ground.plan.allows(from, service, atMs)) return { allowed: true, zone };
  const to = nameOf(service);
  return { allowed: false, zone, control: 'zone-segmentation', cause: `no conduit from ${zone} to ${to}` };
}

/** The name of the zone in which an address stands, as the network that is there has it. */
export function zoneNameOf(ground: Pick<GateGround, 'plan' | 'flat' | 'controls'>, from: string): string {
  if (from === '::1' || plainAddress(from) === '127.0.0.1') return OPERATOR_ZONE;
  const { plan, flat, controls } = ground;
  return zoneAt(controls.has('zone-segmentation') ? plan.policy : flat, from)?.id ?? NOWHERE;
}

/** Whether whoever is at an address hears what is said in a zone beside any gate: it stands in it, or there are no zones. */
export function standsIn(
  { plan, controls }: Pick<GateGround, 'plan' | 'controls'>,
  zone: string,
  address: string,
): boolean {
  return !controls.has('zone-segmentation') || plan.standsIn(zone, address);
}

/** `asset/service`, with the serial number of a pump: what evidence says it was done to. */
export function nameOf({ asset, serial, name }: GatedService): string {
  return serial === undefined ? `${asset}/${name}` : `${asset}/${serial}/${name}`;
}
