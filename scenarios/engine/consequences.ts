import { alarmEpisodes } from './alarm-account.ts';
import { type Flow, flowAt } from './flow.ts';
import { deliveredFlow, minutesAboveRate, orderedFlow } from './harm.ts';
import type { Observation } from './observation.ts';

/** What a run did to records, alarms, service and staff, beside the millilitres. Counts and minutes only. */
export interface Consequences {
  /** What arrived on connections that steps opened: patients, their fields together, topics on which one was named. */
  readonly recordsRead: { readonly persons: number; readonly fields: number; readonly topics: number };
  /** Alarms of which nobody away from the bedside could know. */
  readonly alarmsMissed: number;
  /** For how long those that could be known of could not, together, beyond `LATE_AFTER_MS`. */
  readonly alarmsLateMinutes: number;
  /** For how long pumps were out of touch once they had been in it, together. */
  readonly offlinePumpMinutes: number;
  /** For how long nothing flowed though something was ordered, all channels together. */
  readonly interruptedTherapyMinutes: number;
  /** For how long more flowed than the hardest limit of what was ordered, all channels together. */
  readonly minutesAboveHardLimit: number;
  /** How often somebody had to go to a pump: for an alarm of medium or high priority, and for a notice that it is silent. */
  readonly bedsideVisits: number;
}

const MINUTE_MS = 60_000;
/** An alarm that shows within this is in time. */
const LATE_AFTER_MS = 10_000;
/** Shorter than this the mechanism of a pump stands still between two turns. */
const STANDSTILL_MS = 10_000;

export function consequencesOf(observation: Observation): Consequences {
  const episodes = alarmEpisodes(observation);
  const late = episodes
    .map(({ knownAtMs, raisedAtMs }) => (knownAtMs === null ? 0 : knownAtMs - raisedAtMs))
    .filter((lateMs) => lateMs >= LATE_AFTER_MS);
  return {
    recordsRead: recordsRead(observation),
    alarmsMissed: episodes.filter(({ knownAtMs }) => knownAtMs === null).length,
    alarmsLateMinutes: sum(late) / MINUTE_MS,
    offlinePumpMinutes: sum(observation.pumps.map((pump) => offlineMs(pump, observation.endMs))) / MINUTE_MS,
    interruptedTherapyMinutes: interruptedMs(observation) / MINUTE_MS,
    minutesAboveHardLimit: aboveHardLimit(observation),
    bedsideVisits:
      observation.station.notices.length + episodes.filter(({ priority }) => priority !== 'low').length,
  };
}

function recordsRead({ received }: Observation): Consequences['recordsRead'] {
  const named = received.filter(({ found }) => found !== undefined && found.length > 0);
  const found = named.flatMap((message) => message.found ?? []);
  return {
    persons: new Set(found.map(({ person }) => person)).size,
    fields: new Set(found.map(({ person, field }) => `${person} ${field}`)).size,
    topics: new Set(named.map(({ topic }) => topic)).size,
  };
}

export function offlineMs({ links }: Observation['pumps'][number], endMs: number): number {
  let away = 0;
  let sinceMs: number | undefined;
  let wasOnline = false;
  for (const { atMs, online } of links) {
    if (online) {
      if (sinceMs !== undefined) away += atMs - sinceMs;
      sinceMs = undefined;
      wasOnline = true;
    } else if (wasOnline) sinceMs ??= atMs;
  }
  return sinceMs === undefined ? away : away + endMs - sinceMs;
}

function interruptedMs({ pumps, intents, startMs, endMs }: Observation): number {
  return sum(
    pumps.flatMap(({ serial, channels, flows }) =>
      channels.map((channel) =>
        standstillMs(deliveredFlow(flows, channel), orderedFlow(intents, serial, channel), startMs, endMs),
      ),
    ),
  );
}

/** How long nothing was delivered while something was ordered, in stretches of some length. */
function standstillMs(
  delivered: readonly Flow[],
  ordered: readonly Flow[],
  startMs: number,
  endMs: number,
): number {
  const cuts = [...new Set([...delivered, ...ordered].map(({ fromMs }) => fromMs))]
    .filter((atMs) => atMs > startMs && atMs < endMs)
    .sort((a, b) => a - b);
  let total = 0;
  let stillMs = 0;
  const settle = (): void => {
    if (stillMs >= STANDSTILL_MS) total += stillMs;
    stillMs = 0;
  };
  for (const [index, fromMs] of [startMs, ...cuts].entries()) {
    const isStill = flowAt(ordered, fromMs) > 0 && flowAt(delivered, fromMs) === 0;
    if (isStill) stillMs += (cuts[index] ?? endMs) - fromMs;
    else settle();
  }
  settle();
  return total;
}

function aboveHardLimit(observation: Observation): number {
  const hardest = new Map<string, Observation['hardLimits'][number]>();
  for (const limit of observation.hardLimits) {
    const key = `${limit.serial} ${limit.channel}`;
    const before = hardest.get(key);
    if (before === undefined || limit.mlPerH > before.mlPerH) hardest.set(key, limit);
  }
  return sum(
    [...hardest.values()].map(({ serial, channel, mlPerH }) =>
      minutesAboveRate(observation, serial, channel, mlPerH),
    ),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
