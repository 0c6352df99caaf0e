import type { Socket } from 'node:net';
import type { ControlId } from './controls.ts';
import type { Serial } from './identity.ts';

/** What listens: the asset as the zone file names it (`broker`, `est`, `pump`), which one of several, and the service's name. */
export interface GatedService {
  readonly asset: string;
  readonly serial?: Serial;
  readonly name: string;
}

/** `zone`: where the address stands that the connection comes from. */
export type GateVerdict =
  | { readonly allowed: true; readonly zone: string }
  | {
      readonly allowed: false;
      readonly zone: string;
      readonly control: ControlId;
      readonly cause: string;
    };

/**
 * The network between whoever connects and a listener, asked once for each TCP connection as it is accepted, before a
 * byte is read. A connection that is denied has been destroyed and recorded when this returns; one that is allowed is
 * destroyed later, should its address be put out of reach. Never throws.
 */
export type ConnectionGate = (socket: Socket, service: GatedService) => GateVerdict;
