import type { Socket } from 'node:net';
import type { Clock } from '../../clock/index.ts';
import type { ConnectionGate, EvidenceSink, GatedService, GateVerdict } from '../../protocol/index.ts';
import { plainAddress } from '../plan/range.ts';
import { decideConnection, type GateGround, nameOf } from './gate.ts';

export interface FirewallOptions {
  readonly clock: Clock;
  readonly evidence: EvidenceSink;
  readonly ground: GateGround;
}

/** The same denial is told once in this time, and the next one says how many were left out. */
const TOLD_EVERY_MS = 10_000;
const MOST_REMEMBERED = 10_000;

/**
 * The gate before every listener, with the state that a firewall keeps: the connections that are open, so that they end when
 * their address is put out of reach.
 */
export class Firewall {
  readonly #options: FirewallOptions;
  readonly #open = new Map<string, Map<Socket, GatedService>>();
  readonly #told = new Map<string, { atMs: number; leftOut: number }>();

  constructor(options: FirewallOptions) {
    this.#options = options;
  }

  readonly gate: ConnectionGate = (socket, service) => {
    const address = plainAddress(socket.remoteAddress ?? 'unknown');
    const verdict = this.judge(address, service);
    if (verdict.allowed) {
      this.#track(socket, address, service);
    } else {
      socket.on('error', () => undefined); // it is gone, and that is what was meant
      socket.destroy();
    }
    return verdict;
  };

  /** A denial is recorded. */
  judge(address: string, service: GatedService): GateVerdict {
    const { clock, ground } = this.#options;
    const verdict = decideConnection(ground, address, service, clock.now());
    if (!verdict.allowed) this.#tell(address, service, verdict);
    return verdict;
  }

  /** Ends every open connection from an address. @returns how many there were. */
  cut(address: string): number {
    return end([...(this.#open.get(address)?.keys() ?? [])]);
  }

  /** Ends every open connection that would not be let through now. @returns how many there were. */
  cutForbidden(): number {
    const { clock, ground } = this.#options;
    const forbidden = [...this.#open].flatMap(([address, sockets]) =>
      [...sockets].flatMap(([socket, service]) =>
        decideConnection(ground, address, service, clock.now()).allowed ? [] : [socket],
      ),
    );
    return end(forbidden);
  }

  #track(socket: Socket, address: string, service: GatedService): void {
    const sockets = this.#open.get(address) ?? new Map<Socket, GatedService>();
    this.#open.set(address, sockets.set(socket, service));
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0 && this.#open.get(address) === sockets) this.#open.delete(address);
    });
  }

  #tell(address: string, service: GatedService, verdict: Extract<GateVerdict, { allowed: false }>): void {
    const { clock, evidence } = this.#options;
    const object = nameOf(service);
    const key = `${address} ${object} ${verdict.control}`;
    const last = this.#told.get(key);
    if (last !== undefined && clock.now() - last.atMs < TOLD_EVERY_MS) {
      last.leftOut += 1;
      return;
    }
    if (this.#told.size >= MOST_REMEMBERED) this.#told.clear();
    this.#told.set(key, { atMs: clock.now(), leftOut: 0 });
    const before = last === undefined || last.leftOut === 0 ? '' : ` (${last.leftOut} like it before)`;
    evidence({
      source: 'network',
      event: 'connection.denied',
      outcome: 'denied',
      visibility: 'blue',
      zone: verdict.zone,
      address,
      control: verdict.control,
      cause: `${verdict.cause}${before}`,
      object,
    });
  }
}

function end(sockets: readonly Socket[]): number {
  for (const socket of sockets) socket.destroy();
  return sockets.length;
}
