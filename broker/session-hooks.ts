import type { Session } from './session.ts';

/** What the adapter asks of the broker around it; each answer is a decision that is taken and recorded there. */
export interface SessionHooks {
  /** Returns the client id that the session gets, or why it gets none. */
  connect(session: Session, request: ConnectRequest): ConnectAnswer;
  mayPublish(session: Session, publication: Publication): boolean;
  maySubscribe(session: Session, filter: string): boolean;
  /** Whether the holder of a session may read a topic that it had subscribed to before; nothing is recorded. */
  mayRead(session: Session, topic: string): boolean;
  /** Whether one message more may wait for a session that is kept. */
  mayQueue(clientId: string, queued: number): boolean;
  /** A message is about to be handed to this session; `false`: the session just ended. */
  delivering(session: Session): boolean;
  unsubscribed(session: Session, filters: readonly string[]): void;
  published(): void;
  /** CONNACK with return code 0 is on its way. */
  accepted(session: Session): void;
  ready(session: Session): void;
  closed(session: Session): void;
  /** A publication cannot be kept, and is not acknowledged. */
  unkept(session: Session, topic: string, reason: string): void;
  /** An earlier process kept a session under this client id, on the account of a URN, with QoS 2 messages that were not released. */
  restored(clientId: string, holder: string, unreleased: Iterable<number>): void;
  /** What the nodes share could not be read or written. */
  sharingFailed(reason: string): void;
  /** The session ended by an error of the protocol or of the socket. */
  failed(session: Session, reason: string): void;
}

/** A message that somebody wants to publish, now or as a will. */
export interface Publication {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
}

export interface ConnectRequest {
  readonly clientId: string;
  readonly clean: boolean;
  readonly keepAliveS: number;
  readonly will: Publication | undefined;
}

/** Return codes of CONNACK [MQTT 3.2.2.3]: 2 identifier rejected, 3 server unavailable, 5 not authorized. */
export type ConnectAnswer =
  | { readonly clientId: string; readonly holder: string }
  | { readonly refused: string; readonly returnCode: 2 | 3 | 5 };
