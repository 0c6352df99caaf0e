import { Composer, type Identity, pumpTopic } from '../../../protocol/index.ts';
import type { ReceivedMessage } from '../../engine/observation.ts';
import type { AttackGround, StepResult } from '../../engine/port.ts';
import type { ActionOf } from '../../format/actions.ts';
import { commandMessage } from '../mqtt/payload.ts';
import { arrive, nameOf } from './arrival.ts';
import { Floods } from './floods.ts';
import { MALFORMED } from './malformed.ts';
import { RawClient } from './raw-client.ts';
import { RogueServer } from './rogue-server.ts';

export type WireAction =
  | ActionOf<'send-malformed'>
  | ActionOf<'open-connections'>
  | ActionOf<'publish-flood'>
  | ActionOf<'subscribe-flood'>
  | ActionOf<'exhaust-qos2'>
  | ActionOf<'rogue-server'>
  | ActionOf<'misdirect'>
  | ActionOf<'lead-back'>
  | ActionOf<'inject-command'>;

/** Whom a command that is slipped in names as its sender. */
const ALLEGED: Identity = { kind: 'nurse-station', id: 'station-01' };
/** How long it watches whether it is thrown out. */
const LOOK_MS = 1_000;

/** The adversary below MQTT, and in the middle of a connection. */
export class WireAttacks {
  readonly #ground: AttackGround;
  readonly #floods: Floods;
  readonly #received: ReceivedMessage[] = [];
  readonly #rogues = new Map<string, RogueServer>();
  readonly #clients = new Set<RawClient>();
  readonly #composer: Composer;

  constructor(ground: AttackGround) {
    this.#ground = ground;
    this.#floods = new Floods(ground, this.#heardOn('flood'));
    this.#composer = new Composer(ALLEGED, 'boot-injected', () => ground.clock.now(), 'unset');
  }

  /** What arrived on its connections. */
  received(): readonly ReceivedMessage[] {
    return this.#received;
  }

  act(action: WireAction): Promise<StepResult> {
    switch (action.do) {
      case 'send-malformed':
        return this.#sendMalformed(action);
      case 'open-connections':
      case 'publish-flood':
      case 'subscribe-flood':
      case 'exhaust-qos2':
        return this.#floods.act(action);
      case 'rogue-server':
        return this.#listen(action);
      case 'misdirect':
        return Promise.resolve(this.#misdirect(action));
      case 'lead-back':
        return Promise.resolve(this.#leadBack(action));
      case 'inject-command':
        return Promise.resolve(this.#inject(action));
    }
  }

  leave(): void {
    this.#floods.leave();
    for (const rogue of this.#rogues.values()) rogue.close();
    for (const client of this.#clients) client.cut();
    this.#rogues.clear();
    this.#clients.clear();
  }

  async #sendMalformed(action: ActionOf<'send-malformed'>): Promise<StepResult> {
    const { inSession, bytes } = MALFORMED[action.malformation];
    const clientId = nameOf(action, 0);
    const socket = await arrive(this.#ground, action);
    if (typeof socket === 'string') return { outcome: 'refused', detail: socket };
    const client = new RawClient(this.#ground, socket);
    this.#clients.add(client);
    if (inSession && (await client.hello({ clientId, keepAliveS: 60, clean: true })) !== 0) {
      return { outcome: 'refused', detail: 'it got no session' };
    }
    client.sendBytes(bytes(clientId));
    await new Promise<void>((resolve) => this.#ground.clock.after(LOOK_MS, resolve));
    const stays = client.isOpen;
    client.cut();
    return stays
      ? { outcome: 'succeeded', detail: 'the broker lets it speak on' }
      : { outcome: 'refused', detail: 'the broker closed the connection' };
  }

  async #listen(action: ActionOf<'rogue-server'>): Promise<StepResult> {
    const rogue = await RogueServer.listen(this.#ground, action, this.#heardOn(action.connection));
    this.#rogues.set(action.connection, rogue);
    return { outcome: 'succeeded', detail: 'it listens' };
  }

  #misdirect({ connection, pumps }: ActionOf<'misdirect'>): StepResult {
    const to = this.#rogues.get(connection)?.endpoint;
    if (to === undefined) return { outcome: 'skipped', detail: 'there is no such server' };
    return this.#ground.misdirect(pumps, to);
  }

  #leadBack({ connection, pumps }: ActionOf<'lead-back'>): StepResult {
    const rogue = this.#rogues.get(connection);
    if (rogue === undefined) return { outcome: 'skipped', detail: 'there is no such server' };
    const result = this.#ground.leadBack(pumps);
    rogue.close();
    this.#rogues.delete(connection);
    return result;
  }

  #inject(action: ActionOf<'inject-command'>): StepResult {
    const { connection, pump } = action;
    const session = this.#rogues.get(connection)?.sessionOf(pump);
    if (session === undefined) return { outcome: 'refused', detail: 'the pump is not there' };
    const message = commandMessage(action, this.#composer, this.#ground.clock.now());
    session.inject(pumpTopic(pump, 'command'), JSON.stringify(message));
    return { outcome: 'succeeded', detail: 'it was sent' };
  }

  #heardOn(connection: string): (topic: string, payload: Buffer) => void {
    return (topic, payload) => {
      const found = this.#ground.recordsIn(payload);
      const atMs = this.#ground.clock.now();
      this.#received.push({ connection, topic, atMs, ...(found.length > 0 && { found }) });
    };
  }
}
