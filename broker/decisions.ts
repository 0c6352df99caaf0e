import { type ControlId, parseTopic, type Topic } from '../protocol/index.ts';
import type { Audit } from './audit.ts';
import type { RateLimit } from './limits/rate-limit.ts';
import type { SessionQuota } from './limits/session-quota.ts';
import { judgePayload } from './payload/payload-schema.ts';
import { decide, decidePublication, type PolicyDecision, type PolicyRequest } from './policy/decide.ts';
import { payer, type Session } from './session.ts';
import type { Publication } from './session-hooks.ts';

const GONE = 'the certificate does not count any more';

/** What a session may do, decided and recorded in one place: policy, then limits, then what the payload says. */
export class Decisions {
  readonly #controls: ReadonlySet<ControlId>;
  readonly #audit: Audit;
  readonly #rates: RateLimit | undefined;
  readonly #quota: SessionQuota | undefined;

  constructor(
    controls: ReadonlySet<ControlId>,
    audit: Audit,
    rates: RateLimit | undefined,
    quota: SessionQuota | undefined,
  ) {
    this.#controls = controls;
    this.#audit = audit;
    this.#rates = rates;
    this.#quota = quota;
  }

  mayPublish(session: Session, { topic, payload, retain }: Publication): boolean {
    const parsed = parseTopic(topic);
    if (!this.#allows(session, { action: 'publish', topic, retain }, parsed)) return false;
    const who = payer(session);
    const reached = who && this.#rates?.payload(who, payload.length);
    if (reached !== undefined) {
      this.#audit.limit(session, 'publish.denied', reached, topic);
      return false;
    }
    const verdict = judgePayload(parsed, payload, this.#controls);
    if (!verdict.fits) {
      const { control, cause } = verdict;
      this.#audit.denial(session, { event: 'publish.denied', control, cause, object: topic });
      return false;
    }
    if (parsed?.kind === 'pump' && (parsed.topic === 'command' || parsed.topic === 'order')) {
      const told = { event: 'publish.allowed', outcome: 'allowed', control: null, cause: null } as const;
      this.#audit.session(session, { ...told, object: topic });
    }
    return true;
  }

  maySubscribe(session: Session, filter: string): boolean {
    if (!this.#allows(session, { action: 'subscribe', filter })) return false;
    const { use } = session;
    if (use === undefined) return true;
    const reached = this.#quota?.subscription(use, filter);
    if (reached !== undefined) {
      this.#audit.limit(session, 'subscribe.denied', reached, filter);
      return false;
    }
    use.filters.add(filter);
    return true;
  }

  /** Nothing is recorded: nobody asked for it now. */
  mayRead(session: Session, topic: string): boolean {
    if (session.identity === undefined || session.dropped !== undefined) return false;
    return decide(session.identity, { action: 'subscribe', filter: topic }, this.#controls).allowed;
  }

  /** Whether a reader can take one message more; one that cannot is ended, and its place is free. */
  mayDeliver(session: Session): boolean {
    if (session.dropped !== undefined) return false;
    const { use, gate } = session;
    const reached = use && this.#quota?.outgoing(use, gate.writableLength);
    if (reached === undefined) return true;
    this.#audit.limit(session, 'session.shed', reached);
    gate.destroy();
    return false;
  }

  /**
   * Whether one message more may be kept for a client id. `session`: the one that is open under it. What is sent to a reader that is
   * there is kept until it is acknowledged; `inflight` bounds that, and ends the session.
   *
   * @param isShared the session may be open on another node: then what its reader may owe has room, too
   */
  mayQueue(clientId: string, queued: number, session: Session | undefined, isShared: boolean): boolean {
    if (this.#quota === undefined || session?.open === true) return true;
    const most = isShared
      ? Math.max(this.#quota.queuedMessages(clientId), this.#quota.inflightOf(clientId))
      : this.#quota.queuedMessages(clientId);
    if (queued < most) return true;
    const reached = {
      code: 'queued-messages',
      cause: `more than ${most} messages wait for ${clientId}`,
    } as const;
    this.#audit.limit({ clientId }, 'queue.full', reached);
    return false;
  }

  /** @param topic the one of a publication, taken apart */
  #allows(session: Session, request: PolicyRequest, topic?: Topic): boolean {
    const { identity, dropped } = session;
    if (identity === undefined) return false;
    let decision: PolicyDecision;
    if (dropped !== undefined) decision = { allowed: false, control: dropped, cause: GONE };
    else if (request.action === 'subscribe') decision = decide(identity, request, this.#controls);
    else decision = decidePublication(identity, request, topic, this.#controls);
    if (decision.allowed) return true;
    const object = request.action === 'publish' ? request.topic : request.filter;
    const { control, cause } = decision;
    this.#audit.denial(session, { event: `${request.action}.denied`, control, cause, object });
    return false;
  }
}
