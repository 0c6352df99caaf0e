import type { IpVersion } from '../plan/policy.ts';
import type { MqttRole, MqttWitness, ProbeCredential } from '../probe/request.ts';
import type { ProbedPort, Target } from './places.ts';

/** Somebody with a certificate, or with none, and what a server should make of it. */
export interface TlsVisitor {
  readonly role: string;
  readonly credential?: ProbeCredential;
  readonly expected: 'accepted' | 'refused';
  /** Who decides it: the id of a control, or a word. */
  readonly by: string;
}

/** A server that speaks TLS. */
export interface TlsService {
  readonly asset: string;
  readonly service: string;
  /** See `TlsProbe.say`. */
  readonly say?: string;
  readonly rootPem?: string;
  readonly visitors: readonly TlsVisitor[];
}

/** What a role should be able to do at a broker. */
export interface MqttRule {
  readonly role: string;
  readonly does: 'connect' | 'subscribe' | 'publish';
  /** As in the steps of the role; empty for `connect`. */
  readonly topics: string;
  readonly expected: 'allowed' | 'denied';
  readonly by: string;
}

/** A broker, and who comes to it. Every place has identities of its own: the same one twice would end its other session. */
export interface MqttService {
  readonly asset: string;
  readonly service: string;
  readonly over: 'tls' | 'plaintext';
  readonly rules: readonly MqttRule[];
  comers(
    zone: string,
    ipVersion: IpVersion,
  ): {
    readonly roles: readonly MqttRole[];
    readonly witnesses: readonly MqttWitness[];
  };
}

/** What really runs behind the addresses of a plan, as far as a table has to know. */
export interface ProbedFloor {
  /** Whether something answers at a port of a device, once the network lets it through. */
  listens(target: Target, port: ProbedPort): boolean;
  readonly tls: readonly TlsService[];
  readonly mqtt: readonly MqttService[];
  /** Assets whose services greet, and are to be asked. */
  readonly greets: ReadonlySet<string>;
}
