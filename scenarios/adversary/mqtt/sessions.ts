import { pumpTopic, signMessage } from '../../../protocol/index.ts';
import type { ReceivedMessage } from '../../engine/observation.ts';
import type { AttackGround, StepResult } from '../../engine/port.ts';
import type { ActionOf } from '../../format/actions.ts';
import type { MQTT_VERBS } from '../../format/adversary-actions/mqtt.ts';
import { Foothold } from './foothold.ts';
import { commandMessage, payloadBytes } from './payload.ts';
import { signerOf } from './stolen-key.ts';

export type MqttAction = ActionOf<(typeof MQTT_VERBS)[number]['shape']['do']['value']>;

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

  async act(action: MqttAction): Promise<StepResult> {
    if (action.do === 'connect') return this.#connect(action);
    const foothold = this.#footholds.get(action.connection);
    if (foothold === undefined) return NO_CONNECTION;
    switch (action.do) {
      case 'publish': {
        const { topic, payload, qos, retain } = action;
        const bytes = payloadBytes(payload, foothold.composer, this.#ground.clock.now());
        return foothold.publish(topic, bytes, qos, retain);
      }
      case 'publish-command':
        return this.#command(foothold, action);
      case 'subscribe':
        return foothold.subscribe(action.filter);
      case 'replay':
        return this.#replay(foothold, action);
      case 'disconnect':
        // What it has received it can still play back over another connection.
        foothold.leave(action.abruptly);
        return { outcome: 'succeeded', detail: 'closed' };
    }
  }

  /** A connection by its name; `undefined` if it was refused, or never opened. */
  foothold(connection: string): Foothold | undefined {
    return this.#footholds.get(connection);
  }

  /** Cuts what is still open. */
  leave(): void {
    for (const foothold of this.#footholds.values()) foothold.leave(true);
    this.#footholds.clear();
  }

  async #connect(action: ActionOf<'connect'>): Promise<StepResult> {
    const { as, connection } = action;
    const credential = await this.#ground.credential(as);
    const foothold = new Foothold(this.#ground, action, credential, (topic, payload) => {
      const found = this.#ground.recordsIn(payload);
      const atMs = this.#ground.clock.now();
      this.#received.push({ connection, topic, atMs, ...(found.length > 0 && { found }) });
    });
    this.#footholds.get(connection)?.leave(true);
    this.#footholds.set(connection, foothold);
    const result = await foothold.open();
    if (result.outcome !== 'succeeded') this.#footholds.delete(connection);
    return result;
  }

  async #command(foothold: Foothold, action: ActionOf<'publish-command'>): Promise<StepResult> {
    const { signedBy, pump } = action;
    const { settling, clock } = this.#ground;
    if (!foothold.isOpen) return foothold.publish(pumpTopic(pump, 'command'), '', 1, false);
    const message = commandMessage(action, foothold.composer, clock.now());
    let said: object = message;
    if (signedBy !== undefined) {
      const stolen = await this.#ground.credential({ credential: 'stolen-certificate', of: signedBy });
      if (stolen === undefined) return { outcome: 'skipped', detail: 'it has no such key' };
      said = await settling.hold('the signature with a stolen key', () =>
        signMessage(message, signerOf(stolen)),
      );
    }
    return foothold.publish(pumpTopic(pump, 'command'), JSON.stringify(said), 1, false);
  }

  async #replay(foothold: Foothold, action: ActionOf<'replay'>): Promise<StepResult> {
    const { capturedOn, filter, message: which } = action;
    const source = capturedOn === undefined ? foothold : this.#footholds.get(capturedOn);
    const captured = source?.captured(filter, which);
    if (captured === undefined) return { outcome: 'skipped', detail: 'no such message was received' };
    return foothold.publish(captured.topic, captured.payload, 1, false);
  }
}

const NO_CONNECTION: StepResult = { outcome: 'skipped', detail: 'there is no such connection' };
