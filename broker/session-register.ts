import type { ControlId } from '../protocol/index.ts';
import type { Audit } from './audit.ts';
import type { SessionQuota } from './limits/session-quota.ts';
import type { Session } from './session.ts';

/** All connections that were admitted, the sessions that are open among them, and how each ends: recorded once. */
export class SessionRegister {
  readonly #audit: Audit;
  readonly #quota: SessionQuota | undefined;
  readonly #sessions = new Set<Session>();
  /** Client id → the session that is open under it. */
  readonly #open = new Map<string, Session>();
  #openedSessions = 0;

  constructor(audit: Audit, quota: SessionQuota | undefined) {
    this.#audit = audit;
    this.#quota = quota;
  }

  /** Sessions opened since the start. */
  get openedSessions(): number {
    return this.#openedSessions;
  }

  all(): Iterable<Session> {
    return this.#sessions;
  }

  /** The session that is open under a client id. */
  holder(clientId: string): Session | undefined {
    return this.#open.get(clientId);
  }

  add(session: Session): void {
    this.#sessions.add(session);
  }

  /** The connection is gone. */
  remove(session: Session): void {
    this.ended(session, 'the connection closed');
    this.#sessions.delete(session);
  }

  /** CONNECT did not come in time. */
  late(session: Session): void {
    if (!session.refusalRecorded) {
      session.refusalRecorded = true;
      this.#audit.limit(session, 'session.refused', {
        code: 'connect-time',
        cause: 'CONNECT did not come in time',
      });
    }
    session.gate.destroy();
  }

  /** A session that never came to be; recorded once. */
  refused(session: Session, control: ControlId | null, cause: string): void {
    if (session.refusalRecorded) return;
    session.refusalRecorded = true;
    this.#audit.denial(session, { event: 'session.refused', control, cause });
  }

  opened(session: Session): void {
    session.open = true;
    session.wasOpen = true;
    this.#openedSessions += 1;
    if (session.use !== undefined && session.clientId !== undefined)
      this.#quota?.opened(session.use, session.clientId);
    if (session.clientId !== undefined) this.#open.set(session.clientId, session);
  }

  ended(session: Session, cause: string): void {
    if (!session.open) return;
    session.open = false;
    const { clientId } = session;
    if (clientId !== undefined && this.#open.get(clientId) === session) this.#open.delete(clientId);
    session.place?.release();
    this.#audit.session(session, { event: 'session.closed', outcome: 'observed', control: null, cause });
  }

  /** Ends a session whose certificate does not count any more. */
  drop(session: Session, control: ControlId, cause: string): void {
    session.dropped = control;
    this.#audit.session(session, { event: 'session.dropped', outcome: 'denied', control, cause });
    session.gate.destroy();
  }
}
