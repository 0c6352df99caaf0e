import { DialRefusedError } from '../../../protocol/index.ts';
import type { ReachedService } from '../../engine/observation.ts';
import type { AttackGround, StepResult } from '../../engine/port.ts';
import type { ActionOf } from '../../format/actions.ts';
import type { NETWORK_VERBS } from '../../format/adversary-actions/network.ts';
import type { Loot } from '../loot.ts';
import { probe } from './probe.ts';

export type NetworkAction = ActionOf<(typeof NETWORK_VERBS)[number]['shape']['do']['value']>;

/** The adversary on the network: where it stands, and what answers there. */
export class NetworkWork {
  readonly #ground: AttackGround;
  readonly #loot: Loot;
  readonly #reached: ReachedService[] = [];

  constructor(ground: AttackGround, loot: Loot) {
    this.#ground = ground;
    this.#loot = loot;
  }

  /** What has answered it, each once. */
  reached(): readonly ReachedService[] {
    return this.#reached;
  }

  async act(action: NetworkAction): Promise<StepResult> {
    switch (action.do) {
      case 'join-network':
        return this.#ground.join(action.zone, await this.#ground.credential(action.as), action.over);
      case 'vendor-session': {
        const { pump: serial, service: name } = action;
        const credential = await this.#ground.credential(action.as);
        return this.#ground.vendorSession({ service: 'pump', serial, name }, credential);
      }
      case 'probe':
        return this.#probe(action);
      case 'enrol':
        return this.#enrol(action);
    }
  }

  async #probe({ assets }: ActionOf<'probe'>): Promise<StepResult> {
    const found = await probe(this.#ground, assets);
    for (const one of found) {
      const known = this.#reached.some(
        ({ asset, serial, name }) => asset === one.asset && serial === one.serial && name === one.name,
      );
      if (!known) this.#reached.push(one);
    }
    return found.length === 0
      ? { outcome: 'refused', detail: 'nothing answers' }
      : { outcome: 'succeeded', detail: `${found.length} services answer` };
  }

  async #enrol({ as, pump, keepAs }: ActionOf<'enrol'>): Promise<StepResult> {
    const endpoint = this.#ground.endpoint({ service: 'enrolment' });
    if (endpoint === undefined) return { outcome: 'skipped', detail: 'nothing here gives certificates' };
    const credential = await this.#ground.credential(as);
    let refusal = '';
    try {
      // The one is for a new pump, the other for one that has a certificate of the site [RFC 7030 §4.2]: it tries both.
      for (const operation of ['simpleenroll', 'simplereenroll'] as const) {
        const socket = await this.#ground.open({ ...endpoint, over: 'tls', credential });
        const answer = await this.#ground.enrol(socket, operation, { kind: 'pump', id: pump });
        if (answer.granted) {
          this.#loot.keepCredential(keepAs, answer.credential);
          return { outcome: 'succeeded', detail: `it is ${pump} from now on` };
        }
        refusal = answer.reason;
      }
    } catch (error) {
      if (!(error instanceof DialRefusedError)) throw error;
      refusal = error.reason;
    }
    return { outcome: 'refused', detail: refusal };
  }
}
