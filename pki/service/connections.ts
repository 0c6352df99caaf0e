import type { Socket } from 'node:net';
import type { Clock } from '../../clock/index.ts';
import type { EvidenceThrottle } from './evidence-throttle.ts';

/** From the connection to the answer, on the Clock. */
const EXCHANGE_MS = 30_000;
/** Of that, for the TLS handshake. */
const HANDSHAKE_MS = 10_000;
/** On loopback all pumps of a ward have one address; a hundred of them may enrol at once. */
const MOST_OF_AN_ADDRESS = 128;
/** Of all addresses; every client of this machine may come from any of 16 million of them, 127.0.0.0/8. */
const MOST = 512;

interface Connection {
  readonly socket: Socket;
  readonly address: string;
  readonly handshaken: () => void;
  /** Whether the head of its request came. */
  asked: boolean;
}

/**
 * The connections of a service. When its address, or the service, has as many as it may, the oldest ends for the next one: an honest
 * exchange takes milliseconds, so that those who are silent or stop in the middle of a request keep nobody out.
 */
export class Connections {
  readonly #clock: Clock;
  readonly #refusals: EvidenceThrottle;
  /** By the remote end, which the TCP socket and the TLS socket over it have in common; oldest first. */
  readonly #open = new Map<string, Connection>();

  constructor(clock: Clock, refusals: EvidenceThrottle) {
    this.#clock = clock;
    this.#refusals = refusals;
  }

  begin(socket: Socket, tls: boolean): void {
    const name = remoteEnd(socket);
    const address = addressOf(socket);
    this.#makeRoom(address);
    const exchange = this.#clock.after(EXCHANGE_MS, () => socket.destroy());
    const handshake = tls
      ? this.#clock.after(HANDSHAKE_MS, () => this.#end(socket, address, 'the TLS handshake took too long'))
      : undefined;
    const connection = { socket, address, handshaken: () => handshake?.cancel(), asked: false };
    this.#open.set(name, connection);
    socket.once('close', () => {
      exchange.cancel();
      handshake?.cancel();
      if (this.#open.get(name) === connection) this.#open.delete(name);
    });
  }

  handshaken(socket: Socket): void {
    this.#open.get(remoteEnd(socket))?.handshaken();
  }

  /** @returns whether it is the first request of its connection. */
  ask(socket: Socket): boolean {
    const connection = this.#open.get(remoteEnd(socket));
    if (connection === undefined || connection.asked) return false;
    connection.asked = true;
    return true;
  }

  cut(): void {
    for (const { socket } of this.#open.values()) socket.destroy();
  }

  #makeRoom(address: string): void {
    const all = [...this.#open.values()];
    const own = all.filter((one) => one.address === address);
    if (own.length >= MOST_OF_AN_ADDRESS) {
      this.#endFirst(own, `more than ${MOST_OF_AN_ADDRESS} connections of one address`);
    } else if (all.length >= MOST) {
      this.#endFirst(all, `more than ${MOST} connections`);
    }
  }

  #endFirst([oldest]: readonly Connection[], cause: string): void {
    if (oldest === undefined) return;
    this.#open.delete(remoteEnd(oldest.socket));
    this.#end(oldest.socket, oldest.address, cause);
  }

  #end(socket: Socket, address: string, cause: string): void {
    socket.destroy();
    this.#refusals.tell(`connection|${address}|${cause}`, {
      source: 'pki',
      event: 'connection.ended',
      outcome: 'denied',
      visibility: 'blue',
      address,
      cause,
    });
  }
}

/** Without the port, and IPv4 as it is usually written. */
export function addressOf(socket: Socket): string {
  return socket.remoteAddress?.replace(/^::ffff:/, '') ?? 'unknown';
}

function remoteEnd(socket: Socket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}
