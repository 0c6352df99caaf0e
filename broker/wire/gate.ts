import { Duplex } from 'node:stream';
import type { Clock, Timer } from '../../clock/index.ts';
import { type Frame, PACKET, packetName, readFrame } from './framing.ts';
import { headerFault, violationOf } from './packet-rules.ts';
import type { Violation } from './violation.ts';

/** Who decides what a gate lets through. What it refuses it has recorded itself. */
export interface Gatekeeper {
  /** The longest packet, fixed header included, that is taken now. */
  largestPacketBytes(): number;
  /** A packet says that it is longer. */
  tooLarge(packet: string, bytes: number): void;
  violated(packet: string, violation: Violation): void;
  /** A whole and correct packet: 0 lets it through, more holds it back for so many milliseconds, `refused` ends the connection. */
  meter(frame: Frame, bytes: Buffer): number | 'refused';
  /** Bytes that were handed to the transport, and how many messages with QoS 1 or 2 are in them. */
  sent(messages: number, bytes: number): void;
  /** Nothing of what waits for the peer has been read for a while. */
  stalled(): void;
}

export interface GateOptions {
  readonly transport: Duplex;
  readonly clock: Clock;
  /** Bytes that may wait for the peer before whoever writes is told to wait. */
  readonly outgoingBytes: number | undefined;
  /** How long the peer may read nothing while something waits; `undefined`: for ever. */
  readonly stalledMs: number | undefined;
}

/** So many pieces of a packet may wait by themselves. A piece costs some hundred bytes beside its content. */
const MOST_CHUNKS = 64;
const NOTHING = Buffer.alloc(0);

/**
 * Stands between a connection and Aedes. Only whole packets that MQTT 3.1.1 allows go in, at the rate that the keeper allows; the rest
 * waits in the kernel of whoever sends it. What goes out never makes Aedes wait for one slow reader: it would make all wait.
 */
export class Gate extends Duplex {
  readonly #transport: Duplex;
  readonly #clock: Clock;
  readonly #stalledMs: number | undefined;
  #keeper: Gatekeeper | undefined;
  /** CONNECT goes in alone; what follows it waits until it was accepted, since nobody could be charged with it. Nothing follows DISCONNECT. */
  #state: 'connect' | 'accepting' | 'open' | 'left' = 'connect';
  #chunks: Buffer[] = [];
  #chunkBytes = 0;
  /** How many bytes have to be there before a look is worth it. */
  #needBytes = 1;
  #holding: Timer | undefined;
  #peerEnded = false;
  #unsentSinceMs: number | undefined;
  #stalling: Timer | undefined;

  constructor({ transport, clock, outgoingBytes, stalledMs }: GateOptions) {
    super({
      allowHalfOpen: false,
      decodeStrings: true,
      ...(outgoingBytes === undefined ? {} : { writableHighWaterMark: outgoingBytes }),
    });
    this.#transport = transport;
    this.#clock = clock;
    this.#stalledMs = stalledMs;
  }

  /** Whether CONNACK went out, and what was to go before it. */
  #greeted = false;
  readonly #early: Buffer[] = [];

  /** The keeper holds the gate back: only the Clock lets more in. */
  get heldBack(): boolean {
    return this.#holding !== undefined;
  }

  /** Begins to read. */
  start(keeper: Gatekeeper): void {
    this.#keeper = keeper;
    const transport = this.#transport;
    transport.on('data', (chunk: Buffer) => this.#take(chunk));
    transport.once('end', () => {
      this.#peerEnded = true;
      if (this.#holding === undefined && this.#state !== 'accepting') this.push(null);
    });
    transport.on('error', (error) => this.destroy(error));
    transport.once('close', () => this.destroy());
  }

  /** CONNECT was accepted: what came behind it goes in now. */
  open(): void {
    if (this.#state === 'open' || this.#state === 'left' || this.destroyed) return;
    this.#state = 'open';
    this.#letIn();
  }

  override _read(): void {
    if (this.#holding === undefined && this.#state !== 'accepting') this.#transport.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send(chunk, done);
  }

  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  /** Aedes corks around each packet, so that these are whole packets. */
  #send(chunk: Buffer, done: (error?: Error | null) => void): void {
    if (!this.#greeted) {
      const greeting = this.#greetingFirst(chunk);
      return greeting === undefined ? done() : this.#send(greeting, done);
    }
    let messages = 0;
    for (let at = 0; at < chunk.length; ) {
      const frame = readFrame(chunk, at);
      if (typeof frame === 'string') break;
      if (frame.type === PACKET.publish && (frame.flags & 6) !== 0) messages += 1;
      at = frame.end;
    }
    this.#keeper?.sent(messages, chunk.length);
    if (this.destroyed) return done();
    this.#unsentSinceMs = this.#clock.now();
    const flushed = this.#transport.write(chunk, (error) => {
      this.#unsentSinceMs = undefined;
      done(error);
    });
    if (!flushed) this.#watchStall();
  }

  /**
   * A session that comes back is handed what others say before Aedes has said CONNACK, which comes first [MQTT-3.2.0-1]. Returns nothing
   * as long as it has not been said.
   */
  #greetingFirst(chunk: Buffer): Buffer | undefined {
    for (let at = 0; at < chunk.length; ) {
      const frame = readFrame(chunk, at);
      if (typeof frame === 'string') break;
      if (frame.type === PACKET.connack) {
        this.#greeted = true;
        const before = [...this.#early.splice(0), chunk.subarray(0, at)];
        return Buffer.concat([chunk.subarray(at, frame.end), ...before, chunk.subarray(frame.end)]);
      }
      at = frame.end;
    }
    this.#early.push(chunk);
    return undefined;
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#transport.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#holding?.cancel();
    this.#holding = undefined;
    this.#stalling?.cancel();
    this.#chunks = [];
    this.#transport.destroy();
    done(error);
  }

  #take(chunk: Buffer): void {
    if (this.#state === 'left') return;
    this.#chunks.push(chunk);
    if (this.#chunks.length > MOST_CHUNKS) this.#join();
    this.#chunkBytes += chunk.length;
    if (this.#chunkBytes >= this.#needBytes) this.#letIn();
  }

  /** Joins the last pieces, each with what came behind it once that is as long: no byte is copied more often than sizes double. */
  #join(): void {
    let bytes = 0;
    const joined: Buffer[] = [];
    for (let last = this.#chunks.at(-1); last !== undefined; last = this.#chunks.at(-1)) {
      if (bytes > 0 && last.length > bytes) break;
      bytes += last.length;
      joined.unshift(last);
      this.#chunks.pop();
    }
    this.#chunks.push(Buffer.concat(joined));
  }

  /** Hands on all whole packets that may go in. */
  #letIn(): void {
    const keeper = this.#keeper;
    if (keeper === undefined || this.destroyed || this.#holding !== undefined) return;
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] ?? NOTHING) : Buffer.concat(this.#chunks);
    let at = 0;
    let waitMs = 0;
    this.#needBytes = 1;
    while (at < bytes.length && this.#state !== 'accepting' && this.#state !== 'left') {
      const type = (bytes[at] ?? 0) >> 4;
      const fault = this.#orderFault(type) ?? headerFault(type, (bytes[at] ?? 0) & 0x0f);
      if (fault !== undefined) return this.#violated(packetName(type), { fault });
      const frame = readFrame(bytes, at);
      if (frame === 'malformed') {
        return this.#violated(packetName(type), { fault: 'a remaining length of five bytes [MQTT 2.2.3]' });
      }
      if (frame === 'incomplete') break;
      if (frame.end - at > keeper.largestPacketBytes()) {
        keeper.tooLarge(packetName(frame.type), frame.end - at);
        this.destroy();
        return;
      }
      if (frame.end > bytes.length) {
        this.#needBytes = frame.end - at;
        break;
      }
      const answer = this.#judge(keeper, frame, bytes);
      if (answer === 'refused') return;
      if (answer > 0) {
        waitMs = answer;
        break;
      }
      at = frame.end;
      if (this.#state === 'connect') this.#state = 'accepting';
      else if (frame.type === PACKET.disconnect) this.#state = 'left';
    }
    // A client sends nothing behind DISCONNECT [MQTT-3.14.4-2].
    const rest = at === bytes.length || this.#state === 'left' ? NOTHING : bytes.subarray(at);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#chunkBytes = rest.length;
    if (waitMs > 0) this.#hold(waitMs);
    const wanted = at === 0 || this.push(bytes.subarray(0, at));
    if (waitMs > 0 || this.#state === 'accepting' || !wanted) this.#transport.pause();
    else if (this.#transport.isPaused()) this.#transport.resume();
    if (this.#peerEnded && this.#holding === undefined && this.#state !== 'accepting') this.push(null);
  }

  /** CONNECT comes first, and once. */
  #orderFault(type: number): string | undefined {
    const isConnect = type === PACKET.connect;
    if (this.#state === 'connect' && !isConnect) return 'something else before CONNECT [MQTT-3.1.0-1]';
    return this.#state === 'open' && isConnect ? 'a second CONNECT [MQTT-3.1.0-2]' : undefined;
  }

  /** What is refused has been recorded, and the gate is closed. */
  #judge(keeper: Gatekeeper, frame: Frame, bytes: Buffer): number | 'refused' {
    const violation = violationOf(bytes, frame);
    if (violation !== undefined) {
      this.#violated(packetName(frame.type), violation);
      return 'refused';
    }
    const answer = keeper.meter(frame, bytes);
    if (answer === 'refused') this.destroy();
    return this.destroyed ? 'refused' : answer;
  }

  #violated(packet: string, violation: Violation): void {
    this.#keeper?.violated(packet, violation);
    const { returnCode } = violation;
    if (returnCode === undefined) {
      this.destroy();
      return;
    }
    // CONNACK with a return code, then the end [MQTT-3.2.2-5]. Nothing more is read.
    this.#transport.pause();
    this.#chunks = [];
    this.#state = 'accepting';
    this.#transport.write(Buffer.from([0x20, 2, 0, returnCode]), () => this.destroy());
  }

  #hold(waitMs: number): void {
    this.#holding = this.#clock.after(waitMs, () => {
      this.#holding = undefined;
      this.#letIn();
    });
  }

  /** One timer while something waits, set anew only when it fires. */
  #watchStall(): void {
    const patienceMs = this.#stalledMs;
    if (patienceMs === undefined || this.#stalling !== undefined) return;
    const look = (): void => {
      this.#stalling = undefined;
      if (this.destroyed || this.#unsentSinceMs === undefined) return;
      const dueMs = this.#unsentSinceMs + patienceMs;
      if (dueMs <= this.#clock.now()) {
        this.#keeper?.stalled();
        this.destroy();
      } else {
        this.#stalling = this.#clock.at(dueMs, look);
      }
    };
    this.#stalling = this.#clock.after(patienceMs, look);
  }
}
