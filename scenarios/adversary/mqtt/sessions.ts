import {
  Composer,
  clientIdOf,
  DialRefusedError,
  type Identity,
  type Link,
  pumpTopic,
  urnOf,
} from '../../../protocol/index.ts';
import type { ReceivedMessage } from '../../engine/observation.ts';
import type { AttackGround, StepResult } from '../../engine/port.ts';
import type { ActionOf } from '../../format/actions.ts';

export type MqttAction =
  | ActionOf<'connect'>
  | ActionOf<'publish-command'>
  | ActionOf<'subscribe'>
  | ActionOf<'disconnect'>;

interface Foothold {
  readonly composer: Composer;
  link: Link | undefined;
}

/** Who somebody without a certificate says that he is, unless the step says otherwise. */
const NOBODY: Identity = { kind: 'observer', id: 'laptop' };
const KEEP_ALIVE_S = 60;

/** The adversary as a client of the broker, with an honest library. */
export class MqttSessions {
  readonly #ground: AttackGround;
  readonly #footholds = new Map<string, Foothold>();
  readonly #received: ReceivedMessage[] = [];

  constructor(ground: AttackGround) {
    this.#ground = ground;
  }

  /** What arrived on its connections. */
  received(): readonly ReceivedMessage[] {
    return this.#received;
  }

  act(action: MqttAction): Promise<StepResult> {
    switch (action.do) {
      case 'connect':
        return this.#connect(action);
      case 'publish-command':
        return this.#publishCommand(action);
      case 'subscribe':
        return this.#subscribe(action);
      case 'disconnect':
        this.#footholds.get(action.connection)?.link?.end();
        this.#footholds.delete(action.connection);
        return Promise.resolve({ outcome: 'succeeded', detail: 'closed' });
    }
  }

  /** Cuts what is still open. */
  leave(): void {
    for (const { link } of this.#footholds.values()) link?.cut();
    this.#footholds.clear();
  }

  async #connect(action: ActionOf<'connect'>): Promise<StepResult> {
    const { as, connection } = action;
    const { clock } = this.#ground;
    const identity = as.credential === 'none' ? NOBODY : as.of;
    const clientId = as.credential === 'none' ? (as.clientId ?? clientIdOf(NOBODY)) : clientIdOf(identity);
    const foothold: Foothold = {
      composer: new Composer(identity, `boot-${connection}`, () => clock.now(), 'unset'),
      link: undefined,
    };
    const credential = await this.#ground.credential(as);
    const order =
      action.listener !== 'any'
        ? [action.listener]
        : credential === undefined
          ? (['plaintext', 'tls'] as const)
          : (['tls', 'plaintext'] as const);
    let detail = 'no such listener is open';
    for (const listener of order) {
      const endpoint = this.#ground.endpoint({ service: 'broker', listener });
      if (endpoint === undefined) continue;
      try {
        const socket = await this.#ground.open({ ...endpoint, over: listener, credential });
        foothold.link = await this.#ground.mqtt(
          socket,
          { clientId, keepAliveS: KEEP_ALIVE_S },
          {
            message: (topic, payload) => this.#receive(connection, topic, payload),
            closed: () => {
              foothold.link = undefined;
            },
          },
        );
        this.#footholds.set(connection, foothold);
        return { outcome: 'succeeded', detail: `connected over ${listener}` };
      } catch (error) {
        if (!(error instanceof DialRefusedError)) throw error;
        detail = `${listener}: the broker does not let it in`;
      }
    }
    return { outcome: 'refused', detail };
  }

  #receive(connection: string, topic: string, payload: Uint8Array): void {
    const found = this.#ground.recordsIn(payload);
    const atMs = this.#ground.clock.now();
    this.#received.push({ connection, topic, atMs, ...(found.length > 0 && { found }) });
  }

  async #publishCommand(action: ActionOf<'publish-command'>): Promise<StepResult> {
    const foothold = this.#footholds.get(action.connection);
    if (foothold === undefined) return { outcome: 'skipped', detail: 'there is no such connection' };
    const { link, composer } = foothold;
    if (link === undefined) return { outcome: 'skipped', detail: 'the connection is gone' };
    const message = composer.compose(
      'command',
      { command: action.command, channel: action.channel ?? 'A', rateMlPerH: action.rateMlPerH },
      { to: urnOf({ kind: 'pump', id: action.pump }) },
    );
    try {
      await link.publish(pumpTopic(action.pump, 'command'), JSON.stringify(message), { qos: 1 });
    } catch {
      return { outcome: 'refused', detail: 'the connection was closed on it' };
    }
    return { outcome: 'succeeded', detail: 'the broker took it' };
  }

  async #subscribe(action: ActionOf<'subscribe'>): Promise<StepResult> {
    const link = this.#footholds.get(action.connection)?.link;
    if (link === undefined) return { outcome: 'skipped', detail: 'there is no such connection' };
    return (await link.subscribe(action.filter, 1))
      ? { outcome: 'succeeded', detail: 'granted' }
      : { outcome: 'refused', detail: 'not granted' };
  }
}
