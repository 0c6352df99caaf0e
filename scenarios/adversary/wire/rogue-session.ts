import type { Socket } from 'node:net';
import { generate, type IPublishPacket, type Packet, parser } from 'mqtt-packet';
import { parseClientId, parseTopic } from '../../../protocol/index.ts';
import type { AttackGround } from '../../engine/port.ts';
import type { ActionOf } from '../../format/actions.ts';
import { durationMs } from '../../format/duration.ts';
import { arrive } from './arrival.ts';
import { MALFORMED } from './malformed.ts';

/** Identifiers of messages that it slips in: what comes back for them is not for the broker. */
const FIRST_OWN_ID = 60_000;

/** One client that has come to a rogue server, and what becomes of what it says. */
export class RogueSession {
  readonly #ground: AttackGround;
  readonly #client: Socket;
  readonly #action: ActionOf<'rogue-server'>;
  readonly #heard: (topic: string, payload: Buffer) => void;
  #serial: string | undefined;
  #upstream: Socket | undefined;
  /** What came while the broker was being reached. */
  #waiting: Packet[] | undefined = [];
  #ownId = FIRST_OWN_ID;
  #isCut = false;

  constructor(
    ground: AttackGround,
    client: Socket,
    action: ActionOf<'rogue-server'>,
    heard: (topic: string, payload: Buffer) => void,
  ) {
    this.#ground = ground;
    this.#client = client;
    this.#action = action;
    this.#heard = heard;
    read(client, (packet) => this.#fromClient(packet));
  }

  /** Of the pump that says that it is one. */
  get serial(): string | undefined {
    return this.#serial;
  }

  /** Slips a message in, as if it came from the broker. */
  inject(topic: string, payload: string): void {
    this.#ownId = this.#ownId >= 65_535 ? FIRST_OWN_ID : this.#ownId + 1;
    write(this.#client, {
      ...{ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false, messageId: this.#ownId },
    });
  }

  cut(): void {
    this.#isCut = true;
    this.#client.destroy();
    this.#upstream?.destroy();
  }

  #fromClient(packet: Packet): void {
    if (packet.cmd === 'connect') {
      const identity = parseClientId(packet.clientId);
      if (identity?.kind === 'pump') this.#serial = identity.id;
    }
    if (packet.cmd === 'publish') this.#heard(packet.topic, Buffer.from(packet.payload));
    // Of what was slipped in, the broker knows nothing.
    if (packet.cmd === 'puback' && (packet.messageId ?? 0) >= FIRST_OWN_ID) return;
    if (this.#action.behaviour === 'relays') this.#relay(packet);
    else this.#answer(packet);
  }

  /** What a broker would say. */
  #answer(packet: Packet): void {
    const { messageId } = packet;
    switch (packet.cmd) {
      case 'connect':
        if (this.#action.behaviour === 'malforms') {
          this.#client.write(MALFORMED['length-of-five-bytes'].bytes(''));
          return;
        }
        return this.#say({ cmd: 'connack', returnCode: 0, sessionPresent: false });
      case 'subscribe':
        return this.#say({
          cmd: 'suback',
          granted: packet.subscriptions.map(({ qos }) => qos),
          ...(messageId !== undefined && { messageId }),
        });
      case 'unsubscribe':
        return this.#say({ cmd: 'unsuback', granted: [], ...(messageId !== undefined && { messageId }) });
      case 'publish':
        return this.#confirm(packet);
      case 'pubrel':
        return this.#say({ cmd: 'pubcomp', ...(messageId !== undefined && { messageId }) });
      case 'pingreq':
        return this.#say({ cmd: 'pingresp' });
      case 'disconnect':
        return this.cut();
      default:
        return undefined;
    }
  }

  #confirm({ qos, messageId }: IPublishPacket): void {
    if (qos === 0 || messageId === undefined) return;
    this.#say({ cmd: qos === 1 ? 'puback' : 'pubrec', messageId });
  }

  #relay(packet: Packet): void {
    if (packet.cmd === 'publish' && this.#keeps(packet)) return this.#confirm(packet);
    if (packet.cmd === 'connect') void this.#reachBroker();
    if (this.#waiting !== undefined) this.#waiting.push(packet);
    else this.#later(() => write(this.#upstream, packet));
  }

  async #reachBroker(): Promise<void> {
    const as = this.#action.relaysAs ?? { credential: 'none' };
    const upstream = await arrive(this.#ground, { as, listener: 'any' });
    if (typeof upstream === 'string' || this.#isCut) {
      if (typeof upstream !== 'string') upstream.destroy();
      return this.cut();
    }
    this.#upstream = upstream;
    upstream.on('error', () => undefined);
    upstream.once('close', () => this.cut());
    read(upstream, (packet) => {
      if (packet.cmd !== 'publish' || !this.#keeps(packet)) return this.#later(() => this.#say(packet));
      const { qos, messageId } = packet;
      if (qos === 1 && messageId !== undefined) write(upstream, { cmd: 'puback', messageId });
    });
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const packet of waiting) this.#later(() => write(upstream, packet));
  }

  /** Whether it keeps a message to itself. */
  #keeps({ topic }: IPublishPacket): boolean {
    const parsed = parseTopic(topic);
    return parsed?.kind === 'pump' && this.#action.drops.some((one) => one === parsed.topic);
  }

  #later(then: () => void): void {
    const { delays } = this.#action;
    if (delays === undefined) then();
    else this.#ground.clock.after(durationMs(delays), then);
  }

  #say(packet: Packet): void {
    write(this.#client, packet);
  }
}

function read(socket: Socket, then: (packet: Packet) => void): void {
  const reading = parser({ protocolVersion: 4 });
  reading.on('packet', then);
  reading.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => reading.parse(bytes));
}

function write(socket: Socket | undefined, packet: Packet): void {
  if (socket !== undefined && !socket.destroyed && socket.writable) socket.write(generate(packet));
}
