import type { Clock, Timer } from '../clock/index.ts';
import type { CertificateVerdict, ControlId, Identity } from '../protocol/index.ts';
import type { Place } from './limits/places.ts';
import type { AddressSlot, SessionUse } from './limits/session-quota.ts';
import type { Gate } from './wire/gate.ts';

/** One connection, from the moment that its peer was admitted. */
export interface Session {
  readonly number: number;
  readonly gate: Gate;
  readonly listener: 'tls' | 'plaintext';
  readonly address: string;
  readonly certificate: Extract<CertificateVerdict, { accepted: true }> | undefined;
  /** What it occupies of its address; absent where `session-quota` is off. */
  readonly slot: AddressSlot | undefined;
  /** Known from CONNECT on. */
  identity: Identity | undefined;
  clientId: string | undefined;
  /** It asked for a session that outlasts the connection [MQTT-3.1.2-4]. */
  isKept: boolean;
  /** Known from CONNECT on where `session-quota` is on. */
  use: SessionUse | undefined;
  /** Held from an accepted CONNECT to the end. */
  place: Place | undefined;
  /** Its certificate does not count any more: nothing of it is passed on, not even its will. */
  dropped: ControlId | undefined;
  /** Why it never opened is in the evidence. */
  refusalRecorded: boolean;
  /** MQTT CONNECT was accepted, and the end of the session has not been recorded yet. */
  open: boolean;
  /** It is open, or was. */
  wasOpen: boolean;
  lastHeardMs: number;
  waiting: Timer | undefined;
  /** When the certificate runs out. */
  expiry: Timer | undefined;
}

/** Whom limits are charged to: who the certificate says it is, whatever the client calls itself. */
export function payer(session: Session): Identity | undefined {
  return session.certificate?.identity ?? session.identity;
}

/**
 * Closes a session from which nothing was heard for one and a half times its keep-alive [MQTT-3.1.2-24]. A packet counts when it
 * is whole; each moves `lastHeardMs`, and the timer is set anew only when it fires.
 */
export function watchKeepAlive(
  session: Session,
  keepAliveS: number,
  clock: Clock,
  expired: () => void,
): void {
  session.waiting?.cancel();
  session.waiting = undefined;
  session.lastHeardMs = clock.now();
  if (keepAliveS <= 0) return; // [MQTT-3.1.2-10]: switched off by the client
  const patienceMs = keepAliveS * 1_500;
  const look = (): void => {
    if (session.gate.destroyed) return;
    const dueMs = session.lastHeardMs + patienceMs;
    if (dueMs <= clock.now()) expired();
    else session.waiting = clock.at(dueMs, look);
  };
  session.waiting = clock.after(patienceMs, look);
}
