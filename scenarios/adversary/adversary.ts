import type { Clock } from '../../clock/index.ts';
import {
  Composer,
  clientIdOf,
  DialRefusedError,
  type Identity,
  type Link,
  pumpTopic,
  urnOf,
} from '../../protocol/index.ts';
import type { ReceivedMessage } from '../engine/observation.ts';
import type { Stage, StepResult } from '../engine/port.ts';
import type { ActionOf } from '../format/actions.ts';

type AdversaryAction =
  | ActionOf<'connect'>
  | ActionOf<'publish-command'>
  | ActionOf<'subscribe'>
  | ActionOf<'disconnect'>;

interface Foothold {
  readonly identity: Identity;
  readonly composer: Composer;
  link: Link | undefined;
}

/** Who somebody without a certificate says that he is, unless the step says otherwise. */
const NOBODY: Identity = { kind: 'observer', id: 'laptop' };

/**
 * An attacker with a foothold, who acts through sockets of its own and sees what comes back on them. It holds stolen identities of
 * ordinary kinds; nothing in the testbed knows that it is one.
 */
export class Adversary {
  readonly #stage: Stage;
  readonly #clock: Clock;
  readonly #footholds = new Map<string, Foothold>();
  readonly #received: ReceivedMessage[] = [];

  constructor(stage: Stage, clock: Clock) {
    this.#stage = stage;
    this.#clock = clock;
  }

  /** What arrived on its connections. */
  received(): readonly ReceivedMessage[] {
    return this.#received;
  }

  act(action: AdversaryAction): Promise<StepResult> {
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
    const identity = as.credential === 'none' ? NOBODY : as.of;
    const clientId = as.credential === 'none' ? (as.clientId ?? clientIdOf(NOBODY)) : clientIdOf(identity);
    const foothold: Foothold = {
      identity,
      composer: new Composer(identity, `boot-${connection}`, () => this.#clock.now(), 'unset'),
      link: undefined,
    };
    const open = this.#stage.listeners();
    const order =
      action.listener !== 'any'
        ? [action.listener]
        : as.credential === 'none'
          ? (['plaintext', 'tls'] as const)
          : (['tls', 'plaintext'] as const);
    let detail = 'no such listener is open';
    for (const listener of order.filter((one) => open.includes(one))) {
      try {
        foothold.link = await this.#stage.connect({ as, listener }, clientId, {
          message: (topic) => this.#received.push({ connection, topic, atMs: this.#clock.now() }),
          closed: () => {
            foothold.link = undefined;
          },
        });
        this.#footholds.set(connection, foothold);
        return { outcome: 'succeeded', detail: `connected over ${listener}` };
      } catch (error) {
        if (!(error instanceof DialRefusedError)) throw error;
        detail = `${listener}: the broker does not let it in`;
      }
    }
    return { outcome: 'refused', detail };
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
