import type { BrokerHost } from '../../protocol/index.ts';
import type { Session } from '../session.ts';
import { type Frame, PACKET } from '../wire/framing.ts';
import { filterCount } from '../wire/packet-rules.ts';
import { HeldBytes } from './held-bytes.ts';
import { Processor } from './processor.ts';

/** A handshake with certificates costs a small host as much as so many packets (measured: about 3 ms against 0.3). */
const HANDSHAKE_PACKETS = 10;

/** The machine below a broker, as far as it can be used up: connections, work and memory (docs/decisions/0014). */
export class Host {
  readonly #capacity: BrokerHost;
  readonly #processor: Processor;
  readonly #held: HeldBytes;
  readonly #nowMs: () => number;
  #connections = 0;

  /** @param killed it held too much: the process is to die */
  constructor(capacity: BrokerHost, nowMs: () => number, killed: () => void) {
    this.#capacity = capacity;
    this.#processor = new Processor(capacity.packetsPerSecond);
    this.#held = new HeldBytes(capacity.heldBytes, killed);
    this.#nowMs = nowMs;
  }

  /** Takes up a TCP connection, or has no place for it. @returns what gives the place back */
  connection(): (() => void) | undefined {
    if (this.#connections >= this.#capacity.connections) return undefined;
    this.#connections += 1;
    return () => {
      this.#connections -= 1;
    };
  }

  handshake(): void {
    this.#processor.work(HANDSHAKE_PACKETS, this.#nowMs());
  }

  /** How long packets of a session wait until it turns to them, in milliseconds. */
  waitMs(session: Session): number {
    return this.#processor.waitMs(session, this.#nowMs());
  }

  /** A packet goes in. */
  takes(session: Session, frame: Frame, bytes: Buffer): void {
    const { type, flags, bodyStart, end } = frame;
    this.#processor.take(session, this.#nowMs());
    // Each filter is looked up among all that there are, and in all that is retained.
    if (type === PACKET.subscribe) this.#processor.work(filterCount(bytes, frame) - 1, this.#nowMs());
    const { clientId } = session;
    if (clientId === undefined) return;
    if (type === PACKET.pubrel) this.#held.release(clientId, bytes.readUInt16BE(bodyStart));
    if (type === PACKET.publish && (flags & 6) === 4) {
      const topicEnd = bodyStart + 2 + bytes.readUInt16BE(bodyStart);
      this.#held.receive(clientId, bytes.readUInt16BE(topicEnd), end - topicEnd - 2);
    }
  }

  /** A message goes out to one reader. */
  delivers(): void {
    this.#processor.work(1, this.#nowMs());
  }

  retains(topic: string, bytes: number): void {
    this.#held.retain(topic, bytes);
  }

  /** Nothing is kept of a session. */
  forgets(clientId: string): void {
    this.#held.forget(clientId);
  }
}
