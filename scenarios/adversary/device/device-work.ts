import type { AttackGround, StepResult } from '../../engine/port.ts';
import type { ActionOf } from '../../format/actions.ts';
import type { DEVICE_VERBS } from '../../format/adversary-actions/device.ts';
import type { Loot } from '../loot.ts';
import { ConsoleWork } from './console-work.ts';
import { alterStorage, extractStorage, guessKeypad } from './hands.ts';

export type DeviceAction = ActionOf<(typeof DEVICE_VERBS)[number]['shape']['do']['value']>;

/** The adversary at pumps as devices: through their own services, or with hands. */
export class DeviceWork {
  readonly #ground: AttackGround;
  readonly #loot: Loot;
  readonly #consoles: ConsoleWork;

  constructor(ground: AttackGround, loot: Loot) {
    this.#ground = ground;
    this.#loot = loot;
    this.#consoles = new ConsoleWork(ground, loot);
  }

  async act(action: DeviceAction): Promise<StepResult> {
    switch (action.do) {
      case 'open-console':
        return this.#consoles.open(action);
      case 'console-command':
        return this.#consoles.say(action);
      case 'upload-package':
        return this.#consoles.upload(action);
      case 'send-oversize':
        return this.#consoles.sendOversize(action);
      case 'extract-storage':
        return extractStorage(action, this.#ground, this.#loot);
      case 'alter-storage':
        return alterStorage(action, this.#ground);
      case 'guess-keypad':
        return guessKeypad(action, this.#ground);
      case 'change-at-bedside':
        return this.#ground.inHands(action.pump).changeRate(action.channel, action.rateMlPerH);
    }
  }

  /** Ends every conversation. */
  leave(): void {
    this.#consoles.leave();
  }
}
