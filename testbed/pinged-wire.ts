import { type Settling, type WatchedSocket, WireNotQuietError } from '../clock/index.ts';

/** MQTT control packets, by the high half of their first byte [MQTT 2.2.1]. */
const CONNACK = 2;
const PINGRESP = 13;
const PINGREQ = Uint8Array.of(0xc0, 0);

interface SpokenSocket extends WatchedSocket {
  write(bytes: Uint8Array): unknown;
  on(event: 'data', listener: (bytes: Buffer) => void): unknown;
}

interface Connection {
  readonly socket: SpokenSocket;
  readonly frames: FrameCounter;
  /** Pings of ours, which are no traffic. */
  pings: number;
}

/**
 * Knows when a broker in another process has done all that was asked of it: its end of the wire cannot be watched, so it is asked. A broker answers
 * the packets of one session in order [MQTT-4.6.0-6], so that what came before a PINGREQ has been dealt with when its
 * PINGRESP is there; what it set off at other sessions comes before the PINGRESP of the next round. Quiet means: two rounds that carried
 * nothing else, and no work under way.
 *
 * Held work comes back as soon as it is done: with a foreign broker no two runs are the same anyway, and its transcripts prove nothing.
 */
export class PingedWire implements Settling {
  readonly #connections = new Set<Connection>();
  readonly #held = new Set<{ readonly what: string }>();
  readonly #patienceMs: number;
  #live = false;
  #abandoned: { readonly reason: unknown } | undefined;
  #quietAt = '';

  /** @param options.patienceMs real time without an answer after which `settle` gives up */
  constructor(options: { readonly patienceMs: number }) {
    this.#patienceMs = options.patienceMs;
  }

  watch(side: 'client' | 'server', socket: WatchedSocket): void {
    if (this.#live || side === 'server' || socket.closed || !canSpeak(socket)) return;
    const connection: Connection = { socket, frames: new FrameCounter(), pings: 0 };
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
    socket.on('data', (bytes) => {
      if (!this.#live) connection.frames.take(bytes);
    });
  }

  async hold<T>(what: string, work: () => Promise<T>): Promise<T> {
    const held = { what };
    this.#held.add(held);
    try {
      return await work();
    } finally {
      this.#held.delete(held);
    }
  }

  goLive(): void {
    this.#live = true;
    this.#connections.clear();
  }

  abandon(reason: unknown): void {
    this.#abandoned = { reason };
  }

  /** Resolves once the broker has nothing more to say; rejects with `WireNotQuietError` when it does not answer. */
  async settle(): Promise<void> {
    // Whoever was called a moment ago has to come to writing.
    await turn();
    await turn();
    let cleanRounds = 0;
    while (this.#held.size > 0 || cleanRounds < 2) {
      // Nothing was said since it was quiet, so nothing can have been answered.
      if (this.#held.size === 0 && this.#traffic() === this.#quietAt) return;
      await this.#until(() => this.#held.size === 0);
      const before = this.#traffic();
      const asked = [...this.#connections];
      await this.#until(() => asked.every(({ socket, frames }) => socket.closed || frames.accepted));
      for (const connection of asked) {
        if (connection.socket.closed) continue;
        connection.socket.write(PINGREQ);
        connection.pings += 1;
      }
      await this.#until(() =>
        asked.every(({ socket, frames, pings }) => socket.closed || frames.answers >= pings),
      );
      cleanRounds = this.#traffic() === before ? cleanRounds + 1 : 0;
    }
    this.#quietAt = this.#traffic();
  }

  async #until(isSo: () => boolean): Promise<void> {
    const sinceMs = performance.now();
    while (!isSo()) {
      await turn();
      if (this.#abandoned !== undefined) throw this.#abandoned.reason;
      if (performance.now() - sinceMs < this.#patienceMs) continue;
      const [held] = this.#held;
      throw new WireNotQuietError(held?.what ?? 'the broker does not answer', this.#patienceMs);
    }
  }

  /** Changes with every packet but our pings and their answers, and with every connection that comes or goes. */
  #traffic(): string {
    let bytes = 0;
    let packets = 0;
    for (const { socket, frames, pings } of this.#connections) {
      bytes += socket.bytesWritten - pings * PINGREQ.length;
      packets += frames.others;
    }
    return `${this.#connections.size}/${bytes}/${packets}`;
  }
}

/** Counts the packets of a stream by their fixed headers [MQTT 2.2]. */
class FrameCounter {
  accepted = false;
  answers = 0;
  others = 0;
  /** Of the packet that is under way: what is still to come of it, or the header as far as it came. */
  #leftBytes = 0;
  #header: number[] = [];

  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#leftBytes > 0) {
        const taken = Math.min(this.#leftBytes, bytes.length - at);
        this.#leftBytes -= taken;
        at += taken;
      } else {
        this.#header.push(bytes[at] ?? 0);
        at += 1;
        this.#endOfHeader();
      }
    }
  }

  #endOfHeader(): void {
    const [first = 0, ...length] = this.#header;
    const last = length.at(-1);
    if (last === undefined || last >= 128) return;
    this.#leftBytes = length.reduce((sum, digit, place) => sum + (digit & 127) * 128 ** place, 0);
    this.#header = [];
    const type = first >> 4;
    if (type === PINGRESP) this.answers += 1;
    else this.others += 1;
    if (type === CONNACK) this.accepted = true;
  }
}

function canSpeak(socket: WatchedSocket): socket is SpokenSocket {
  return 'write' in socket && typeof socket.write === 'function';
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
