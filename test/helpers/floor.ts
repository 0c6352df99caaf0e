import { Broker, type BrokerOptions } from '../../broker/index.ts';
import { HeapClock, QuietWire, unsettled } from '../../clock/index.ts';
import { type Credential, createMemoryPki, type Pki } from '../../pki/index.ts';
import {
  CONTROL_IDS,
  type ControlId,
  clientIdOf,
  type DialOptions,
  type EvidenceEntry,
  type Identity,
  type Limits,
  type Link,
} from '../../protocol/index.ts';
import { runLockstep } from '../../scenarios/engine/lockstep.ts';
import { openMqtt, openSocket } from '../../simulator/transport/index.ts';

/** A fixed Monday morning; what a foreign client judges by the host's clock starts at the host's time instead. */
export const START_MS = Date.parse('2026-03-02T06:00:00Z');

export interface Received {
  readonly topic: string;
  readonly payload: string;
  readonly retained: boolean;
}

/** A session of ours, and all that it got. */
export interface Seat {
  readonly link: Link;
  readonly received: Received[];
  /** Why it closed; empty while it is open. */
  readonly closed: string[];
}

export interface SeatOptions {
  readonly clientId?: string;
  readonly keepAliveS?: number;
  readonly will?: DialOptions['will'];
  readonly credential?: Credential;
  readonly listener?: 'tls' | 'plaintext';
  readonly onMessage?: (message: Received, seat: Seat) => void;
}

export interface Floor {
  readonly clock: HeapClock;
  readonly wire: QuietWire;
  readonly pki: Pki;
  readonly broker: Broker;
  readonly evidence: EvidenceEntry[];
  /** Opens a session; it stands once the wire has settled. */
  dial(identity: Identity, options?: SeatOptions): Promise<Seat>;
  /** Opens a session and settles the wire. */
  seat(identity: Identity, options?: SeatOptions): Promise<Seat>;
  /** Moves simulated time on, instant by instant. */
  run(forMs: number): Promise<void>;
  stop(): Promise<void>;
}

export interface FloorOptions {
  readonly startMs?: number;
  readonly without?: readonly ControlId[];
  /** `payload-schema` is off unless asked for: what most tests publish is to be read, not to be a message. */
  readonly payloadSchema?: boolean;
  readonly limits?: Limits;
  readonly capacity?: BrokerOptions['capacity'];
  readonly patienceMs?: number;
  /** `false`: no lockstep, for clients outside this process. */
  readonly lockstep?: boolean;
}

/** A clock, a PKI and a broker, on a port that the system chose; revocations reach the broker. */
export async function openFloor(options: FloorOptions = {}): Promise<Floor> {
  const clock = new HeapClock(options.startMs ?? START_MS);
  // Generous: a slow machine must not look like a wire that is stuck.
  const wire = new QuietWire({ patienceMs: options.patienceMs ?? 15_000 });
  const settling = options.lockstep === false ? unsettled : wire;
  const pki = createMemoryPki({ clock });
  const evidence: EvidenceEntry[] = [];
  const off = [...(options.without ?? []), ...(options.payloadSchema ? [] : ['payload-schema'])];
  const controls = new Set(CONTROL_IDS.filter((id) => !off.includes(id)));
  const judge = pki.judge({ revocation: controls.has('certificate-revocation') });
  const broker = await Broker.start({
    clock,
    settling,
    host: '127.0.0.1',
    port: 0,
    credential: pki.issue({ identity: { kind: 'broker', id: 'broker-01' }, profile: 'broker' }),
    judge,
    controls,
    ...(options.limits && { limits: options.limits }),
    ...(options.capacity && { capacity: options.capacity }),
    evidence: (entry) => evidence.push(entry),
  });
  pki.onRevoked(({ fingerprint }) => broker.dropRevoked(fingerprint));
  const credentials = new Map<string, Credential>();

  const credentialOf = (identity: Identity): Credential => {
    const name = clientIdOf(identity);
    const credential = credentials.get(name) ?? pki.issue({ identity });
    credentials.set(name, credential);
    return credential;
  };

  const dial = async (identity: Identity, seatOptions: SeatOptions = {}): Promise<Seat> => {
    const plain = seatOptions.listener === 'plaintext';
    const socket = await openSocket({
      clock,
      settling,
      endpoint: {
        host: '127.0.0.1',
        port: plain ? (broker.plaintextPort ?? 0) : broker.port,
        listener: plain ? 'plaintext' : 'tls',
      },
      credential: plain ? undefined : (seatOptions.credential ?? credentialOf(identity)),
      judge,
      controls,
    });
    const received: Received[] = [];
    const closed: string[] = [];
    let seat: Seat | undefined;
    const link = await openMqtt(
      socket,
      clock,
      {
        clientId: seatOptions.clientId ?? clientIdOf(identity),
        keepAliveS: seatOptions.keepAliveS ?? 0,
        ...(seatOptions.will && { will: seatOptions.will }),
      },
      {
        message: (topic, payload, retained) => {
          const message = { topic, payload: payload.toString(), retained };
          received.push(message);
          if (seat) seatOptions.onMessage?.(message, seat);
        },
        closed: (reason) => closed.push(reason),
      },
    );
    seat = { link, received, closed };
    return seat;
  };

  return {
    clock,
    wire,
    pki,
    broker,
    evidence,
    dial,
    seat: async (identity, seatOptions) => {
      const opening = dial(identity, seatOptions);
      // Whoever awaits it sees the rejection; while the wire settles nobody does.
      opening.catch(() => undefined);
      if (settling === wire) await wire.settle();
      return opening;
    },
    run: (forMs) => runLockstep(clock, wire, clock.now() + forMs, () => undefined),
    stop: () => broker.stop(),
  };
}

/** Subscribes and settles the wire; whether it was granted. */
export async function subscribe(floor: Floor, seat: Seat, ...filters: string[]): Promise<boolean[]> {
  const granted = Promise.all(filters.map((filter) => seat.link.subscribe(filter, 1)));
  await floor.wire.settle();
  return granted;
}

/** Turns of the event loop and real time beyond what a settled wire may still need: what comes now is late. */
export async function linger(turns = 200): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 20));
}

export const pump = (id = 'LVP-0001'): Identity => ({ kind: 'pump', id });
export const station = (id = 'station-01'): Identity => ({ kind: 'nurse-station', id });
export const observer = (id = 'observer-01'): Identity => ({ kind: 'observer', id });
export const server = (id = 'server-01'): Identity => ({ kind: 'pump-server', id });
