import type { ReachedService } from '../../engine/observation.ts';
import type { AttackCredential, AttackGround, StepResult } from '../../engine/port.ts';
import type { ActionOf } from '../../format/actions.ts';
import type { CredentialOf } from '../../format/adversary-actions/credentials.ts';
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
        return this.#ground.join(action.zone, await this.#credential(action.as), action.over);
      case 'vendor-session': {
        const { pump: serial, service: name } = action;
        const credential = await this.#credential(action.as);
        return this.#ground.vendorSession({ service: 'pump', serial, name }, credential);
      }
      case 'probe':
        return this.#probe(action);
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

  async #credential(as: CredentialOf): Promise<AttackCredential | undefined> {
    if (as.credential === 'extracted-certificate') return this.#loot.credential(as.from);
    return this.#ground.credential(as);
  }
}
