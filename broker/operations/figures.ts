import type { ControlId, LimitCode } from '../../protocol/index.ts';

/** What a broker has counted since its start, and how it stands now. */
export interface BrokerFigures {
  readonly sessions: number;
  readonly sessionsOpened: number;
  readonly publishesIn: number;
  readonly publishesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** `null`: the protocol or the disk denied, no control. */
  readonly denials: ReadonlyMap<ControlId | null, number>;
  readonly limits: ReadonlyMap<LimitCode, number>;
  readonly handshakeFailures: number;
  readonly queuedMessages: number;
  readonly queuedSessions: number;
  readonly longestQueue: number;
  /** Why it cannot do all that it should at the moment. */
  readonly notReady: string | undefined;
}
