import type { Observation, PumpObservation } from './observation.ts';

/**
 * Milliseconds for which a pump was out of touch: without a session, once it had had one. Before its first one it is not in service, and
 * nobody counts on it.
 */
export function outOfTouchMs({ link = [] }: PumpObservation, { endMs }: Pick<Observation, 'endMs'>): number {
  const first = link.findIndex(({ online }) => online);
  if (first < 0) return 0;
  return link.slice(first).reduce((sumMs, { atMs, online }, index, changes) => {
    const untilMs = changes[index + 1]?.atMs ?? endMs;
    return online ? sumMs : sumMs + untilMs - atMs;
  }, 0);
}
