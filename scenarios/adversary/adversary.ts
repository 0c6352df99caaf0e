import type { DisclosedSecret, ReachedService, ReceivedMessage } from '../engine/observation.ts';
import type { AttackGround, StepResult } from '../engine/port.ts';
import type { AdversaryAction } from '../format/actions.ts';
import { DeviceWork } from './device/device-work.ts';
import { Loot } from './loot.ts';
import { MqttSessions } from './mqtt/sessions.ts';
import { NetworkWork } from './network/network-work.ts';
import { RecordAttacks } from './records/record-attacks.ts';
import { StepGuard } from './step-guard.ts';
import { FalseReleases } from './supply/false-releases.ts';
import { WireAttacks } from './wire/wire-attacks.ts';

/**
 * An attacker with a foothold, who acts through sockets of its own and sees what comes back on them. It holds stolen identities of
 * ordinary kinds; nothing in the testbed knows that it is one.
 */
export class Adversary {
  readonly #ground: AttackGround;
  readonly #guard: StepGuard;
  readonly #loot = new Loot();
  readonly #mqtt: MqttSessions;
  readonly #releases: FalseReleases;
  readonly #device: DeviceWork;
  readonly #wire: WireAttacks;
  readonly #records: RecordAttacks;
  readonly #network: NetworkWork;

  constructor(floor: AttackGround) {
    // Keys that a step got hold of are no business of the floor.
    const ground: AttackGround = {
      ...floor,
      credential: async (as) =>
        as.credential === 'extracted-certificate' ? this.#loot.credential(as.from) : floor.credential(as),
    };
    this.#ground = ground;
    this.#guard = new StepGuard(ground.clock);
    this.#mqtt = new MqttSessions(ground);
    this.#releases = new FalseReleases(ground, this.#mqtt);
    this.#device = new DeviceWork(ground, this.#loot);
    this.#wire = new WireAttacks(ground);
    this.#records = new RecordAttacks(ground, this.#loot, (connection) => this.#mqtt.foothold(connection));
    this.#network = new NetworkWork(ground, this.#loot);
  }

  /** What arrived on its connections. */
  received(): readonly ReceivedMessage[] {
    return [...this.#mqtt.received(), ...this.#wire.received()];
  }

  /** Secrets that it has read out of pumps. */
  secrets(): readonly DisclosedSecret[] {
    return this.#loot.secrets();
  }

  /** Services that answered it. */
  reached(): readonly ReachedService[] {
    return this.#network.reached();
  }

  /** Never rejects: a step that hangs or crashes has failed. */
  act(action: AdversaryAction): Promise<StepResult> {
    return this.#guard.run(async () => {
      const lacking = keysUsedBy(action).find((name) => this.#loot.credential(name) === undefined);
      if (lacking !== undefined) {
        return { outcome: 'skipped', detail: `it has got hold of no key "${lacking}"` } as const;
      }
      return this.#act(action);
    });
  }

  /**
   * Lets go of all that it has and does, since simulated time cannot go on.
   *
   * @returns how many steps were under way
   */
  giveUp(reason: string): number {
    this.leave();
    this.#ground.giveUp();
    return this.#guard.giveUp(reason);
  }

  #act(action: AdversaryAction): Promise<StepResult> {
    switch (action.do) {
      case 'connect':
      case 'publish':
      case 'publish-command':
      case 'subscribe':
      case 'replay':
      case 'disconnect':
        return this.#mqtt.act(action);
      case 'publish-library':
      case 'publish-firmware':
      case 'publish-configuration':
        return this.#releases.act(action);
      case 'open-console':
      case 'console-command':
      case 'upload-package':
      case 'send-oversize':
      case 'extract-storage':
      case 'alter-storage':
      case 'guess-keypad':
      case 'change-at-bedside':
        return this.#device.act(action);
      case 'send-malformed':
      case 'open-connections':
      case 'publish-flood':
      case 'subscribe-flood':
      case 'exhaust-qos2':
      case 'rogue-server':
      case 'misdirect':
      case 'lead-back':
      case 'inject-command':
        return this.#wire.act(action);
      case 'forge-uplink':
      case 'suppress-alarms':
      case 'wipe-evidence':
      case 'forge-evidence':
        return this.#records.act(action);
      case 'join-network':
      case 'vendor-session':
      case 'enrol':
      case 'probe':
        return this.#network.act(action);
    }
  }

  /** Leaves nothing open. */
  leave(): void {
    this.#mqtt.leave();
    this.#device.leave();
    this.#wire.leave();
    this.#records.leave();
  }
}

/** Names of keys that an action shows or signs with, and that earlier steps have to have got. */
function keysUsedBy(action: AdversaryAction): readonly string[] {
  const shown = [
    'as' in action ? action.as : undefined,
    ...(action.do === 'rogue-server' ? [action.shows, action.relaysAs] : []),
  ];
  const signing = 'signedWith' in action ? action.signedWith : undefined;
  return [
    ...shown.flatMap((as) => (as?.credential === 'extracted-certificate' ? [as.from] : [])),
    ...(signing === undefined ? [] : [signing]),
  ];
}
