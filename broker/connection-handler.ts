import type { Duplex } from 'node:stream';
import type { Clock } from '../clock/index.ts';
import {
  type ControlId,
  DEFAULT_LIMITS,
  type EvidenceSink,
  type Limits,
  parseUrn,
  type Reached,
  urnOf,
} from '../protocol/index.ts';
import { AedesAdapter, type ConnectAnswer, type ConnectRequest, type SessionHooks } from './aedes-adapter.ts';
import { Audit } from './audit.ts';
import { Decisions } from './decisions.ts';
import { keeperOf, type Traffic } from './keeper.ts';
import { Places } from './limits/places.ts';
import { RateLimit } from './limits/rate-limit.ts';
import { type AddressSlot, SessionQuota } from './limits/session-quota.ts';
import type { QueueLengths } from './persistence-guard.ts';
import { bindIdentity } from './policy/binding.ts';
import { judgeTakeover } from './policy/takeover.ts';
import { payer, type Session, watchKeepAlive } from './session.ts';
import type { SharedState, SharingTold } from './shared-state.ts';
import type { Disk } from './store/disk.ts';
import { Gate } from './wire/gate.ts';

export interface HandlerOptions {
  readonly clock: Clock;
  readonly controls: ReadonlySet<ControlId>;
  readonly evidence: EvidenceSink;
  /** Settings of `rate-limit` and `session-quota`; roomy by default. */
  readonly limits?: Limits;
  /** Opens what retained messages and kept sessions are kept on; in memory alone by default. */
  readonly store?: (() => Promise<Disk>) | undefined;
  /** Joins the nodes that share their state; alone by default. */
  readonly share?: ((told: SharingTold) => Promise<SharedState>) | undefined;
}

/** A connection whose peer was admitted, whatever carries it. */
export interface Arrival {
  readonly transport: Duplex;
  readonly listener: Session['listener'];
  readonly address: string;
  readonly certificate: Session['certificate'];
  readonly slot?: AddressSlot | undefined;
}

/** From an admitted connection to its end: CONNECT, the decisions, the limits and the audit of each session. */
export class ConnectionHandler {
  readonly audit: Audit;
  /** Absent where `session-quota` is off. */
  readonly quota: SessionQuota | undefined;
  readonly #options: HandlerOptions;
  readonly #rates: RateLimit | undefined;
  readonly #decisions: Decisions;
  readonly traffic: Traffic = { bytesIn: 0, bytesOut: 0 };
  readonly #sessions = new Set<Session>();
  /** Client id → the session that is open under it. */
  readonly #open = new Map<string, Session>();
  readonly #places = new Places();
  #adapter: AedesAdapter | undefined;
  #number = 0;
  #published = 0;
  #delivered = 0;
  #openedSessions = 0;

  private constructor(options: HandlerOptions) {
    const { clock, controls, evidence, limits = DEFAULT_LIMITS } = options;
    this.#options = options;
    this.audit = new Audit(clock, evidence);
    this.#rates = controls.has('rate-limit') ? new RateLimit(limits, clock) : undefined;
    this.quota = controls.has('session-quota') ? new SessionQuota(limits) : undefined;
    this.#decisions = new Decisions(controls, this.audit, this.#rates, this.quota);
  }

  static async start(options: HandlerOptions): Promise<ConnectionHandler> {
    const handler = new ConnectionHandler(options);
    const { store, share, clock } = options;
    const { audit } = handler;
    const recovered = (): void => audit.broker('store.recovered', null);
    const shared = await share?.({ failed: (cause) => audit.broker('store.failed', cause), recovered });
    handler.#adapter = await AedesAdapter.start(handler.#hooks(), {
      keeping: store && {
        open: store,
        clock,
        failed: ({ code, message }) => audit.broker('store.failed', `${code}: ${message}`),
        recovered,
      },
      shared,
    }).catch((error: unknown) => {
      shared?.disconnect();
      throw error;
    });
    return handler;
  }

  /** What waits for kept sessions. */
  get queues(): QueueLengths | undefined {
    return this.#adapter?.queues;
  }

  /** Why publications that must be kept are refused at the moment. */
  get keepingFailure(): Error | undefined {
    return this.#adapter?.keepingFailure;
  }

  get published(): number {
    return this.#published;
  }

  get delivered(): number {
    return this.#delivered;
  }

  /** Sessions opened since the start. */
  get openedSessions(): number {
    return this.#openedSessions;
  }

  sessions(): Iterable<Session> {
    return this.#sessions;
  }

  begin({ transport, listener, address, certificate, slot }: Arrival): Gate {
    const { clock } = this.#options;
    const limits = this.quota?.limits;
    const who = certificate?.identity;
    const gate = new Gate({
      transport,
      clock,
      outgoingBytes: this.quota && (who ? this.quota.of(who) : this.quota.limits.default).outgoingBytes,
      stalledMs: limits?.stalledMs,
    });
    gate.on('error', () => undefined); // the session records why it ended
    this.#number += 1;
    const session: Session = {
      number: this.#number,
      gate,
      listener,
      address,
      certificate,
      slot,
      identity: undefined,
      clientId: undefined,
      use: undefined,
      place: undefined,
      dropped: undefined,
      refusalRecorded: false,
      expiry: undefined,
      open: false,
      wasOpen: false,
      lastHeardMs: clock.now(),
      waiting: limits && clock.after(limits.connectMs, () => this.#late(session)),
    };
    if (certificate !== undefined) {
      session.expiry = clock.at(certificate.notAfterMs + 1, () =>
        this.drop(session, 'mutual-tls', 'the certificate has expired'),
      );
    }
    this.#sessions.add(session);
    gate.once('close', () => {
      session.waiting?.cancel();
      session.expiry?.cancel();
      slot?.release();
      session.place?.release();
      this.#ended(session, 'the connection closed');
      this.#sessions.delete(session);
    });
    this.#adapter?.handle(session);
    gate.start(
      keeperOf({
        session,
        audit: this.audit,
        rates: this.#rates,
        quota: this.quota,
        nowMs: () => clock.now(),
        traffic: this.traffic,
        waitingForDisk: ({ clientId }) => this.#adapter?.waitingForDisk(clientId ?? '') ?? 0,
        refused: (cause) => this.#refused(session, null, cause),
      }),
    );
    return gate;
  }

  /** Ends a session whose certificate does not count any more. */
  drop(session: Session, control: ControlId, cause: string): void {
    session.dropped = control;
    this.audit.session(session, { event: 'session.dropped', outcome: 'denied', control, cause });
    session.gate.destroy();
  }

  async stop(): Promise<void> {
    for (const { gate } of this.#sessions) gate.destroy();
    await this.#adapter?.close();
  }

  #hooks(): SessionHooks {
    const decisions = this.#decisions;
    return {
      connect: (session, request) => this.#connect(session, request),
      mayPublish: (session, publication) => decisions.mayPublish(session, publication),
      maySubscribe: (session, filter) => decisions.maySubscribe(session, filter),
      mayRead: (session, topic) => decisions.mayRead(session, topic),
      mayQueue: (clientId, queued) =>
        decisions.mayQueue(clientId, queued, this.#open.get(clientId), this.#options.share !== undefined),
      delivering: (session) => {
        if (session.gate.destroyed || !decisions.mayDeliver(session)) return false;
        this.#delivered += 1;
        return true;
      },
      unsubscribed: ({ use }, filters) => {
        for (const filter of filters) use?.filters.delete(filter);
      },
      published: () => {
        this.#published += 1;
      },
      ready: (session) => {
        if (session.open || session.gate.destroyed) return;
        this.#opened(session);
        this.audit.session(session, {
          event: 'session.opened',
          outcome: 'allowed',
          control: null,
          cause: null,
        });
      },
      accepted: (session) => {
        session.slot?.accepted();
        session.gate.open();
      },
      unkept: (session, topic, reason) =>
        this.audit.seldom(session, {
          event: 'publish.denied',
          outcome: 'denied',
          control: null,
          cause: `PR_DISK: ${reason}`,
          object: topic,
        }),
      restored: (clientId, holder, unreleased) => {
        const identity = parseUrn(holder);
        if (identity !== undefined) this.quota?.restored(identity, clientId, unreleased);
      },
      sharingFailed: (cause) => this.audit.broker('store.failed', cause),
      closed: (session) => this.#ended(session, 'the session ended'),
      failed: (session, reason) => {
        if (session.open) this.#ended(session, reason);
        else if (!session.wasOpen) this.#refused(session, null, reason);
      },
    };
  }

  #connect(session: Session, request: ConnectRequest): ConnectAnswer {
    const { controls } = this.#options;
    const proved = session.certificate?.identity;
    const binding = bindIdentity(proved, request.clientId, controls, session.number);
    if (binding.bound) {
      session.identity = binding.identity;
      session.clientId = binding.clientId;
    }
    const charged = payer(session);
    // Each CONNECT is charged, also one that will be refused: it cost a handshake.
    const often = charged && this.#rates?.connect(charged);
    if (often !== undefined) return { refused: this.#over(session, often), returnCode: 3 };
    if (!binding.bound) {
      this.#refused(session, binding.control, binding.cause);
      return { refused: binding.cause, returnCode: 2 };
    }
    const { identity, clientId } = binding;
    const holder = this.#open.get(clientId);
    const takeover =
      holder && judgeTakeover(holder.certificate?.identity, session.certificate?.identity, controls);
    if (takeover?.allowed === false) {
      this.#refused(session, takeover.control, takeover.cause);
      return { refused: takeover.cause, returnCode: 2 };
    }
    const who = payer(session) ?? identity;
    // A will is a publication that is made later: judged now, so that it cannot surprise anybody then.
    if (request.will !== undefined && !this.#decisions.mayPublish(session, request.will)) {
      session.refusalRecorded = true; // with the control that denied the will
      return { refused: 'the will may not be published', returnCode: 5 };
    }
    // Last, since it changes what counts as kept.
    const full = this.quota?.session(who, clientId, request.clean, this.#places.others(who, clientId));
    if (full !== undefined) return { refused: this.#over(session, full), returnCode: 3 };
    session.use = this.quota?.use(who, clientId, request.clean);
    if (holder !== undefined && takeover !== undefined) {
      const { cause } = takeover;
      this.audit.session(holder, { event: 'session.taken-over', outcome: 'observed', control: null, cause });
    }
    session.place = this.#places.take(who, clientId);
    this.#watchKeepAlive(session, request.keepAliveS);
    return { clientId, holder: urnOf(who) };
  }

  /** Why a session cannot be had; recorded. */
  #over(session: Session, reached: Reached): string {
    session.refusalRecorded = true;
    this.audit.limit(session, 'session.refused', reached);
    return reached.cause;
  }

  #watchKeepAlive(session: Session, askedS: number): void {
    const countsS = this.quota?.keepAliveS(askedS) ?? askedS;
    watchKeepAlive(session, countsS, this.#options.clock, () => {
      if (countsS === askedS) {
        this.#ended(session, 'nothing was heard for 1.5 times the keep-alive');
      } else {
        const cause = `silent for 1.5 times ${countsS} s, as long as any keep-alive may be; it asked for ${askedS}`;
        this.audit.limit(session, 'session.shed', { code: 'keep-alive', cause });
      }
      session.gate.destroy();
    });
  }

  #late(session: Session): void {
    if (!session.refusalRecorded) {
      session.refusalRecorded = true;
      this.audit.limit(session, 'session.refused', {
        code: 'connect-time',
        cause: 'CONNECT did not come in time',
      });
    }
    session.gate.destroy();
  }

  /** A session that never came to be; recorded once. */
  #refused(session: Session, control: ControlId | null, cause: string): void {
    if (session.refusalRecorded) return;
    session.refusalRecorded = true;
    this.audit.denial(session, { event: 'session.refused', control, cause });
  }

  #opened(session: Session): void {
    session.open = true;
    session.wasOpen = true;
    this.#openedSessions += 1;
    if (session.use !== undefined && session.clientId !== undefined)
      this.quota?.opened(session.use, session.clientId);
    if (session.clientId !== undefined) this.#open.set(session.clientId, session);
  }

  #ended(session: Session, cause: string): void {
    if (!session.open) return;
    session.open = false;
    const { clientId } = session;
    if (clientId !== undefined && this.#open.get(clientId) === session) this.#open.delete(clientId);
    session.place?.release();
    this.audit.session(session, { event: 'session.closed', outcome: 'observed', control: null, cause });
  }
}
