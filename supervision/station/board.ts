import type {
  AlarmMessage,
  AlarmPriority,
  Serial,
  StatusMessage,
  TelemetryMessage,
} from '../../protocol/index.ts';

/** An alarm that comes onto the board of a nurses' station, or goes from it. */
export interface BoardChange {
  readonly atMs: number;
  readonly serial: Serial;
  readonly alarm: string;
  readonly channel: string | null;
  readonly change: 'shown' | 'withdrawn';
}

/** One pump as the board has it. */
export interface BoardPump {
  readonly serial: Serial;
  /** As the pump, or its last will, says. */
  readonly link: 'online' | 'offline';
  readonly heardAtMs: number;
  /** By channel, of the last telemetry. */
  readonly channels: readonly {
    readonly channel: string;
    readonly therapy: string;
    readonly rateMlPerH: number;
  }[];
  readonly alarms: readonly {
    readonly alarm: string;
    readonly channel: string | null;
    readonly priority: AlarmPriority;
    readonly silenced: boolean;
    readonly sinceMs: number;
  }[];
}

type Shown = BoardPump['alarms'][number];

interface Row {
  link: BoardPump['link'];
  heardAtMs: number;
  channels: BoardPump['channels'];
  readonly shown: Map<string, Shown>;
  /** Records of the log that were seen already: a pump sends again what has no receipt. */
  readonly seen: Set<string>;
}

/** Of the log of one pump. What is sent again is at most a window of 500 records. */
const MOST_SEEN = 1_024;

/**
 * What a nurses' station shows: which alarms of which pumps, since when. It goes by the alarms as they come, and by the list in the
 * status, so that it is right again after it was away. It believes what it is given.
 */
export class Board {
  readonly #rows = new Map<Serial, Row>();
  readonly #changed: (change: BoardChange) => void;

  constructor(changed: (change: BoardChange) => void) {
    this.#changed = changed;
  }

  pumps(): readonly BoardPump[] {
    return [...this.#rows].map(([serial, { link, heardAtMs, channels, shown }]) => ({
      ...{ serial, link, heardAtMs, channels },
      alarms: [...shown.values()],
    }));
  }

  alarm(serial: Serial, { bootId, seq, body }: AlarmMessage, atMs: number): void {
    const row = this.#row(serial, atMs);
    const record = `${bootId} ${seq}`;
    if (row.seen.has(record)) return;
    if (row.seen.size >= MOST_SEEN) row.seen.clear();
    row.seen.add(record);
    const { alarm, channel, priority, change } = body;
    if (change === 'cleared') return this.#withdraw(serial, row, alarm, channel, atMs);
    this.#show(serial, row, { alarm, channel, priority, silenced: change === 'silenced', sinceMs: atMs });
  }

  status(serial: Serial, { body }: StatusMessage, atMs: number): void {
    const row = this.#row(serial, atMs);
    row.link = body.link;
    // The last will was written when the session began: what alarmed then is no news.
    if (body.link === 'offline') return;
    const active = new Map(body.activeAlarms.map((one) => [keyOf(one.alarm, one.channel), one]));
    for (const [key, { alarm, channel }] of row.shown) {
      if (!active.has(key)) this.#withdraw(serial, row, alarm, channel, atMs);
    }
    for (const [key, one] of active) {
      if (!row.shown.has(key)) this.#show(serial, row, { ...one, silenced: false, sinceMs: atMs });
    }
  }

  telemetry(serial: Serial, { body }: TelemetryMessage, atMs: number): void {
    const row = this.#row(serial, atMs);
    row.channels = body.channels;
  }

  #show(serial: Serial, row: Row, shown: Shown): void {
    const { alarm, channel } = shown;
    const key = keyOf(alarm, channel);
    const before = row.shown.get(key);
    row.shown.set(key, before === undefined ? shown : { ...shown, sinceMs: before.sinceMs });
    if (before === undefined) this.#changed({ atMs: shown.sinceMs, serial, alarm, channel, change: 'shown' });
  }

  #withdraw(serial: Serial, row: Row, alarm: string, channel: string | null, atMs: number): void {
    if (!row.shown.delete(keyOf(alarm, channel))) return;
    this.#changed({ atMs, serial, alarm, channel, change: 'withdrawn' });
  }

  #row(serial: Serial, atMs: number): Row {
    const before = this.#rows.get(serial);
    if (before !== undefined) {
      before.heardAtMs = atMs;
      return before;
    }
    const row: Row = { link: 'online', heardAtMs: atMs, channels: [], shown: new Map(), seen: new Set() };
    this.#rows.set(serial, row);
    return row;
  }
}

function keyOf(alarm: string, channel: string | null): string {
  return `${alarm} ${channel ?? ''}`;
}
