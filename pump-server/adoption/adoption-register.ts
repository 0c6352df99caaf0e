import { isDeepStrictEqual } from 'node:util';
import type { Serial, StatusMessage } from '../../protocol/index.ts';
import type { StoredRecord } from '../event-store/record-store.ts';
import type { AdoptionChange, AdoptionStore, PumpFacts } from './adoption-store.ts';

const EVENTS: Readonly<Record<string, AdoptionChange['state']>> = {
  'library-pending': 'pending',
  'library-activated': 'in-use',
  'library-refused': 'refused',
  'library-dropped': 'refused',
};

/** What a record of a pump's log says of its library; `undefined`: nothing. */
export function changeOf({ serial, message }: StoredRecord): AdoptionChange | undefined {
  if (message.type !== 'event') return undefined;
  const { event, happenedAt, detail } = message.body;
  const state = Object.hasOwn(EVENTS, event) ? EVENTS[event] : undefined;
  const version = detail['version'];
  if (state === undefined || typeof version !== 'string') return undefined;
  const reason = state === 'refused' ? String(detail['reason'] ?? 'without a reason') : null;
  return { serial, state, version, sinceMs: Date.parse(happenedAt), source: 'event', reason };
}

/**
 * Which pump has which library, and since when. The pump's status says what it has; its log says since when, and what it refused. Where the
 * log has not come, or never will, the status alone tells.
 */
export class AdoptionRegister {
  readonly #store: AdoptionStore;
  readonly #pumps: Map<Serial, PumpFacts>;
  /** The last change of each pump and state. */
  readonly #last = new Map<string, AdoptionChange>();

  constructor(store: AdoptionStore) {
    this.#store = store;
    this.#pumps = new Map(store.pumps().map((pump) => [pump.serial, pump]));
    for (const change of store.changes()) this.#last.set(keyOf(change), change);
  }

  /** Takes a record that was stored. @throws PumprangeError `PR_DISK` */
  stored(record: StoredRecord): void {
    const change = changeOf(record);
    if (change !== undefined) this.#note(change);
  }

  /** Takes a status; the last will of a pump too, which a broker sends. @throws PumprangeError `PR_DISK` */
  heard(serial: Serial, { body }: StatusMessage, atMs: number): void {
    const { model, careArea, firmware, link, library, libraryPending } = body;
    const facts = { serial, model, careArea, firmware, link };
    const pump = { ...facts, libraryInUse: library, libraryPending, statusAtMs: atMs };
    const before = this.#pumps.get(serial);
    // Alarms change the status too, and are no business of this table.
    if (isDeepStrictEqual(before && { ...before, statusAtMs: atMs }, pump)) return;
    this.#store.put(pump);
    this.#pumps.set(serial, pump);
    this.#noteStatus(serial, 'in-use', library, atMs);
    this.#noteStatus(serial, 'pending', libraryPending, atMs);
  }

  pumps(): readonly PumpFacts[] {
    return [...this.#pumps.values()].sort((a, b) => (a.serial < b.serial ? -1 : 1));
  }

  /** The last change of a pump in a state, if it is about this version. */
  since(serial: Serial, state: AdoptionChange['state'], version: string): AdoptionChange | undefined {
    const last = this.#last.get(`${serial} ${state}`);
    return last?.version === version ? last : undefined;
  }

  #noteStatus(serial: Serial, state: 'pending' | 'in-use', version: string | null, atMs: number): void {
    if (version === null || this.since(serial, state, version) !== undefined) return;
    this.#note({ serial, state, version, sinceMs: atMs, source: 'status', reason: null });
  }

  #note(change: AdoptionChange): void {
    this.#store.note(change);
    this.#last.set(keyOf(change), change);
  }
}

function keyOf({ serial, state }: AdoptionChange): string {
  return `${serial} ${state}`;
}
