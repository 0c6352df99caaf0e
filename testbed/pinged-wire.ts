import { type Settling, type WatchedSocket, WireNotQuietError } from '../clock/index.ts';

/** MQTT control packets, by the high half of their first byte [MQTT 2.2.1]. */
const CONNACK = 2;
const PINGREQ_TYPE = 12;
const PINGRESP = 13;
const PINGREQ = Uint8Array.of(0xc0, 0);

interface SpokenSocket extends WatchedSocket {
  write: (chunk: Uint8Array | string, ...more: never[]) => boolean;
  on(event: 'data', listener: (bytes: Buffer) => void): unknown;
}

interface Connection {
  readonly socket: SpokenSocket;
  readonly sent: FrameCounter;
  readonly received: FrameCounter;
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
    const connection: Connection = {
      socket,
      sent: new FrameCounter(),
      received: new FrameCounter(),
    };
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
    socket.on('data', (bytes) => {
      if (!this.#live) connection.received.take(bytes);
    });
    // Whoever has the socket pings too, for its keep-alive, and those are answered like ours: all that is sent has to be counted.
    const write = socket.write.bind(socket);
    socket.write = (chunk, ...more) => {
      if (!this.#live) connection.sent.take(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
      return write(chunk, ...more);
    };
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
      // Nothing was said since it was quiet, so nothing can have been answered. A ping of whoever has the socket is due an answer too.
      if (this.#held.size === 0 && this.#said() === this.#quietAt) return;
      await this.#until(() => this.#held.size === 0);
      const before = this.#traffic();
      const asked = [...this.#connections];
      await this.#until(() => asked.every(({ socket, received }) => socket.closed || received.accepted));
      for (const { socket } of asked) {
        if (!socket.closed) socket.write(PINGREQ);
      }
      await this.#until(() =>
        asked.every(({ socket, sent, received }) => socket.closed || received.answers >= sent.pings),
      );
      cleanRounds = this.#traffic() === before ? cleanRounds + 1 : 0;
    }
    this.#quietAt = this.#said();
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

  #said(): string {
    let pings = 0;
    for (const { sent } of this.#connections) pings += sent.pings;
    return `${this.#traffic()}/${pings}`;
  }

  /** Changes with every packet but pings and their answers, and with every connection that comes or goes. */
  #traffic(): string {
    let out = 0;
    let back = 0;
    for (const { sent, received } of this.#connections) {
      out += sent.others;
      back += received.others;
    }
    return `${this.#connections.size}/${out}/${back}`;
  }
}

/** Counts the packets of a stream by their fixed headers [MQTT 2.2]. */
class FrameCounter {
  accepted = false;
  pings = 0;
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
    if (type === PINGREQ_TYPE) this.pings += 1;
    else if (type === PINGRESP) this.answers += 1;
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
