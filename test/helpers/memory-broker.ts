import { type Duplex, duplexPair } from 'node:stream';
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet';
import { ConnectionHandler, type HandlerOptions } from '../../broker/connection-handler.ts';
import type { Disk } from '../../broker/store/disk.ts';
import { HeapClock } from '../../clock/index.ts';
import {
  CONTROL_IDS,
  type ControlId,
  clientIdOf,
  type EvidenceEntry,
  type Identity,
  type Limits,
} from '../../protocol/index.ts';
import { START_MS } from './floor.ts';

/** One end of a connection in memory, and all packets that came out of it. */
export interface MemoryClient {
  readonly end: Duplex;
  readonly packets: Packet[];
  closed: boolean;
  /** The connection breaks. A pair in memory, unlike a socket, does not tell its other end. */
  cut(): void;
  send(...packets: Packet[]): void;
}

/** The connection handler without sockets: everything behind the TLS handshake is the real thing. */
export interface MemoryBroker {
  readonly handler: ConnectionHandler;
  readonly clock: HeapClock;
  readonly evidence: EvidenceEntry[];
  open(identity: Identity): MemoryClient;
  /** Opens, says CONNECT and waits for what comes back. */
  connect(identity: Identity, change?: Partial<IConnectPacket>): Promise<MemoryClient>;
}

export interface MemoryBrokerOptions {
  readonly without?: readonly ControlId[];
  readonly limits?: Limits;
  readonly store?: () => Promise<Disk>;
  readonly share?: HandlerOptions['share'];
}

/** Turns of the event loop that Aedes needs to hand anything on; generous. */
export async function turns(count = 25): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export async function openMemoryBroker(options: MemoryBrokerOptions = {}): Promise<MemoryBroker> {
  const clock = new HeapClock(START_MS);
  const evidence: EvidenceEntry[] = [];
  const without = options.without ?? ['payload-schema'];
  const handler = await ConnectionHandler.start({
    clock,
    controls: new Set(CONTROL_IDS.filter((id) => !without.includes(id))),
    evidence: (entry) => evidence.push(entry),
    ...(options.limits && { limits: options.limits }),
    store: options.store,
    share: options.share,
  });
  const open = (identity: Identity): MemoryClient => {
    const [end, transport] = duplexPair();
    const name = clientIdOf(identity);
    handler.begin({
      transport,
      listener: 'tls',
      address: '127.0.0.1',
      certificate: {
        accepted: true,
        identity,
        fingerprint: name,
        serialNumber: name,
        notAfterMs: clock.now() + 1e10,
      },
    });
    const packets: Packet[] = [];
    const client: MemoryClient = {
      end,
      packets,
      closed: false,
      cut: () => {
        end.destroy();
        transport.destroy();
      },
      send: (...said) => {
        for (const packet of said) if (!end.destroyed) end.write(generate(packet));
      },
    };
    const reading = parser({ protocolVersion: 4 });
    reading.on('packet', (packet: Packet) => packets.push(packet));
    end.on('data', (bytes) => reading.parse(bytes));
    end.on('error', () => undefined);
    const closed = (): void => {
      client.closed = true;
    };
    end.once('end', closed);
    transport.once('close', closed);
    return client;
  };
  return {
    handler,
    clock,
    evidence,
    open,
    connect: async (identity, change = {}) => {
      const client = open(identity);
      const clientId = clientIdOf(identity);
      client.send({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId,
        keepalive: 60,
        ...change,
      });
      await turns();
      return client;
    },
  };
}
