import type { Timer } from '../../../clock/index.ts';
import {
  type Envelope,
  filterMatches,
  MessageSigner,
  parseMessage,
  pumpTopic,
  type Serial,
  statusMessage,
  urnOf,
} from '../../../protocol/index.ts';
import type { AttackGround, StepResult } from '../../engine/port.ts';
import type { ActionOf } from '../../format/actions.ts';
import type { RECORDS_VERBS } from '../../format/adversary-actions/records.ts';
import { durationMs } from '../../format/duration.ts';
import type { Loot } from '../loot.ts';
import type { Captured, Foothold } from '../mqtt/foothold.ts';
import { signerOf } from '../mqtt/stolen-key.ts';
import { type Forged, forgeriesOf, type Say } from './forged-uplink.ts';
import { heardOfPump } from './heard-of-pump.ts';

export type RecordAction = ActionOf<(typeof RECORDS_VERBS)[number]['shape']['do']['value']>;

const NO_CONNECTION: StepResult = { outcome: 'skipped', detail: 'there is no such connection' };

/** What an adversary makes others believe: in the name of pumps, and in the log of the evidence. */
export class RecordAttacks {
  readonly #ground: AttackGround;
  readonly #loot: Loot;
  readonly #footholds: (connection: string) => Foothold | undefined;
  readonly #timers = new Set<Timer>();
  #left = false;

  constructor(ground: AttackGround, loot: Loot, footholds: (connection: string) => Foothold | undefined) {
    this.#ground = ground;
    this.#loot = loot;
    this.#footholds = footholds;
  }

  async act(action: RecordAction): Promise<StepResult> {
    switch (action.do) {
      case 'forge-uplink':
        return this.#forge(action);
      case 'suppress-alarms':
        return this.#suppress(action);
      case 'wipe-evidence':
        return this.#ground.monitoringHost.wipe();
      case 'forge-evidence':
        return this.#ground.monitoringHost.forge(urnOf(action.about), action.blame && urnOf(action.blame));
    }
  }

  /** Says nothing more. */
  leave(): void {
    this.#left = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  async #forge(action: ActionOf<'forge-uplink'>): Promise<StepResult> {
    const foothold = this.#footholds(action.connection);
    if (foothold === undefined) return NO_CONNECTION;
    const forger = await this.#forger(foothold, action);
    const { every } = action;
    if (every !== undefined) this.#again(durationMs(every), () => void forger(action.say));
    return forger(action.say);
  }

  async #suppress(action: ActionOf<'suppress-alarms'>): Promise<StepResult> {
    const foothold = this.#footholds(action.connection);
    if (foothold === undefined) return NO_CONNECTION;
    if (!foothold.isOpen) return { outcome: 'skipped', detail: 'the connection is gone' };
    const forger = await this.#forger(foothold, action);
    foothold.onMessage((topic, payload) => {
      if (!this.#left && isAlarming(action.pump, { topic, payload })) void forger({ what: 'all-well' });
    });
    return { outcome: 'succeeded', detail: 'it waits for alarms' };
  }

  /** Says things in the name of a pump over a connection. */
  async #forger(
    foothold: Foothold,
    { pump, signedBy, signedWith }: ActionOf<'forge-uplink' | 'suppress-alarms'>,
  ): Promise<(say: Say) => Promise<StepResult>> {
    const stolen =
      signedBy && (await this.#ground.credential({ credential: 'stolen-certificate', of: signedBy }));
    const key = stolen ?? (signedWith === undefined ? undefined : this.#loot.credential(signedWith));
    const signer = key && new MessageSigner(signerOf(key));
    const { clock } = this.#ground;
    return async (say) => {
      const heard = heardOfPump(pump, foothold.allCaptured());
      let result: StepResult = { outcome: 'skipped', detail: 'nothing was said' };
      for (const forged of forgeriesOf(say, heard, clock.now())) {
        const message = envelopeOf(pump, heard.bootId ?? 'boot-0', forged, clock.now());
        const said =
          signer === undefined ? message : { ...message, signatures: [signer.sign({ ...message }, 'chain')] };
        const isQuick = forged.topic === 'telemetry';
        result = await foothold.publish(
          pumpTopic(pump, forged.topic),
          JSON.stringify(said),
          isQuick ? 0 : 1,
          forged.retain,
        );
        if (result.outcome !== 'succeeded') break;
      }
      return result;
    };
  }

  #again(periodMs: number, work: () => void): void {
    const timer = this.#ground.clock.after(periodMs, () => {
      this.#timers.delete(timer);
      this.#again(periodMs, work);
      work();
    });
    this.#timers.add(timer);
  }
}

function envelopeOf(pump: Serial, bootId: string, { topic, seq, body }: Forged, nowMs: number): Envelope {
  return {
    type: topic,
    version: 1,
    from: urnOf({ kind: 'pump', id: pump }),
    bootId,
    seq,
    time: new Date(nowMs).toISOString(),
    timeQuality: 'synchronised',
    body,
  };
}

/** An alarm, or a status that names one, as the pump itself says it. */
function isAlarming(pump: Serial, { topic, payload }: Captured): boolean {
  if (filterMatches(pumpTopic(pump, 'alarm'), topic)) return !payload.includes('"change":"cleared"');
  if (!filterMatches(pumpTopic(pump, 'status'), topic)) return false;
  const parsed = parseMessage(statusMessage, payload);
  return parsed.ok && parsed.message.body.activeAlarms.length > 0;
}
