import type { Link } from '../protocol/index.ts';

export interface ConnectHandlers {
  readonly online: (link: Link) => void;
  readonly offline: (reason: string) => void;
  readonly message: (topic: string, payload: Buffer, retained: boolean) => void;
}

/**
 * Keeps a session up, and says when there is one. The composition root knows how: the address, the credential, the
 * client id, the waits between two attempts.
 */
export type Connect = (handlers: ConnectHandlers) => {
  /** Says goodbye, and opens no further session. */
  readonly end: () => void;
  /** Cuts the connection, and opens no further one. */
  readonly cut: () => void;
};
