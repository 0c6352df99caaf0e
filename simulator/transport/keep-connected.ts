import type { Clock, Random, Timer } from '../../clock/index.ts';
import { type Dial, type DialOptions, DialRefusedError, type Link } from '../../protocol/index.ts';

export interface ConnectionHandlers {
  /** What CONNECT says; asked anew for each attempt. */
  readonly options: () => DialOptions;
  readonly connecting?: () => void;
  readonly online: (link: Link) => void;
  readonly offline: (reason: string) => void;
  readonly message: (topic: string, payload: Buffer, retained: boolean) => void;
}

/** First wait, and the longest one, between two attempts. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Keeps a session up: dials, and after each loss dials again, waiting twice as long each time, with a seeded jitter of ±20% so that
 * a fleet does not come back in one moment.
 *
 * @returns what ends it: the session says goodbye and no further attempt is made.
 */
export function keepConnected(
  dial: Dial,
  clock: Clock,
  random: Random,
  handlers: ConnectionHandlers,
): { readonly link: () => Link | undefined; readonly end: () => void; readonly cut: () => void } {
  let link: Link | undefined;
  let attempts = 0;
  let timer: Timer | undefined;
  let ended = false;

  const again = (reason: string): void => {
    link = undefined;
    if (ended) return;
    handlers.offline(reason);
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts, 10), LONGEST_WAIT_MS);
    attempts += 1;
    timer = clock.after(waitMs * random.between(0.8, 1.2), attempt);
  };

  function attempt(): void {
    if (ended) return;
    handlers.connecting?.();
    dial(handlers.options(), {
      message: (topic, payload, retained) => {
        if (!ended) handlers.message(topic, payload, retained);
      },
      closed: again,
    }).then(
      (opened) => {
        if (ended) return opened.end();
        link = opened;
        attempts = 0;
        handlers.online(opened);
      },
      (error: unknown) => again(error instanceof DialRefusedError ? error.reason : String(error)),
    );
  }

  attempt();
  return {
    link: () => link,
    end: () => {
      ended = true;
      timer?.cancel();
      link?.end();
      link = undefined;
    },
    cut: () => {
      ended = true;
      timer?.cancel();
      link?.cut();
      link = undefined;
    },
  };
}
