import {
  type AlarmMessage,
  type EventMessage,
  type EvidenceEntry,
  PumprangeError,
  pumpTopic,
  type Serial,
  urnOf,
} from '../../protocol/index.ts';
import type { EventStore } from './event-store.ts';
import { recordOf } from './record-store.ts';

/** What to tell the rest of the server about a record that came. */
export interface Receipt {
  /** Up to which number the pump may forget; `null`: it gets no receipt. */
  readonly upToSeq: number | null;
  readonly evidence: Pick<EvidenceEntry, 'event' | 'outcome' | 'subject' | 'object' | 'cause'> | null;
}

const NOTHING: Receipt = { upToSeq: null, evidence: null };

/**
 * Puts records into the store and says what follows. A receipt goes out only for what is stored, and for repetitions too, so that a
 * pump whose receipt was lost can forget. What a pump repeats every half minute is told to the evidence once.
 */
export class RecordIntake {
  readonly #store: EventStore;
  /** Pumps and boots of which a conflict was told. */
  readonly #conflictsTold = new Set<string>();
  #failureTold = false;

  constructor(store: EventStore) {
    this.#store = store;
  }

  take(serial: Serial, message: AlarmMessage | EventMessage): Receipt {
    const taken = this.#store.take(recordOf(serial, message));
    const told = (event: string, outcome: EvidenceEntry['outcome'], cause: string): Receipt => ({
      upToSeq: null,
      evidence: {
        event,
        outcome,
        subject: urnOf({ kind: 'pump', id: serial }),
        object: pumpTopic(serial, message.type),
        cause,
      },
    });
    switch (taken.outcome) {
      case 'stored':
        this.#failureTold = false;
        return { upToSeq: taken.upToSeq, evidence: null };
      case 'repeated':
        return { upToSeq: taken.upToSeq, evidence: null };
      case 'waiting':
        if (!taken.opensGap) return NOTHING;
        return told('log.gap', 'observed', `record ${message.seq} came, ${taken.missingSeq} is missing`);
      case 'dropped':
        return NOTHING;
      case 'conflict': {
        const key = `${serial} ${message.bootId}`;
        if (this.#conflictsTold.has(key)) return NOTHING;
        // A liar may invent boots; what is told twice after a thousand of them does no harm.
        if (this.#conflictsTold.size >= 1_000) this.#conflictsTold.clear();
        this.#conflictsTold.add(key);
        return told('log.conflict', 'denied', `another record has the number ${message.seq} already`);
      }
      case 'not-stored': {
        if (this.#failureTold) return NOTHING;
        this.#failureTold = true;
        const { cause } = taken;
        return told(
          'log.not-stored',
          'observed',
          cause instanceof PumprangeError ? cause.code : String(cause),
        );
      }
    }
  }
}
