import type { BrokerFigures } from '../broker/index.ts';

/** The broker of a floor, whoever made it. */
export interface FloorBroker {
  /** Port of the TLS listener. */
  readonly port: number;
  /** Port of the listener without TLS; `undefined` where `mutual-tls` is on. */
  readonly plaintextPort: number | undefined;
  counts(): FloorBrokerCounts;
  /** All that is counted; absent where the broker is not ours. */
  figures?(): BrokerFigures;
  /** A certificate was revoked: its sessions end, where the broker can do that. */
  dropRevoked(fingerprint: string): void;
  /** Looks for what has changed in the PKI, and resolves once it holds; absent where the broker asks it live. */
  takeUpChanges?(): Promise<void>;
  stop(): Promise<void>;
}

/** `null`: such a broker does not tell. */
export interface FloorBrokerCounts {
  /** Sessions that are open now. */
  readonly clients: number | null;
  readonly published: number | null;
  readonly delivered: number | null;
  readonly denied: number | null;
}

/** Where a broker is to listen; 0 asks for a free port. */
export interface FloorPorts {
  readonly tls: number;
  readonly plaintext?: number | undefined;
}
