import type { Clock } from '../../clock/index.ts';
import {
  type AlarmMessage,
  type EventMessage,
  type EvidenceEntry,
  PumprangeError,
  pumpTopic,
  type Serial,
  urnOf,
} from '../../protocol/index.ts';
import type { EventStore, Loss, Taken } from './event-store.ts';
import { GapWatch } from './gap-watch.ts';
import { recordOf } from './record-store.ts';

/** What the intake tells the evidence. */
export type IntakeEvidence = Pick<EvidenceEntry, 'event' | 'outcome' | 'subject' | 'object' | 'cause'>;

/** What is said of a record in the evidence. */
type About = Pick<AlarmMessage | EventMessage, 'type' | 'bootId' | 'seq'>;

/**
 * Puts records into the store and says what follows. A receipt is for what is stored or lost for good, once that is durable, and for
 * repetitions too, so that a pump whose receipt was lost can forget. What a pump repeats every half minute is told to the evidence once.
 */
export class RecordIntake {
  readonly #store: EventStore;
  readonly #tell: (entry: IntakeEvidence) => void;
  readonly #gaps: GapWatch;
  /** Pumps and boots of which a conflict was told. */
  readonly #conflictsTold = new Set<string>();
  #failureTold = false;

  constructor(store: EventStore, clock: Clock, tell: (entry: IntakeEvidence) => void) {
    this.#store = store;
    this.#tell = tell;
    this.#gaps = new GapWatch(store, clock, (serial, missingSeq) => {
      this.#say(serial, 'event', 'log.gap', 'observed', `record ${missingSeq} is missing; later ones came`);
    });
  }

  /** @returns up to which number the pump may forget as soon as the store is flushed; `null`: it gets no receipt. */
  take(serial: Serial, message: AlarmMessage | EventMessage): number | null {
    const taken = this.#store.take(recordOf(serial, message));
    return this.#taken(taken, serial, message);
  }

  /**
   * Gives up a record of which only the number can be read. Its pump would send the same bytes for ever, and nothing behind it would
   * get a receipt.
   *
   * @returns as `take`
   */
  giveUp(serial: Serial, stream: 'alarm' | 'event', seq: number): number | null {
    return this.#taken(this.#store.giveUp(serial, seq), serial, { type: stream, bootId: 'unreadable', seq });
  }

  stop(): void {
    this.#gaps.stop();
  }

  #taken(taken: Taken, serial: Serial, message: About): number | null {
    for (const loss of taken.lost ?? [])
      this.#say(serial, message.type, 'log.lost', 'observed', causeOf(loss));
    this.#gaps.look(serial);
    switch (taken.outcome) {
      case 'stored':
        this.#failureTold = false;
        return taken.upToSeq;
      case 'repeated':
      case 'given-up':
        return taken.upToSeq;
      case 'waiting':
      case 'dropped':
        return null;
      case 'conflict':
        this.#conflict(serial, message);
        return null;
      case 'not-stored':
        this.#notStored(serial, taken.cause);
        return null;
    }
  }

  #conflict(serial: Serial, message: About): void {
    const key = `${serial} ${message.bootId}`;
    if (this.#conflictsTold.has(key)) return;
    // A liar may invent boots; what is told twice after a thousand of them does no harm.
    if (this.#conflictsTold.size >= 1_000) this.#conflictsTold.clear();
    this.#conflictsTold.add(key);
    const cause = `another record has the number ${message.seq} already`;
    this.#say(serial, message.type, 'log.conflict', 'denied', cause);
  }

  #notStored(serial: Serial, cause: unknown): void {
    if (this.#failureTold) return;
    this.#failureTold = true;
    this.#say(serial, 'event', 'log.not-stored', 'observed', reasonOf(cause));
  }

  #say(
    serial: Serial,
    stream: 'alarm' | 'event',
    event: string,
    outcome: EvidenceEntry['outcome'],
    cause: string,
  ): void {
    const subject = urnOf({ kind: 'pump', id: serial });
    this.#tell({ event, outcome, subject, object: pumpTopic(serial, stream), cause });
  }
}

/** What a store that took nothing says of it. */
export function reasonOf(cause: unknown): string {
  return cause instanceof PumprangeError ? cause.code : String(cause);
}

function causeOf({ fromSeq, toSeq, why }: Loss): string {
  const one = fromSeq === toSeq;
  const what = one ? `record ${fromSeq} is lost` : `records ${fromSeq} to ${toSeq} are lost`;
  if (why === 'unreadable') return `${what}: what its pump sends for it cannot be read`;
  return `${what}: ${one ? 'its pump no longer has it' : 'their pump no longer has them'}`;
}
