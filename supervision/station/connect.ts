import type { Link } from '../../protocol/index.ts';

/** Keeps a session with the broker up, and says when there is one. The composition root knows how. */
export type StationConnect = (handlers: {
  readonly online: (link: Link) => void;
  readonly offline: (reason: string) => void;
  readonly message: (topic: string, payload: Buffer, retained: boolean) => void;
}) => {
  /** Says goodbye, and opens no further session. */
  readonly end: () => void;
};
