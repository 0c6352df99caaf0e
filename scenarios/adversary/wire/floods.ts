import { generate } from 'mqtt-packet';
import type { AttackGround, StepResult } from '../../engine/port.ts';
import type { ActionOf } from '../../format/actions.ts';
import { durationMs } from '../../format/duration.ts';
import { arrive, nameOf, type Peer } from './arrival.ts';
import { pace } from './pace.ts';
import { RawClient } from './raw-client.ts';

type FloodAction =
  | ActionOf<'open-connections'>
  | ActionOf<'publish-flood'>
  | ActionOf<'subscribe-flood'>
  | ActionOf<'exhaust-qos2'>;

/** Whoever is refused so often in a row gives up: it costs time, and is heard. */
const REFUSALS_IN_A_ROW = 8;
const KEEP_ALIVE_S = 65_535;
/** A CONNECT that says that it is longer than what comes. */
const HALF_CONNECT = Buffer.of(0x10, 60, 0, 4, 0x4d, 0x51);

/** Many connections, or much over few. All of it is bounded by the schema of its action. */
export class Floods {
  readonly #ground: AttackGround;
  readonly #heard: (topic: string, payload: Buffer) => void;
  readonly #clients = new Set<RawClient>();

  constructor(ground: AttackGround, heard: (topic: string, payload: Buffer) => void) {
    this.#ground = ground;
    this.#heard = heard;
  }

  act(action: FloodAction): Promise<StepResult> {
    switch (action.do) {
      case 'open-connections':
        return this.#openConnections(action);
      case 'publish-flood':
        return this.#publish(action);
      case 'subscribe-flood':
        return this.#subscribe(action);
      case 'exhaust-qos2':
        return this.#exhaust(action);
    }
  }

  leave(): void {
    for (const client of this.#clients) client.cut();
    this.#clients.clear();
  }

  async #openConnections(action: ActionOf<'open-connections'>): Promise<StepResult> {
    const { upTo, count, perSecond, keepAliveS, hold } = action;
    const mine: RawClient[] = [];
    let refused = 0;
    const openOne = async (number: number): Promise<void> => {
      const client = await this.#open(action, upTo === 'tcp');
      let isIn = client !== undefined;
      if (upTo === 'half-connect') client?.sendBytes(HALF_CONNECT);
      if (upTo === 'session') {
        isIn = (await client?.hello({ clientId: nameOf(action, number), keepAliveS, clean: true })) === 0;
      }
      if (client === undefined || !isIn) {
        refused += 1;
        client?.cut();
        return;
      }
      refused = 0;
      mine.push(client);
    };
    await pace(this.#ground.clock, count, perSecond, async (from, to) => {
      const portion: Promise<void>[] = [];
      for (let number = from; number < to; number++) portion.push(openOne(number));
      await Promise.all(portion);
      return refused < REFUSALS_IN_A_ROW;
    });
    this.#ground.clock.after(durationMs(hold), () => {
      for (const client of mine) client.cut();
    });
    return result(mine.filter(({ isOpen }) => isOpen).length, count, 'connections are open');
  }

  async #publish(action: ActionOf<'publish-flood'>): Promise<StepResult> {
    const { topic, qos, retain, payloadBytes, count, perSecond } = action;
    const payload = Buffer.alloc(payloadBytes, 'flood ');
    return this.#each(action, count, perSecond, (number) =>
      generate({
        ...{ cmd: 'publish', topic: topic.replaceAll('{n}', String(number)), payload, qos, retain },
        dup: false,
        ...(qos > 0 && { messageId: (number % 65_535) + 1 }),
      }),
    );
  }

  async #exhaust(action: ActionOf<'exhaust-qos2'>): Promise<StepResult> {
    const { topic, payloadBytes, count, perSecond } = action;
    const payload = Buffer.alloc(payloadBytes, 'kept ');
    return this.#each(action, count, perSecond, (number) =>
      generate({
        ...{ cmd: 'publish', topic, payload, qos: 2, retain: false, dup: false },
        messageId: (number % 65_535) + 1,
      }),
    );
  }

  async #subscribe(action: ActionOf<'subscribe-flood'>): Promise<StepResult> {
    const { filters, sessions, times, hold } = action;
    const { clock } = this.#ground;
    const mine = await this.#sessions(action, sessions);
    const granted = new Set<RawClient>();
    for (const client of mine) {
      client.onPacket((packet) => {
        if (packet.cmd === 'suback' && packet.granted.some((code) => Number(code) < 0x80))
          granted.add(client);
        if (packet.cmd === 'publish') this.#heard(packet.topic, Buffer.from(packet.payload));
      });
    }
    const subscriptions = filters.map((topic) => ({ topic, qos: 0 }) as const);
    await pace(clock, times, 1, (number) => {
      for (const client of mine) client.send({ cmd: 'subscribe', messageId: number + 1, subscriptions });
      return mine.some(({ isOpen }) => isOpen);
    });
    await new Promise<void>((resolve) => clock.after(durationMs(hold), resolve));
    for (const client of mine) client.cut();
    return result(granted.size, sessions, 'sessions were granted something');
  }

  /** Opens sessions, and sends over each of them so many packets, all of one second in one piece. */
  async #each(
    action: Peer & { readonly sessions: number },
    count: number,
    perSecond: number,
    packetOf: (number: number) => Buffer,
  ): Promise<StepResult> {
    const mine = await this.#sessions(action, action.sessions);
    let sent = 0;
    await pace(this.#ground.clock, count, perSecond, (from, to) => {
      const packets: Buffer[] = [];
      for (let number = from; number < to; number++) packets.push(packetOf(number));
      const portion = Buffer.concat(packets);
      for (const client of mine) {
        if (!client.isOpen) continue;
        client.sendBytes(portion);
        sent += to - from;
      }
      return mine.some(({ isOpen }) => isOpen);
    });
    return result(sent, count * action.sessions, 'messages were sent');
  }

  /** As many sessions as it is given. */
  async #sessions(peer: Peer, count: number): Promise<readonly RawClient[]> {
    const opened = await Promise.all(
      Array.from({ length: count }, async (_, number) => {
        const client = await this.#open(peer, false);
        const hello = { clientId: nameOf(peer, number), keepAliveS: KEEP_ALIVE_S, clean: true };
        if (client !== undefined && (await client.hello(hello)) === 0) return client;
        client?.cut();
        return undefined;
      }),
    );
    return opened.flatMap((client) => client ?? []);
  }

  async #open(peer: Peer, silent: boolean): Promise<RawClient | undefined> {
    const socket = await arrive(this.#ground, peer, silent);
    if (typeof socket === 'string') return undefined;
    const client = new RawClient(this.#ground, socket);
    this.#clients.add(client);
    return client;
  }
}

function result(reached: number, wanted: number, what: string): StepResult {
  const detail = `${reached} of ${wanted} ${what}`;
  return { outcome: reached > 0 ? 'succeeded' : 'refused', detail };
}
