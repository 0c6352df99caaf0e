import {
  artifactRequestMessage,
  parseMessage,
  parseTopic,
  topicFilter,
  topicName,
} from '../../../protocol/index.ts';
import type { AttackGround, Counterfeit, StepResult, SupplyAction } from '../../engine/port.ts';
import type { Foothold } from '../mqtt/foothold.ts';
import type { MqttSessions } from '../mqtt/sessions.ts';

/** The adversary in the place of the pump server: it offers what it made itself, over a connection of its own. */
export class FalseReleases {
  readonly #ground: AttackGround;
  readonly #sessions: MqttSessions;

  constructor(ground: AttackGround, sessions: MqttSessions) {
    this.#ground = ground;
    this.#sessions = sessions;
  }

  async act(action: SupplyAction): Promise<StepResult> {
    const foothold = this.#sessions.foothold(action.connection);
    if (foothold === undefined) return { outcome: 'skipped', detail: 'there is no such connection' };
    const { topic, type, body, artifact } = await this.#ground.counterfeit(action);
    if (artifact !== undefined) {
      foothold.onMessage((name, payload) => answer(foothold, artifact, name, payload));
      // Where it is not granted nobody can ask; what is offered is offered all the same.
      await foothold.subscribe(topicFilter({ kind: 'artifact-request' }));
    }
    return foothold.publish(topic, JSON.stringify(foothold.composer.compose(type, body)), 1, true);
  }
}

/** Hands out the part of the artefact that a pump asks for. */
function answer(
  foothold: Foothold,
  { digest, bytes }: NonNullable<Counterfeit['artifact']>,
  name: string,
  payload: Buffer,
): void {
  const asked = parseTopic(name);
  if (asked?.kind !== 'artifact-request' || asked.digest !== digest) return;
  const parsed = parseMessage(artifactRequestMessage, payload);
  if (!parsed.ok) return;
  const { offset, length } = parsed.message.body;
  const topic = topicName({ kind: 'artifact-chunk', digest, serial: asked.serial, offset });
  void foothold.publish(topic, Buffer.from(bytes.subarray(offset, offset + length)), 1, false);
}
