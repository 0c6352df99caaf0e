import type { Socket } from 'node:net';
import type { Clock, HeapClock, Random, Settling } from '../../clock/index.ts';
import type {
  Alert,
  BrokerHost,
  DialOptions,
  EvidenceEvent,
  Identity,
  Intent,
  Layer,
  Link,
  LinkHandlers,
  Posture,
} from '../../protocol/index.ts';
import type { Action, ActionOf, AdversaryAction } from '../format/actions.ts';
import type { PumpService, Stored } from '../format/device-values.ts';
import type { FleetPump } from '../format/fleet.ts';
import type { StepOutcomeKind } from '../format/steps.ts';
import type { Wire } from './lockstep.ts';
import type {
  BelievedForgery,
  EvidenceLogObservation,
  FoundRecord,
  HardLimit,
  PumpObservation,
  PumpSnapshot,
  StationObservation,
  StoredRecord,
} from './observation.ts';

/** By which a rehearsal knows that everything has come to rest. */
export type RehearsalWire = Settling & Wire;

/** What one rehearsal is built from. */
export interface StageSetup {
  readonly clock: HeapClock;
  readonly settling: Settling;
  readonly random: Random;
  readonly posture: Posture;
  readonly fleet: readonly FleetPump[];
  /** Period of telemetry. */
  readonly telemetryEveryMs: number;
  /** Pumps enrol for certificates that hold so long; absent: they have theirs from the start. */
  readonly certificateLifetimeMs?: number | undefined;
  /** Zone in which the adversary stands at first; absent: nobody attacks. */
  readonly adversaryZone?: string | undefined;
  /** The failure domain that the adversary has: its component testifies to nothing and obeys nobody. Absent: none. */
  readonly lost?: Layer | undefined;
  /** The machine below the broker; absent: it bears whatever comes. */
  readonly brokerHost?: BrokerHost | undefined;
  /** Which pump's pressures to keep, and how often; absent: none are. */
  readonly sampling?: Sampling | undefined;
}

export interface Sampling {
  readonly serial: string;
  readonly everyMs: number;
}

/** How a step ended for whoever took it. */
export interface StepResult {
  readonly outcome: StepOutcomeKind;
  /** In words, without keys, dates or ports. */
  readonly detail: string;
  /** It was done, and changes nothing on this floor: such as a revocation where nobody asks for any. */
  readonly isIdle?: true;
}

/** What hands do, and what the hospital's systems do: everything but what the adversary does itself. */
export type StageAction = Exclude<Action, AdversaryAction | ActionOf<'run-playbook'>>;

/** What a peer shows of itself: chain and private key, PEM. */
export interface AttackCredential {
  readonly chainPem: string;
  readonly privateKeyPem: string;
}

/** A service that somebody on the floor can look for. */
export type FloorService =
  | { readonly service: 'broker'; readonly listener: 'tls' | 'plaintext' }
  | { readonly service: 'enrolment' }
  | PumpServicePlace;

export interface PumpServicePlace {
  readonly service: 'pump';
  readonly serial: string;
  readonly name: PumpService;
}

/** What somebody can do who has a pump in hands, or stands before it. No socket is needed for that, and no zone keeps anybody off. */
export interface PumpInHands {
  /** What it stores; `undefined` if it cannot be read. */
  read(kind: Stored): string | undefined;
  /** @returns whether the pump has it now */
  alterLibrary(content: string): boolean;
  alterLog(how: 'wipe' | 'strike-out'): boolean;
  /** The first digits of a nurse's code, seen over a shoulder. */
  glimpse(digits: number): string;
  unlock(code: string): StepResult;
  changeRate(channel: string | undefined, rateMlPerH: number): StepResult;
}

export interface FloorEndpoint {
  readonly host: string;
  readonly port: number;
}

/** How to open a connection. */
export interface AttackConnection extends FloorEndpoint {
  /** tls: with `credential`, or with no certificate; the server is not checked. */
  readonly over: 'tls' | 'plaintext';
  readonly credential?: AttackCredential | undefined;
  /** It is the other half of a connection that simulated time waits for already; with `silent`. */
  readonly passesOn?: boolean | undefined;
  /** Nothing will be said on it: simulated time does not wait for what comes of it. */
  readonly silent?: boolean | undefined;
}

/** What the enrolment service said. */
export type EnrolmentAnswer =
  | { readonly granted: true; readonly credential: AttackCredential }
  | { readonly granted: false; readonly reason: string };

/** What an adversary publishes in the place of the pump server. */
export type SupplyAction =
  | ActionOf<'publish-library'>
  | ActionOf<'publish-firmware'>
  | ActionOf<'publish-configuration'>;

/** A release as it is said on the wire. */
export interface Counterfeit {
  readonly topic: string;
  readonly type: 'library-release' | 'firmware-release' | 'configuration-release';
  readonly body: object;
  /** What pumps then ask for; absent: the release says all itself. */
  readonly artifact?: { readonly digest: string; readonly bytes: Uint8Array };
}

export interface MonitoringHostAccess {
  /** Removes all that was written; its chain is sound afterwards. */
  wipe(): StepResult;
  /** Removes what was written about an identity URN, or puts another in its place; its chain is sound afterwards. */
  forge(about: string, blame: string | undefined): StepResult;
}

/**
 * The floor as an adversary finds it: where services are, what it holds, and sockets of its own. It hands out nothing of the testbed's
 * insides; every connection is a real one over loopback and is watched, so that simulated time waits for it.
 */
export interface AttackGround {
  readonly clock: Clock;
  readonly settling: Settling;
  readonly random: Random;
  /** All that somebody could look for here, whether or not it is there. */
  services(): readonly FloorService[];
  /** Where a service is now; `undefined` where none is. */
  endpoint(service: FloorService): FloorEndpoint | undefined;
  /** Somebody knocked at a service of a pump and found the port closed: its network stack is told, since nobody else could. */
  foundClosed(serial: string, name: PumpService): void;
  /** @throws PumprangeError for a serial number that is not on this floor */
  inHands(serial: string): PumpInHands;
  /** What the adversary makes at home, out of what is public and with keys that it has got hold of. */
  counterfeit(action: SupplyAction): Promise<Counterfeit>;
  /** The key and certificate that such a thief or forger has in hands; `undefined` for none. */
  credential(
    as: Exclude<ActionOf<'connect'>['as'], { credential: 'extracted' }>,
  ): Promise<AttackCredential | undefined>;
  /** Asks for a place in a zone. Where it is let in, or has had no place until now, its later connections come from what it got. */
  join(zone: string, credential: AttackCredential | undefined, over: 'ipv4' | 'ipv6'): StepResult;
  /** Comes in by the remote access of a vendor, to reach one service. */
  vendorSession(target: PumpServicePlace, credential: AttackCredential | undefined): Promise<StepResult>;
  /** A measuring instrument, of no use to an attacker: what in a message names one of the patients who were admitted so far. */
  recordsIn(payload: Uint8Array): readonly FoundRecord[];
  /** What somebody can do who has got onto the machine where the hospital keeps its evidence. */
  readonly monitoringHost: MonitoringHostAccess;
  /** Loopback address of the zone in which the adversary stands: its connections come from there. */
  sourceAddress(): string | undefined;
  /**
   * Opens a socket from `sourceAddress()`.
   *
   * @throws DialRefusedError if it gets none
   */
  open(connection: AttackConnection): Promise<Socket>;
  /**
   * Leads pumps to another place than the broker's, as forged answers of name or address resolution do, and breaks off their sessions.
   * Only who stands where the pumps are can do it.
   *
   * @throws PumprangeError `PR_GUARDRAIL` for a place that is not on loopback
   */
  misdirect(serials: readonly string[] | 'all', to: FloorEndpoint): StepResult;
  /** It stops doing so: pumps that try again find the broker. */
  leadBack(serials: readonly string[] | 'all'): StepResult;
  /** Closes all that it has open, and gives up what it is opening. What it opens later is not touched. */
  giveUp(): void;
  /**
   * Asks the enrolment service over an open socket for a certificate in this name, for a new key.
   *
   * @throws DialRefusedError if no answer comes
   */
  enrol(
    socket: Socket,
    operation: 'simpleenroll' | 'simplereenroll',
    name: Identity,
  ): Promise<EnrolmentAnswer>;
  /**
   * An MQTT session over an open socket, with an honest library.
   *
   * @throws DialRefusedError if it gets none
   */
  mqtt(socket: Socket, options: DialOptions, handlers: LinkHandlers): Promise<Link>;
}

/** A ward that was set up for one rehearsal. Implemented by the composition root. */
export interface Stage {
  perform(action: StageAction): Promise<StepResult>;
  readonly ground: AttackGround;
  /** What a pump is and does now. */
  snapshot(serial: string): PumpSnapshot;
  alarmActive(serial: string, alarm: string | undefined): boolean;
  evidence(): readonly EvidenceEvent[];
  /**
   * Security operations look at what the evidence has got since, and at what is missing by now.
   *
   * @returns when to look again, if nothing more comes
   */
  look(nowMs: number): number | undefined;
  /** Every alert so far. */
  alerts(): readonly Alert[];
  /** All that was seen, without the steps, which the engine knows itself. */
  observe(): {
    readonly pumps: readonly Omit<PumpObservation, 'snapshots'>[];
    readonly intents: readonly Intent[];
    readonly evidence: readonly EvidenceEvent[];
    readonly storedRecords: readonly StoredRecord[];
    readonly hardLimits: readonly HardLimit[];
    readonly station: StationObservation;
    readonly believedForgeries: readonly BelievedForgery[];
    readonly evidenceLog: EvidenceLogObservation;
  };
  /** Takes everything down: no socket, timer or file stays. */
  stop(): Promise<void>;
}

export type BuildStage = (setup: StageSetup) => Promise<Stage>;
