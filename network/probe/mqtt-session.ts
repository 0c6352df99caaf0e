import { connect, type Socket } from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';
import type { ProbeCredential, ProbePath } from './request.ts';
import { HANDSHAKE_MS, openTls, whyOf } from './tls.ts';

export type Refusal = { readonly outcome: 'denied' | 'unreachable'; readonly detail: string };

/** A broker that answers nothing for so long has not answered. */
const ANSWER_MS = 4_000;

const RETURN_CODES: Readonly<Record<number, string>> = {
  1: 'protocol version',
  2: 'identifier rejected',
  3: 'server unavailable',
  4: 'user name or password',
  5: 'not authorized',
};

/** A session with a broker in which nothing is said but what it is told to [MQTT 3.1.1]. */
export class MqttSession {
  readonly #socket: Socket;
  readonly #packets = new Set<(packet: Packet | undefined) => void>();
  #next = 1;
  #whyClosed = 'hung up';

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reading = parser({ protocolVersion: 4 });
    reading.on('packet', (packet: Packet) => this.#tell(packet));
    reading.on('error', (error: Error) => this.#end(error.message));
    socket.on('data', (bytes: Buffer) => reading.parse(bytes));
    socket.on('error', (error) => this.#end(whyOf(error)));
    socket.once('close', () => this.#tell(undefined));
  }

  /** TLS where it is asked for, and CONNECT with a clean session. */
  static async open(
    path: ProbePath,
    over: 'tls' | 'plaintext',
    { clientId, credential }: { readonly clientId: string; readonly credential?: ProbeCredential },
  ): Promise<MqttSession | Refusal> {
    const socket = await dial(path, over, credential);
    if ('outcome' in socket) return socket;
    const session = new MqttSession(socket);
    const answer = await session.#ask(
      {
        ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId, keepalive: 60 },
      },
      (packet) => (packet.cmd === 'connack' ? (packet.returnCode ?? 0) : undefined),
    );
    if (answer === 0) return session;
    session.leave();
    if (typeof answer === 'number') {
      return { outcome: 'denied', detail: `CONNACK ${answer}: ${RETURN_CODES[answer] ?? 'refused'}` };
    }
    return { outcome: 'denied', detail: `${answer} before CONNACK` };
  }

  get isOpen(): boolean {
    return this.#socket.writable && !this.#socket.destroyed;
  }

  /** @returns the code of SUBACK, or in words why none came [MQTT 3.9.3] */
  subscribe(filter: string): Promise<number | string> {
    const messageId = this.#number();
    return this.#ask({ cmd: 'subscribe', messageId, subscriptions: [{ topic: filter, qos: 1 }] }, (packet) =>
      packet.cmd === 'suback' && packet.messageId === messageId
        ? Number(packet.granted[0] ?? 0x80)
        : undefined,
    );
  }

  /** Publishes with QoS 1. @returns 0 with PUBACK, or in words why none came; 3.1.1 has no PUBACK that says no */
  publish(topic: string, payload: string): Promise<number | string> {
    const messageId = this.#number();
    return this.#ask(
      { cmd: 'publish', topic, payload, qos: 1, messageId, retain: false, dup: false },
      (packet) => (packet.cmd === 'puback' && packet.messageId === messageId ? 0 : undefined),
    );
  }

  /** Calls back with each message that comes, and acknowledges it. */
  onMessage(heard: (payload: string) => void): void {
    this.#packets.add((packet) => {
      if (packet?.cmd !== 'publish') return;
      heard(Buffer.from(packet.payload).toString());
      if (packet.qos === 1 && packet.messageId !== undefined && this.isOpen) {
        this.#socket.write(generate({ cmd: 'puback', messageId: packet.messageId }));
      }
    });
  }

  leave(): void {
    if (this.isOpen) this.#socket.write(generate({ cmd: 'disconnect' }));
    this.#socket.destroySoon();
  }

  #ask(packet: Packet, read: (packet: Packet) => number | undefined): Promise<number | string> {
    return new Promise((resolve) => {
      if (!this.isOpen) return resolve(this.#whyClosed);
      const done = (answer: number | string): void => {
        clearTimeout(timer);
        this.#packets.delete(take);
        resolve(answer);
      };
      const timer = setTimeout(() => done('no answer'), ANSWER_MS);
      const take = (came: Packet | undefined): void => {
        if (came === undefined) return done(this.#whyClosed);
        const answer = read(came);
        if (answer !== undefined) done(answer);
      };
      this.#packets.add(take);
      this.#socket.write(generate(packet));
    });
  }

  #number(): number {
    const number = this.#next;
    this.#next = (this.#next % 65_535) + 1;
    return number;
  }

  #tell(packet: Packet | undefined): void {
    for (const take of [...this.#packets]) take(packet);
  }

  #end(why: string): void {
    this.#whyClosed = why;
    this.#socket.destroy();
  }
}

function dial(
  path: ProbePath,
  over: 'tls' | 'plaintext',
  credential: ProbeCredential | undefined,
): Promise<Socket | Refusal> {
  return new Promise((resolve) => {
    const { from, to: host, port } = path;
    const socket =
      over === 'tls'
        ? openTls(path, { ...(credential && { credential }) })
        : connect({ host, port, ...(from !== undefined && { localAddress: from }) });
    let isConnected = false;
    const refuse = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(
        isConnected ? { outcome: 'denied', detail: `TLS: ${why}` } : { outcome: 'unreachable', detail: why },
      );
    };
    const refused = (error: Error): void => refuse(whyOf(error));
    const closed = (): void => refuse('hung up');
    const timer = setTimeout(() => refuse('no answer'), HANDSHAKE_MS);
    socket.once('error', refused);
    socket.once('close', closed);
    socket.once('connect', () => {
      isConnected = true;
    });
    socket.once(over === 'tls' ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      socket.off('error', refused);
      socket.off('close', closed);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}
