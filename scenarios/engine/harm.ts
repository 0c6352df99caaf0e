import type { Intent } from '../../protocol/index.ts';
import { compareFlows, type Flow, intendedFlow, msAbove, type Tolerance, volumeMl } from './flow.ts';
import type { FlowSegment, Observation } from './observation.ts';

/**
 * A pump that delivers this exactly does no harm: it is what whoever orders counts with.
 *
 * - `share`: ±5% of the ordered volume [GIP: flow accuracy]. GIP asks for it over 72 h; here it holds at every instant, so
 *   what a pump may be off grows with what was ordered.
 * - `volumeMl`: at the start 5% of next to nothing is less than the play of a new set or syringe and the swing of one turn,
 *   at most 0.09 mL in any shipped model. A test holds the models to it.
 *
 * Known limit: within the tolerance an attack does not show as harm, 5 mL after 100 mL ordered. Delivered and ordered
 * volumes stay as they are, and records, access and evidence know no tolerance.
 */
export const DELIVERY_TOLERANCE: Tolerance = { share: 0.05, volumeMl: 0.1 };

/** Delivered against ordered on one channel. Volumes and minutes only: nothing here speaks about a patient. */
export interface ChannelHarm {
  readonly serial: string;
  readonly channel: string;
  readonly deliveredMl: number;
  readonly intendedMl: number;
  /** The most that was ever delivered ahead of the order, beyond `DELIVERY_TOLERANCE`. */
  readonly overMl: number;
  /** The most that delivery was ever behind the order, beyond `DELIVERY_TOLERANCE`. */
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
      const { aheadMl, behindMl } = compareFlows(delivered, ordered, startMs, endMs, DELIVERY_TOLERANCE);
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

/**
 * Minutes during which a channel delivered faster than a rate, such as a hard limit, by more than the accuracy of a pump. What
 * is judged is the mean flow of each stretch: within a turn the mechanism swings further, and no accuracy is stated for that.
 */
export function minutesAboveRate(
  observation: Pick<Observation, 'startMs' | 'endMs' | 'pumps'>,
  serial: string,
  channel: string,
  rateMlPerH: number,
): number {
  const flows = observation.pumps.find((pump) => pump.serial === serial)?.flows ?? [];
  const aboveMlPerH = rateMlPerH * (1 + DELIVERY_TOLERANCE.share);
  return msAbove(deliveredFlow(flows, channel), aboveMlPerH, observation.startMs, observation.endMs) / 60_000;
}
