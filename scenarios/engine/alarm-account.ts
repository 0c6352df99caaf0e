import type { AlarmChange, Observation } from './observation.ts';

/** One time that an alarm stood at a pump, and when somebody away from the bedside could know of it. */
export interface AlarmEpisode {
  readonly serial: string;
  readonly alarm: string;
  readonly channel: string | null;
  readonly priority: AlarmChange['priority'];
  readonly raisedAtMs: number;
  /** When it was cleared at the pump, or the end of the run. */
  readonly endedAtMs: number;
  /** When it was on the board to be seen, or somebody was sent to the pump; `null`: never. */
  readonly knownAtMs: number | null;
}

/** What is on a board for less than this nobody has seen, unless the alarm itself was as short. */
const SEEN_AFTER_MS = 10_000;

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Every alarm that a pump had, against what the nurses' station made of it. The alarm at the bedside sounded all the while; this is about
 * those who were not there.
 */
export function alarmEpisodes(
  observation: Pick<Observation, 'endMs' | 'pumps' | 'station'>,
): readonly AlarmEpisode[] {
  const { endMs, station } = observation;
  return observation.pumps.flatMap(({ serial, alarms }) => {
    const board = station.board.filter((one) => one.serial === serial);
    const notices = station.notices.filter((one) => one.serial === serial);
    return spans(alarms, ({ change }) => change === 'raised' || change === 'escalated', 'cleared', endMs).map(
      ({ first, fromMs, toMs }): AlarmEpisode => {
        const { alarm, channel, priority } = first;
        const same = board.filter((one) => one.alarm === alarm && one.channel === channel);
        const shown = spans(same, ({ change }) => change === 'shown', 'withdrawn', endMs);
        const seenMs = seenAt(shown, { fromMs, toMs });
        // Whoever was sent before it began is at the pump by then.
        const sentMs = notices.find(({ atMs }) => atMs <= toMs)?.atMs;
        const known = [seenMs, sentMs === undefined ? undefined : Math.max(sentMs, fromMs)].filter(
          (atMs) => atMs !== undefined,
        );
        return {
          ...{ serial, alarm, channel, priority, raisedAtMs: fromMs, endedAtMs: toMs },
          knownAtMs: known.length === 0 ? null : Math.min(...known),
        };
      },
    );
  });
}

/** From when on it stood on the board while it stood at the pump, if it did for long enough in all. */
function seenAt(shown: readonly Span[], episode: Span): number | undefined {
  const both = shown
    .map(({ fromMs, toMs }) => ({
      fromMs: Math.max(fromMs, episode.fromMs),
      toMs: Math.min(toMs, episode.toMs),
    }))
    .filter(({ fromMs, toMs }) => toMs >= fromMs);
  const needed = Math.min(SEEN_AFTER_MS, episode.toMs - episode.fromMs);
  const forMs = both.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  return both.length > 0 && forMs >= needed ? both[0]?.fromMs : undefined;
}

/** Pairs beginnings and ends of the same alarm; what has no end lasts to the end of the run. */
function spans<
  T extends {
    readonly atMs: number;
    readonly alarm: string;
    readonly channel: string | null;
    readonly change: string;
  },
>(changes: readonly T[], begins: (one: T) => boolean, end: string, endMs: number) {
  const open = new Map<string, { readonly first: T; readonly fromMs: number; toMs: number }>();
  const all: { readonly first: T; readonly fromMs: number; toMs: number }[] = [];
  for (const change of changes) {
    const key = `${change.alarm} ${change.channel ?? ''}`;
    if (change.change === end) {
      const span = open.get(key);
      if (span !== undefined) span.toMs = change.atMs;
      open.delete(key);
    } else if (begins(change) && !open.has(key)) {
      const span = { first: change, fromMs: change.atMs, toMs: endMs };
      open.set(key, span);
      all.push(span);
    }
  }
  return all;
}
