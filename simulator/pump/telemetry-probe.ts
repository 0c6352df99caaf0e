import {
  advance,
  batteryPercentAt,
  type ChannelPhysics,
  motorMlPerH,
  pressureMmHg,
} from '../physics/index.ts';
import { type ChannelContext, channelOf, type PumpContext } from './context.ts';
import { therapyState } from './read.ts';
import type { ChannelSample, TelemetrySample } from './reading.ts';

interface Probed {
  readonly channel: ChannelContext;
  readonly sample: ChannelSample;
  /** Nothing in it moves until an event changes it. */
  readonly rests: boolean;
}

/**
 * Reads what telemetry tells of one pump, again and again. Fleets do little else, so a channel at rest is worked out once and the very
 * same sample given until an event changes the pump: whoever writes it down may keep what was written.
 */
export class TelemetryProbe {
  #context: PumpContext | undefined;
  #probed: readonly Probed[] = [];
  #channels: readonly ChannelSample[] = [];
  #rests = false;

  sample(context: PumpContext, atMs: number): TelemetrySample {
    if (context !== this.#context) this.#follow(context, atMs);
    else if (!this.#rests) {
      this.#channels = this.#probed.map(({ rests, sample, channel }) =>
        rests ? sample : sampleChannel(context, channel, atMs),
      );
    }
    return {
      power: context.power.mains ? 'mains' : 'battery',
      batteryPercent: batteryPercentAt(context.battery, atMs),
      channels: this.#channels,
    };
  }

  #follow(context: PumpContext, atMs: number): void {
    this.#context = context;
    this.#probed = context.model.channels.map((id) => {
      const channel = channelOf(context, id);
      return { channel, sample: sampleChannel(context, channel, atMs), rests: isAtRest(channel.physics) };
    });
    this.#channels = this.#probed.map(({ sample }) => sample);
    this.#rests = this.#probed.every(({ rests }) => rests);
  }
}

/** The motor stands, and no line that was clamped still empties into the patient. */
function isAtRest({ driveMlPerH, clamped, trappedMl }: ChannelPhysics): boolean {
  return driveMlPerH === 0 && (clamped || trappedMl === 0);
}

function sampleChannel(context: PumpContext, channel: ChannelContext, atMs: number): ChannelSample {
  const { line } = context.model;
  const { programme, secondary } = channel;
  const physics = advance(channel.physics, line, atMs);
  const countedMl = secondary?.beganAtMl ?? physics.drivenMl;
  return {
    channel: channel.id,
    therapy: therapyState(context, channel),
    drug: programme?.drug ?? null,
    motorRateMlPerH: motorMlPerH(physics, line),
    deliveredMl: programme === null ? 0 : Math.max(0, countedMl - channel.drivenAtStartMl),
    volumeToBeInfusedMl: programme?.volumeToBeInfusedMl ?? 0,
    reservoirMl: physics.reservoirMl,
    pressureMmHg: pressureMmHg(physics, line),
  };
}
