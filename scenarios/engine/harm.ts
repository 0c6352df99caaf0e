import type { Intent } from '../../protocol/index.ts';
import { compareFlows, type Flow, intendedFlow, msAbove, volumeMl } from './flow.ts';
import type { FlowSegment, Observation } from './observation.ts';

/** Delivered against ordered on one channel. Volumes and minutes only: nothing here speaks about a patient. */
export interface ChannelHarm {
  readonly serial: string;
  readonly channel: string;
  readonly deliveredMl: number;
  readonly intendedMl: number;
  /** The most that was ever delivered ahead of the order. */
  readonly overMl: number;
  /** The most that delivery was ever behind the order. */
  readonly underMl: number;
}

/** The flow of one channel, out of segments of several. */
export function deliveredFlow(segments: readonly FlowSegment[], channel: string): readonly Flow[] {
  return segments
    .filter((segment) => segment.channel === channel)
    .map(({ fromMs, flowMlPerH }) => ({ fromMs, mlPerH: flowMlPerH }))
    .sort((a, b) => a.fromMs - b.fromMs);
}

/** What was ordered for one channel of one pump, as a flow. */
export function orderedFlow(intents: readonly Intent[], serial: string, channel: string): readonly Flow[] {
  return intendedFlow(intents.filter((one) => one.serial === serial && one.channel === channel));
}

/** Delivered against ordered, for every channel that delivered something or should have, in the order of the pumps. */
export function harmOf(
  observation: Pick<Observation, 'startMs' | 'endMs' | 'pumps' | 'intents'>,
): readonly ChannelHarm[] {
  const { startMs, endMs, intents } = observation;
  return observation.pumps.flatMap(({ serial, channels, flows }) =>
    channels.flatMap((channel) => {
      const delivered = deliveredFlow(flows, channel);
      const ordered = orderedFlow(intents, serial, channel);
      if (delivered.length === 0 && ordered.length === 0) return [];
      const { aheadMl, behindMl } = compareFlows(delivered, ordered, startMs, endMs);
      return {
        serial,
        channel,
        deliveredMl: volumeMl(delivered, startMs, endMs),
        intendedMl: volumeMl(ordered, startMs, endMs),
        overMl: aheadMl,
        underMl: behindMl,
      };
    }),
  );
}

/** Minutes during which a channel delivered faster than a rate, such as a hard limit. */
export function minutesAboveRate(
  observation: Pick<Observation, 'startMs' | 'endMs' | 'pumps'>,
  serial: string,
  channel: string,
  rateMlPerH: number,
): number {
  const flows = observation.pumps.find((pump) => pump.serial === serial)?.flows ?? [];
  return msAbove(deliveredFlow(flows, channel), rateMlPerH, observation.startMs, observation.endMs) / 60_000;
}
