import type { ControlId, EvidenceEvent } from '../../protocol/index.ts';

/** Whether anybody but the bedside can see a device: it has a session with the broker. */
export interface PresenceState {
  readonly supervision: 'supervised' | 'unsupervised';
  /** When that began, by the evidence; `null`: it was never seen. */
  readonly sinceMs: number | null;
  /** Why the last session ended, and the control that ended it. */
  readonly cause: string | null;
  readonly control: ControlId | null;
}

const NEVER_SEEN: PresenceState = { supervision: 'unsupervised', sinceMs: null, cause: null, control: null };

interface Count {
  sessions: number;
  state: PresenceState;
}

/**
 * Who has a session with the broker, from what the broker reports of sessions. The will of a pump would not do: nothing
 * of a revoked certificate is passed on, so its last status says `online` for ever. A takeover overlaps, so sessions
 * are counted.
 */
export class Presence {
  readonly #bySubject = new Map<string, Count>();

  observe({ source, event, subject, cause, control, receiptTimeMs }: EvidenceEvent): void {
    if (source !== 'broker' || subject === null) return;
    if (event === 'session.opened') {
      const count = this.#of(subject);
      count.sessions += 1;
      if (count.sessions === 1) {
        count.state = { supervision: 'supervised', sinceMs: receiptTimeMs, cause: null, control: null };
      }
    } else if (event === 'session.dropped') {
      const count = this.#of(subject);
      count.state = { ...count.state, cause, control };
    } else if (event === 'session.closed') {
      const count = this.#of(subject);
      count.sessions = Math.max(0, count.sessions - 1);
      if (count.sessions > 0) return;
      const { state } = count;
      count.state = {
        supervision: 'unsupervised',
        sinceMs: receiptTimeMs,
        // That a session was dropped says more than that its connection closed.
        cause: state.control === null ? cause : state.cause,
        control: state.control,
      };
    }
  }

  /** @param subject identity URN */
  of(subject: string): PresenceState {
    return this.#bySubject.get(subject)?.state ?? NEVER_SEEN;
  }

  #of(subject: string): Count {
    const count = this.#bySubject.get(subject) ?? { sessions: 0, state: NEVER_SEEN };
    this.#bySubject.set(subject, count);
    return count;
  }
}
