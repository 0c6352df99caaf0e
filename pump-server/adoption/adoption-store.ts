import type { Serial } from '../../protocol/index.ts';

/** Something that became of a library on one pump. */
export interface AdoptionChange {
  readonly serial: Serial;
  readonly state: 'pending' | 'in-use' | 'refused';
  readonly version: string;
  /** On the pump's clock for events, on the server's for what only the status says. */
  readonly sinceMs: number;
  readonly source: 'event' | 'status';
  /** Of a refusal. */
  readonly reason: string | null;
}

/** What the server last heard of a pump, as far as its library is concerned. */
export interface PumpFacts {
  readonly serial: Serial;
  readonly model: string;
  readonly careArea: string;
  readonly firmware: string;
  readonly link: 'online' | 'offline';
  readonly libraryInUse: string | null;
  readonly libraryPending: string | null;
  /** When this last changed. */
  readonly statusAtMs: number;
}

/** Where the history of adoption stays; durable with the next flush of the store that this is a part of. */
export interface AdoptionStore {
  /** In the order in which they were noted. */
  changes(): readonly AdoptionChange[];
  pumps(): readonly PumpFacts[];
  /** @throws PumprangeError `PR_DISK` if too much waits for a disk that takes nothing */
  note(change: AdoptionChange): void;
  /** @throws PumprangeError `PR_DISK` as above */
  put(pump: PumpFacts): void;
}

/** It forgets with the process. */
export function memoryAdoption(): AdoptionStore {
  const changes: AdoptionChange[] = [];
  const pumps = new Map<Serial, PumpFacts>();
  return {
    changes: () => changes,
    pumps: () => [...pumps.values()],
    note: (change) => changes.push(change),
    put: (pump) => pumps.set(pump.serial, pump),
  };
}
