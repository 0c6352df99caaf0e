import { Duplex } from 'node:stream';
import type { Clock, Timer } from '../../clock/index.ts';
import { acknowledgedLater, type Frame, PACKET, packetName, readFrame } from './framing.ts';
import { Greeting } from './greeting.ts';
import { headerFault, violationOf } from './packet-rules.ts';
import { Pieces } from './pieces.ts';
import { StallWatch } from './stall-watch.ts';
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

/**
 * Stands between a connection and Aedes. Only whole packets that MQTT 3.1.1 allows go in, at the rate that the keeper allows; the rest
 * waits in the kernel of whoever sends it. What goes out never makes Aedes wait for one slow reader: it would make all wait.
 */
export class Gate extends Duplex {
  readonly #transport: Duplex;
  readonly #clock: Clock;
  readonly #stall: StallWatch;
  readonly #greeting = new Greeting();
  #keeper: Gatekeeper | undefined;
  /** CONNECT goes in alone; what follows it waits until it was accepted, since nobody could be charged with it. Nothing follows DISCONNECT. */
  #state: 'connect' | 'accepting' | 'open' | 'left' = 'connect';
  readonly #pieces = new Pieces();
  /** How many bytes have to be there before a look is worth it. */
  #needBytes = 1;
  #holding: Timer | undefined;
  #peerEnded = false;
  /** What is written waits for the end of this turn. */
  #gathering = false;

  constructor({ transport, clock, outgoingBytes, stalledMs }: GateOptions) {
    super({
      allowHalfOpen: false,
      decodeStrings: true,
      ...(outgoingBytes === undefined ? {} : { writableHighWaterMark: outgoingBytes }),
    });
    this.#transport = transport;
    this.#clock = clock;
    this.#stall = new StallWatch(clock, stalledMs, () => {
      this.#keeper?.stalled();
      this.destroy();
    });
  }

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

  /**
   * Aedes' writer corks around each packet. Here all packets of one turn of the event loop leave together: a TLS record and a system call
   * for each of them is most of what a message costs.
   */
  override cork(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    super.cork();
    setImmediate(() => {
      this.#gathering = false;
      super.uncork();
    });
  }

  override uncork(): void {
    // At the end of the turn; whoever ends the stream does not wait for it.
    if (this.writableEnded) super.uncork();
  }

  /** @param written whole packets, since nothing is written without a cork */
  #send(written: Buffer, done: (error?: Error | null) => void): void {
    const packets = this.#greeting.pass(written);
    if (packets === undefined) return done();
    this.#keeper?.sent(acknowledgedLater(packets), packets.length);
    if (this.destroyed) return done();
    this.#stall.handed();
    const flushed = this.#transport.write(packets, (error) => {
      this.#stall.taken();
      done(error);
    });
    if (!flushed) this.#stall.begin();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#transport.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#holding?.cancel();
    this.#holding = undefined;
    this.#stall.cancel();
    this.#pieces.clear();
    this.#transport.destroy();
    done(error);
  }

  #take(chunk: Buffer): void {
    if (this.#state === 'left') return;
    this.#pieces.add(chunk);
    if (this.#pieces.bytes >= this.#needBytes) this.#letIn();
  }

  /** Hands on all whole packets that may go in. */
  #letIn(): void {
    const keeper = this.#keeper;
    if (keeper === undefined || this.destroyed || this.#holding !== undefined) return;
    const bytes = this.#pieces.whole();
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
    if (at === bytes.length || this.#state === 'left') this.#pieces.clear();
    else this.#pieces.keep(bytes.subarray(at));
    if (waitMs > 0) this.#hold(waitMs);
    const wanted = at === 0 || this.push(at === bytes.length ? bytes : bytes.subarray(0, at));
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
    this.#pieces.clear();
    this.#state = 'accepting';
    this.#transport.write(Buffer.from([0x20, 2, 0, returnCode]), () => this.destroy());
  }

  #hold(waitMs: number): void {
    this.#holding = this.#clock.after(waitMs, () => {
      this.#holding = undefined;
      this.#letIn();
    });
  }
}
