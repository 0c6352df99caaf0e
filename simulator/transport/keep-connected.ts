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

/** A session that is kept up. */
export interface Connection {
  readonly link: () => Link | undefined;
  /**
   * Says goodbye and dials again at once, with what is there to show now: another certificate. Where there is no session, it
   * does not wait for its turn.
   */
  readonly renew: () => void;
  readonly end: () => void;
  readonly cut: () => void;
}

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
): Connection {
  let link: Link | undefined;
  let attempts = 0;
  let timer: Timer | undefined;
  let ended = false;
  let dialling = false;
  /** What was shown counts no more: the next attempt is due at once. */
  let renewing = false;

  const again = (reason: string): void => {
    link = undefined;
    if (ended) return;
    handlers.offline(reason);
    if (renewing) {
      renewing = false;
      timer = clock.after(0, attempt);
      return;
    }
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts, 10), LONGEST_WAIT_MS);
    attempts += 1;
    timer = clock.after(waitMs * random.between(0.8, 1.2), attempt);
  };

  function attempt(): void {
    if (ended) return;
    dialling = true;
    handlers.connecting?.();
    dial(handlers.options(), {
      message: (topic, payload, retained) => {
        if (!ended) handlers.message(topic, payload, retained);
      },
      closed: again,
    }).then(
      (opened) => {
        dialling = false;
        // Its end comes back as `closed`.
        if (ended || renewing) return opened.end();
        link = opened;
        attempts = 0;
        handlers.online(opened);
      },
      (error: unknown) => {
        dialling = false;
        again(error instanceof DialRefusedError ? error.reason : String(error));
      },
    );
  }

  attempt();
  return {
    link: () => link,
    renew: () => {
      if (ended) return;
      attempts = 0;
      renewing = link !== undefined || dialling;
      if (link !== undefined) {
        const old = link;
        link = undefined;
        old.end();
      } else if (!dialling) {
        timer?.cancel();
        timer = clock.after(0, attempt);
      }
    },
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
