import type { Duplex } from 'node:stream';
import type { Clock } from '../clock/index.ts';
import {
  type ControlId,
  DEFAULT_LIMITS,
  type EvidenceSink,
  type Limits,
  parseUrn,
} from '../protocol/index.ts';
import { AedesAdapter } from './aedes-adapter.ts';
import { Audit } from './audit.ts';
import { ConnectDecision } from './connect-decision.ts';
import { Decisions } from './decisions.ts';
import type { Host } from './host/host.ts';
import { keeperOf, type Traffic } from './keeper.ts';
import { RateLimit } from './limits/rate-limit.ts';
import { type AddressSlot, SessionQuota } from './limits/session-quota.ts';
import type { QueueLengths } from './persistence-guard.ts';
import type { Session } from './session.ts';
import type { SessionHooks } from './session-hooks.ts';
import { SessionRegister } from './session-register.ts';
import type { SharedState, SharingTold } from './shared-state.ts';
import type { Disk } from './store/disk.ts';
import { Gate } from './wire/gate.ts';

export interface HandlerOptions {
  readonly clock: Clock;
  readonly controls: ReadonlySet<ControlId>;
  readonly evidence: EvidenceSink;
  /** Settings of `rate-limit` and `session-quota`; roomy by default. */
  readonly limits?: Limits;
  /** The machine below, where it can be used up; absent: it bears whatever comes. */
  readonly host?: Host | undefined;
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

/** Takes up admitted connections: a session with its gate, its keeper and its timers for each, and Aedes behind all of them. */
export class ConnectionHandler {
  readonly audit: Audit;
  /** Absent where `session-quota` is off. */
  readonly quota: SessionQuota | undefined;
  readonly #options: HandlerOptions;
  readonly #rates: RateLimit | undefined;
  readonly #decisions: Decisions;
  readonly traffic: Traffic = { bytesIn: 0, bytesOut: 0 };
  readonly #register: SessionRegister;
  readonly #connecting: ConnectDecision;
  #adapter: AedesAdapter | undefined;
  #number = 0;
  #published = 0;
  #delivered = 0;

  private constructor(options: HandlerOptions) {
    const { clock, controls, evidence, limits = DEFAULT_LIMITS } = options;
    this.#options = options;
    this.audit = new Audit(clock, evidence);
    this.#rates = controls.has('rate-limit') ? new RateLimit(limits, clock) : undefined;
    this.quota = controls.has('session-quota') ? new SessionQuota(limits) : undefined;
    this.#decisions = new Decisions(controls, this.audit, this.#rates, this.quota);
    this.#register = new SessionRegister(this.audit, this.quota);
    this.#connecting = new ConnectDecision({
      clock,
      controls,
      audit: this.audit,
      rates: this.#rates,
      quota: this.quota,
      decisions: this.#decisions,
      register: this.#register,
    });
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
    return this.#register.openedSessions;
  }

  sessions(): Iterable<Session> {
    return this.#register.all();
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
      isKept: false,
      use: undefined,
      place: undefined,
      dropped: undefined,
      refusalRecorded: false,
      expiry: undefined,
      open: false,
      wasOpen: false,
      lastHeardMs: clock.now(),
      waiting: limits && clock.after(limits.connectMs, () => this.#register.late(session)),
    };
    if (certificate !== undefined) {
      session.expiry = clock.at(certificate.notAfterMs + 1, () =>
        this.#register.drop(session, 'mutual-tls', 'the certificate has expired'),
      );
    }
    this.#register.add(session);
    gate.once('close', () => {
      session.waiting?.cancel();
      session.expiry?.cancel();
      slot?.release();
      session.place?.release();
      this.#register.remove(session);
      const { clientId } = session;
      const isLast = clientId !== undefined && this.#register.holder(clientId) === undefined;
      if (isLast && !session.isKept) this.#options.host?.forgets(clientId);
    });
    this.#adapter?.handle(session);
    gate.start(
      keeperOf({
        session,
        audit: this.audit,
        rates: this.#rates,
        quota: this.quota,
        host: this.#options.host,
        nowMs: () => clock.now(),
        traffic: this.traffic,
        waitingForDisk: ({ clientId }) => this.#adapter?.waitingForDisk(clientId ?? '') ?? 0,
        refused: (cause) => this.#register.refused(session, null, cause),
      }),
    );
    return gate;
  }

  /** Ends a session whose certificate does not count any more. */
  drop(session: Session, control: ControlId, cause: string): void {
    this.#register.drop(session, control, cause);
  }

  async stop(): Promise<void> {
    for (const { gate } of this.#register.all()) gate.destroy();
    await this.#adapter?.close();
  }

  #hooks(): SessionHooks {
    const decisions = this.#decisions;
    const { host } = this.#options;
    return {
      connect: (session, request) => this.#connecting.decide(session, request),
      mayPublish: (session, publication) => {
        if (!decisions.mayPublish(session, publication)) return false;
        if (publication.retain) host?.retains(publication.topic, publication.payload.length);
        return true;
      },
      maySubscribe: (session, filter) => decisions.maySubscribe(session, filter),
      mayRead: (session, topic) => decisions.mayRead(session, topic),
      mayQueue: (clientId, queued) =>
        decisions.mayQueue(
          clientId,
          queued,
          this.#register.holder(clientId),
          this.#options.share !== undefined,
        ),
      delivering: (session) => {
        if (session.gate.destroyed || !decisions.mayDeliver(session)) return false;
        this.#delivered += 1;
        host?.delivers();
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
        this.#register.opened(session);
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
      closed: (session) => this.#register.ended(session, 'the session ended'),
      failed: (session, reason) => {
        if (session.open) this.#register.ended(session, reason);
        else if (!session.wasOpen) this.#register.refused(session, null, reason);
      },
    };
  }
}
