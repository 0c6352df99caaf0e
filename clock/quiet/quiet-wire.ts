import type { Settling, WatchedSocket } from './settling.ts';

interface Connection {
  /** Turns for which only the server's end was known. */
  aloneTurns: number;
  client?: WatchedSocket;
  server?: WatchedSocket;
  clientClosed: boolean;
  serverClosed: boolean;
}

interface Held {
  readonly what: string;
  /** Hands the result to whoever awaits it; `undefined` while the work goes on. */
  release: (() => void) | undefined;
}

/** Thrown when the wire does not come to rest: it names what is still under way. */
export class WireNotQuietError extends Error {
  constructor(
    readonly holder: string,
    readonly waitedMs: number,
  ) {
    super(`the wire did not come to rest within ${waitedMs} ms: ${holder}`);
    this.name = 'WireNotQuietError';
  }
}

/**
 * Our clients are watched from their TCP connection on, so a server's end that stays alone for longer belongs to a
 * client outside this process. Nothing can be known of the other end of that wire.
 */
const FOREIGN_TURNS = 20;

/**
 * Turns of the event loop for which nothing may be under way before the wire counts as quiet. Inside this process a
 * broker hands work from step to step by `setImmediate`, which leaves no trace on the wire: Aedes takes three turns from a
 * SUBACK to the first retained message (measured; with two, each one was late). One more is kept in hand.
 */
const QUIET_TURNS = 4;

/**
 * So often the event loop must have turned, too, before patience ends: 40 ms of them at most. On a machine that is not its own a process may
 * stand still for seconds, and nothing of that is a wire's fault.
 */
const IMPATIENT_TURNS = 2_000;

/**
 * Knows every connection and all held work of one testbed, and waits until all of it has come to rest.
 *
 * Quiet means: on every connection the cleartext bytes written equal those read at the other end, buffers are
 * empty, both ends are closed or neither is, and no held work is open, for four turns of the event loop. Counting
 * turns alone is not enough: the kernel may hold a segment for longer than any fixed number of them.
 */
export class QuietWire implements Settling {
  readonly #connections = new Map<string, Connection>();
  readonly #held: Held[] = [];
  readonly #patienceMs: number;
  #releases = 0;
  #live = false;
  #abandoned: { readonly reason: unknown } | undefined;

  /** @param options.patienceMs real time without any progress after which `settle` gives up; 2 s by default. */
  constructor(options: { readonly patienceMs?: number } = {}) {
    this.#patienceMs = options.patienceMs ?? 2_000;
  }

  watch(side: 'client' | 'server', socket: WatchedSocket): void {
    const key = this.#live ? undefined : connectionKey(side, socket);
    if (key === undefined) return; // closed before it could be named: nothing can be under way on it
    let connection = this.#connections.get(key);
    // The kernel may reuse a port while our last reader of the old connection has not yet seen its end.
    if (connection === undefined || connection[side] !== undefined) {
      connection = { aloneTurns: 0, clientClosed: false, serverClosed: false };
      this.#connections.set(key, connection);
    }
    const mine = connection;
    mine[side] = socket;
    const closed = (): void => {
      if (side === 'client') mine.clientClosed = true;
      else mine.serverClosed = true;
      // An end whose peer never came (a handshake that failed on one side only) is done when it closes.
      const peerIsDone =
        side === 'client'
          ? mine.server === undefined || mine.serverClosed
          : mine.client === undefined || mine.clientClosed;
      if (peerIsDone && this.#connections.get(key) === mine) this.#connections.delete(key);
    };
    if (socket.closed) closed();
    else socket.once('close', closed);
  }

  hold<T>(what: string, work: () => Promise<T>): Promise<T> {
    // Work that throws at once fails like any other: in its turn.
    const begin = async (): Promise<T> => work();
    if (this.#live) return begin();
    const held: Held = { what, release: undefined };
    this.#held.push(held);
    return new Promise<T>((resolve, reject) => {
      const ended = (release: () => void): void => {
        if (this.#live) release();
        else held.release = release;
      };
      begin().then(
        (value) => ended(() => resolve(value)),
        (error: unknown) => ended(() => reject(error)),
      );
    });
  }

  /** Time runs by itself from here on: nothing is watched or held any more. Call it when everything has settled. */
  goLive(): void {
    this.#live = true;
    this.#connections.clear();
    for (const { release } of this.#held.splice(0)) release?.();
  }

  /** Whoever waits for the wire to settle, now or later, gets this reason instead. */
  abandon(reason: unknown): void {
    this.#abandoned = { reason };
  }

  /** Resolves once everything is quiet; rejects with `WireNotQuietError` when nothing moves for too long. */
  async settle(): Promise<void> {
    let quietTurns = 0;
    let trafficAtFirst = '';
    let busy: string | undefined;
    let lastSign = '';
    let lastProgressAt = performance.now();
    let turnsSince = 0;
    for (;;) {
      await turn();
      turnsSince += 1;
      if (this.#abandoned !== undefined) throw this.#abandoned.reason;
      // The first and the last of the turns are looked at, which is what costs. What came and went in between has moved
      // the byte counts, and the turns are counted anew.
      if (quietTurns > 0 && quietTurns < QUIET_TURNS - 1) {
        quietTurns += 1;
        continue;
      }
      busy = this.#busyConnection();
      if (busy === undefined) {
        const traffic = this.#traffic();
        quietTurns = quietTurns === 0 || traffic !== trafficAtFirst ? 1 : quietTurns + 1;
        trafficAtFirst = traffic;
        if (quietTurns >= QUIET_TURNS) {
          const head = this.#held[0];
          if (head === undefined) return;
          if (head.release !== undefined) {
            this.#held.shift();
            this.#releases += 1;
            head.release();
            quietTurns = 0;
            lastProgressAt = performance.now();
            turnsSince = 0;
            continue;
          }
        }
      } else {
        quietTurns = 0;
      }
      // Only a wait that lasts is worth a look at what it waits for.
      if (turnsSince > IMPATIENT_TURNS && performance.now() - lastProgressAt > this.#patienceMs) {
        const sign = this.#progressSign();
        if (sign === lastSign) {
          throw new WireNotQuietError(
            busy ?? this.#held[0]?.what ?? 'nothing that is known',
            this.#patienceMs,
          );
        }
        lastSign = sign;
        lastProgressAt = performance.now();
        turnsSince = 0;
      }
    }
  }

  /** What is under way, for an error message; `undefined` if nothing is. */
  #busyConnection(): string | undefined {
    for (const [key, connection] of this.#connections) {
      const { client, server, clientClosed, serverClosed } = connection;
      if (clientClosed && serverClosed) continue;
      if (client === undefined) {
        connection.aloneTurns += 1;
        if (connection.aloneTurns > FOREIGN_TURNS) continue;
        return `${key}: the client end is not there`;
      }
      if (server === undefined) return `${key}: the server end is not there`;
      if (clientClosed !== serverClosed) {
        // An end that reads nothing until time moves on does not see the other's end either.
        if ((clientClosed ? server : client).heldBack) continue;
        return `${key}: only one end is closed`;
      }
      const toServer = client.writableLength + server.readableLength;
      const toClient = server.writableLength + client.readableLength;
      if (client.bytesWritten !== server.bytesRead && !server.heldBack) {
        return `${key}: ${client.bytesWritten - server.bytesRead} bytes on their way to the server`;
      }
      if (server.bytesWritten !== client.bytesRead && !client.heldBack) {
        return `${key}: ${server.bytesWritten - client.bytesRead} bytes on their way to the client`;
      }
      if ((toServer > 0 && !server.heldBack) || (toClient > 0 && !client.heldBack)) {
        return `${key}: bytes in a buffer`;
      }
    }
    return undefined;
  }

  /** Changes whenever a byte was read, or a connection came or went. */
  #traffic(): string {
    let bytes = 0;
    for (const { client, server } of this.#connections.values()) {
      bytes += (client?.bytesRead ?? 0) + (server?.bytesRead ?? 0);
    }
    return `${this.#connections.size}/${bytes}`;
  }

  #progressSign(): string {
    return `${this.#traffic()}/${this.#held.length}/${this.#releases}`;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function connectionKey(side: 'client' | 'server', socket: WatchedSocket): string | undefined {
  const here = `${plain(socket.localAddress)}:${socket.localPort}`;
  const there = `${plain(socket.remoteAddress)}:${socket.remotePort}`;
  if (socket.localPort === undefined || socket.remotePort === undefined) return undefined;
  return side === 'client' ? `${here} → ${there}` : `${there} → ${here}`;
}

function plain(address: string | undefined): string {
  return address?.replace(/^::ffff:/, '') ?? '?';
}
