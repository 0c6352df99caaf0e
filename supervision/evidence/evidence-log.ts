import type { Clock } from '../../clock/index.ts';
import type { ControlId, EvidenceEntry, EvidenceEvent, EvidenceSink } from '../../protocol/index.ts';
import { type Checkpoint, chainHash, checkpointBytes, evidenceLineSchema, GENESIS } from './chain.ts';
import type { LineStore } from './line-store.ts';

export interface EvidenceLogOptions {
  readonly clock: Clock;
  /** Start of the rehearsal on that clock; absent in a live ward, where `simulatedMs` is `null`. */
  readonly startMs?: number;
  /** Where the lines go; several get the same ones. The first one's end is where the chain is taken up. */
  readonly stores: readonly LineStore[];
  /** Controls of the posture; `audit-trail` and `evidence-offload` are enforced here. */
  readonly controls: ReadonlySet<ControlId>;
  /** Signs the bytes of a checkpoint; without it there are no checkpoints. */
  readonly sign?: (bytes: Uint8Array) => Uint8Array;
  /** Takes a copy of each checkpoint out of reach of whoever can write the log. */
  readonly keepElsewhere?: (checkpoint: Checkpoint) => void;
  /** A checkpoint follows each so many lines. Absent: 100. */
  readonly checkpointEvery?: number;
  /** How many events `events()` keeps, the latest; absent: all. A live ward wants a bound. */
  readonly keepEvents?: number;
}

/** What did not reach its place. */
export interface EvidenceLosses {
  /** Lines that a store did not take, over all stores. */
  readonly lines: number;
  /** Checkpoints that could not be signed or handed on. */
  readonly checkpoints: number;
}

export interface EvidenceLog {
  readonly record: EvidenceSink;
  events(): readonly EvidenceEvent[];
  checkpoints(): readonly Checkpoint[];
  losses(): EvidenceLosses;
  /** The writer starts again, and goes on from what is in its first store now. */
  takeUp(): void;
  /** Writes a last checkpoint and closes the stores; what is recorded afterwards is counted as lost. */
  close(): void;
}

/**
 * The append-only, hash-chained log of the one evidence stream. Nothing in it throws into whoever reports.
 *
 * Where `audit-trail` is off, nobody on the floor keeps such a record: an event that a blue team would see is then
 * seen by the exercise alone (visibility `white`), so that what happened can still be measured while detection and the
 * hospital have nothing. Where `evidence-offload` is off, no checkpoint leaves the log.
 */
export function createEvidenceLog(options: EvidenceLogOptions): EvidenceLog {
  const { clock, stores, controls, sign, keepElsewhere } = options;
  const checkpointEvery = options.checkpointEvery ?? 100;
  const keepEvents = options.keepEvents ?? Number.POSITIVE_INFINITY;
  const audited = controls.has('audit-trail');
  const offloaded = controls.has('evidence-offload');

  const events: EvidenceEvent[] = [];
  const checkpoints: Checkpoint[] = [];
  const losses = { lines: 0, checkpoints: 0 };
  const end = endOfChain(stores[0]?.lastLine);
  let { n, head } = end ?? BEGINNING;
  let lostSinceTold = 0;
  let lastCheckpointN = n;
  let closed = false;

  function record(entry: EvidenceEntry): void {
    if (closed) {
      losses.lines += stores.length;
      return;
    }
    try {
      // Once the stores take lines again, the log itself says what it lacks.
      if (append(completed(entry)) && lostSinceTold > 0) tellLosses();
    } catch {
      // An entry with a value that JSON does not have; whoever reports must not suffer from it.
      losses.lines += stores.length;
    }
  }

  /** @returns whether every store took it */
  function append(event: EvidenceEvent): boolean {
    const previous = head;
    const hash = chainHash(previous, event);
    head = hash;
    n += 1;
    events.push(event);
    // Trimmed in batches: cutting one off an array each time would cost its whole length.
    if (events.length > keepEvents * 2) events.splice(0, events.length - keepEvents);
    const line = JSON.stringify({ n, hash, previous, event });
    const refused = stores.filter((store) => !store.append(line)).length;
    losses.lines += refused;
    lostSinceTold += refused;
    if (n - lastCheckpointN >= checkpointEvery) checkpoint();
    return refused === 0;
  }

  function tellLosses(): void {
    const lost = lostSinceTold;
    lostSinceTold = 0;
    const told = append(ownEvent('evidence.lines-lost', `${lost} lines could not be written`));
    if (!told) lostSinceTold += lost;
  }

  function completed(entry: EvidenceEntry): EvidenceEvent {
    const nowMs = clock.now();
    const { visibility } = entry;
    return {
      source: entry.source,
      event: entry.event,
      outcome: entry.outcome,
      deviceTimeMs: entry.deviceTimeMs ?? null,
      receiptTimeMs: nowMs,
      simulatedMs: options.startMs === undefined ? null : nowMs - options.startMs,
      zone: entry.zone ?? null,
      address: entry.address ?? null,
      session: entry.session ?? null,
      subject: entry.subject ?? null,
      certificateFingerprint: entry.certificateFingerprint ?? null,
      control: entry.control ?? null,
      cause: entry.cause ?? null,
      object: entry.object ?? null,
      visibility: visibility === 'blue' && !audited ? 'white' : visibility,
    };
  }

  function ownEvent(event: string, cause: string): EvidenceEvent {
    return completed({ source: 'evidence', event, outcome: 'observed', cause, visibility: 'blue' });
  }

  function checkpoint(): void {
    if (sign === undefined || n === lastCheckpointN) return;
    lastCheckpointN = n;
    const unsigned = { n, head, timeMs: clock.now() };
    try {
      const signature = Buffer.from(sign(checkpointBytes(unsigned))).toString('base64');
      const signed: Checkpoint = { ...unsigned, signature };
      checkpoints.push(signed);
      for (const store of stores) store.flush();
      if (offloaded) keepElsewhere?.(signed);
    } catch {
      losses.checkpoints += 1;
    }
  }

  for (const { tornBytes } of stores) {
    if (tornBytes > 0) {
      append(ownEvent('evidence.torn-line', `${tornBytes} bytes of a torn last line were set aside`));
    }
  }
  if (end === undefined) append(ownEvent('evidence.unreadable-line', 'the last line could not be read'));

  return {
    record,
    events: () => (events.length > keepEvents ? events.slice(events.length - keepEvents) : events),
    checkpoints: () => checkpoints,
    losses: () => ({ ...losses }),
    takeUp() {
      ({ n, head } = endOfChain(stores[0]?.lastLine) ?? BEGINNING);
      lastCheckpointN = n;
    },
    close() {
      if (closed) return;
      if (lostSinceTold > 0) tellLosses();
      checkpoint();
      closed = true;
      for (const store of stores) store.close();
    },
  };
}

const BEGINNING = { n: 0, head: GENESIS };

/**
 * Where a log that is there already ends; `undefined` if its last line says nothing. A new chain begins behind such a
 * line, which verification finds: it is not for the writer to mend.
 */
function endOfChain(lastLine: string | undefined): { n: number; head: string } | undefined {
  if (lastLine === undefined) return BEGINNING;
  try {
    const line = evidenceLineSchema.safeParse(JSON.parse(lastLine));
    return line.success ? { n: line.data.n, head: line.data.hash } : undefined;
  } catch {
    return undefined;
  }
}
