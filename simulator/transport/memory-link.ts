import {
  type Dial,
  type DialOptions,
  DialRefusedError,
  filterMatches,
  type Link,
  type LinkHandlers,
} from '../../protocol/index.ts';
import { hasWildcard, SubscriptionTree } from './subscription-tree.ts';

type Payload = string | Uint8Array;

/**
 * An MQTT 3.1.1 broker without sockets, within one process: for fleets that are too large for connections, and for looking at the
 * model alone. It proves nothing about TLS, authentication, topic policy or the broker of the house: it knows none of them, every client
 * is who it says, and whoever asks is granted every filter. Nor does it lose, delay or reorder anything, or notice a silent client.
 *
 * What it has of MQTT: topic names and filters, retained messages, wills, QoS 1 acknowledgements after delivery, and one session a
 * client id. Sessions are clean. Messages are delivered one after the other before the outermost `publish` returns, so with one
 * seed there is one transcript; only promises (a dial, a grant, an acknowledgement) come in a later microtask. A driver of
 * simulated time waits for them with `settle` and need not look again at instants without any.
 */
export class MemoryBroker {
  readonly #core = new Core();
  #isDown = false;

  /** Opens sessions here. Rejects with `DialRefusedError` while the broker is down. */
  readonly dial: Dial = (options, handlers) => {
    this.#core.owesPromises = true;
    if (this.#isDown) return Promise.reject(new DialRefusedError('the broker is down'));
    return Promise.resolve(this.#core.open(options, handlers));
  };

  /** Sessions that are open. */
  get clients(): number {
    return this.#core.sessions.size;
  }

  /** Whether nobody waits for a promise: `settle` would change nothing. */
  get isQuiet(): boolean {
    return !this.#core.owesPromises;
  }

  /** Lets promises take their turn until nobody waits for one any more. */
  async settle(): Promise<void> {
    while (this.#core.owesPromises) {
      this.#core.owesPromises = false;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The broker dies: sessions end without their wills, and what it knew is gone. */
  goDown(): void {
    this.#isDown = true;
    for (const session of [...this.#core.sessions.values()]) session.close('the broker went down', 'end');
    this.#core.retained.clear();
  }

  comeUp(): void {
    this.#isDown = false;
  }
}

/** What sessions share. All is done in the order in which it was asked for, and nothing within anything else. */
class Core {
  readonly sessions = new Map<string, Session>();
  readonly retained = new Map<string, Payload>();
  owesPromises = false;
  readonly #subscriptions = new SubscriptionTree<Session>();
  readonly #queue: (() => void)[] = [];
  #draining = false;

  open(options: DialOptions, handlers: LinkHandlers): Session {
    // [MQTT-3.1.4-2]
    this.sessions.get(options.clientId)?.close('taken over', 'cut');
    const session = new Session(this, options, handlers);
    this.sessions.set(options.clientId, session);
    return session;
  }

  enqueue(work: () => void): void {
    const queue = this.#queue;
    queue.push(work);
    if (this.#draining) return;
    this.#draining = true;
    let done = 0;
    try {
      for (let next = queue[done]; next !== undefined; next = queue[done]) {
        done += 1;
        next();
      }
    } finally {
      queue.splice(0, done);
      this.#draining = false;
    }
  }

  publish(topic: string, payload: Payload, retain: boolean): void {
    // What nobody hears and nobody keeps can wait for nothing; most of what a large fleet says is of this kind.
    if (!retain && !this.#draining && this.#subscriptions.matching(topic).size === 0) return;
    this.enqueue(() => this.deliver(topic, payload, retain));
  }

  deliver(topic: string, payload: Payload, retain: boolean): void {
    if (retain) {
      // [MQTT-3.3.1-10]
      if (payload.length === 0) this.retained.delete(topic);
      else this.retained.set(topic, payload);
    }
    const receivers = this.#subscriptions.matching(topic);
    if (receivers.size === 0) return;
    const bytes = bytesOf(payload);
    for (const receiver of receivers) receiver.receive(topic, bytes, false);
  }

  subscribe(session: Session, filter: string): void {
    this.#subscriptions.add(filter, session);
    // [MQTT-3.8.4-3]
    if (!hasWildcard(filter)) {
      const payload = this.retained.get(filter);
      if (payload !== undefined) session.receive(filter, bytesOf(payload), true);
      return;
    }
    for (const [topic, payload] of this.retained) {
      if (filterMatches(filter, topic)) session.receive(topic, bytesOf(payload), true);
    }
  }

  forget(session: Session): void {
    if (this.sessions.get(session.clientId) === session) this.sessions.delete(session.clientId);
    for (const filter of session.filters) this.#subscriptions.remove(filter, session);
  }
}

class Session implements Link {
  readonly clientId: string;
  readonly filters = new Set<string>();
  readonly #core: Core;
  readonly #handlers: LinkHandlers;
  readonly #will: DialOptions['will'];
  #open = true;

  constructor(core: Core, { clientId, will }: DialOptions, handlers: LinkHandlers) {
    this.clientId = clientId;
    this.#core = core;
    this.#handlers = handlers;
    this.#will = will;
  }

  publish(
    topic: string,
    payload: Payload,
    { qos, retain = false }: { readonly qos: 0 | 1; readonly retain?: boolean },
  ): Promise<void> {
    if (!this.#open) return this.#isClosed();
    // [MQTT-3.3.2-2]
    if (topic === '' || hasWildcard(topic)) {
      this.close('a topic name with a wildcard', 'cut');
      return this.#isClosed();
    }
    // What the caller does with its bytes afterwards is its own affair.
    const kept = typeof payload === 'string' ? payload : Uint8Array.from(payload);
    this.#core.publish(topic, kept, retain);
    if (qos === 0) return DONE;
    this.#core.owesPromises = true;
    return Promise.resolve();
  }

  subscribe(filter: string, _qos: 0 | 1): Promise<boolean> {
    this.#core.owesPromises = true;
    if (!this.#open) return Promise.resolve(false);
    this.filters.add(filter);
    this.#core.enqueue(() => {
      if (this.#open) this.#core.subscribe(this, filter);
    });
    return Promise.resolve(true);
  }

  end(): void {
    this.close('the connection closed', 'end');
  }

  cut(): void {
    this.close('cut', 'cut');
  }

  /** `cut`: the will is published. */
  close(reason: string, how: 'end' | 'cut'): void {
    if (!this.#open) return;
    this.#open = false;
    const will = this.#will;
    this.#core.enqueue(() => {
      this.#core.forget(this);
      if (how === 'cut' && will !== undefined) this.#core.deliver(will.topic, will.payload, will.retain);
      this.#handlers.closed(reason);
    });
  }

  receive(topic: string, payload: Buffer, retained: boolean): void {
    if (this.#open) this.#handlers.message(topic, payload, retained);
  }

  #isClosed(): Promise<never> {
    this.#core.owesPromises = true;
    return Promise.reject(new Error('the connection is closed'));
  }
}

/** One for all: a promise a telemetry message is what a large fleet would feel. */
const DONE: Promise<void> = Promise.resolve();

/** One copy for all receivers, as long as none of them writes into it. */
function bytesOf(payload: Payload): Buffer {
  return typeof payload === 'string'
    ? Buffer.from(payload)
    : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
}
