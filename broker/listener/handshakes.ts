import type { Socket } from 'node:net';
import type { Clock } from '../../clock/index.ts';
import type { ControlId } from '../../protocol/index.ts';

/** A TLS handshake that came to nothing. */
export interface FailedHandshake {
  /** As it was when the connection came; a closed socket has forgotten it. */
  readonly remoteAddress: string | undefined;
  readonly control: ControlId | null;
  readonly cause: string;
  /** It was ended because it took too long. */
  readonly late: boolean;
}

/** A handshake that ended, well or not. */
export interface EndedHandshake {
  readonly remoteAddress: string | undefined;
  /** What the peer sent until then, with the records of TLS. */
  readonly bytes: number;
}

interface Handshake {
  readonly socket: Socket;
  readonly remoteAddress: string | undefined;
  readonly succeed: () => void;
  readonly fail: (error: Error & { readonly code?: string }) => void;
}

/**
 * The TLS handshakes under way. One that fails is told once, when its connection closes: Node.js may tell of it twice or
 * not at all.
 */
export class Handshakes {
  readonly #clock: Clock;
  readonly #controls: ReadonlySet<ControlId>;
  readonly #limitMs: number | undefined;
  readonly #failed: (handshake: FailedHandshake) => void;
  readonly #ended: (handshake: EndedHandshake) => void;
  /** By the remote end, which the TCP socket and the TLS socket over it have in common. */
  readonly #underWay = new Map<string, Handshake>();

  /** @param limitMs how long a handshake may take; `undefined`: for ever */
  constructor(
    clock: Clock,
    controls: ReadonlySet<ControlId>,
    limitMs: number | undefined,
    failed: (handshake: FailedHandshake) => void,
    ended: (handshake: EndedHandshake) => void,
  ) {
    this.#clock = clock;
    this.#controls = controls;
    this.#limitMs = limitMs;
    this.#failed = failed;
    this.#ended = ended;
  }

  begin(socket: Socket): void {
    const name = remoteEnd(socket);
    const { remoteAddress } = socket;
    let control: ControlId | null = null;
    let cause = 'the connection was closed during the TLS handshake';
    let over = false;
    let late = false;
    const limitMs = this.#limitMs;
    const timer =
      limitMs === undefined
        ? undefined
        : this.#clock.after(limitMs, () => {
            late = true;
            cause = 'the TLS handshake took too long';
            socket.destroy();
          });
    const end = (): void => {
      over = true;
      timer?.cancel();
      this.#underWay.delete(name);
      this.#ended({ remoteAddress, bytes: socket.bytesRead });
    };
    this.#underWay.set(name, {
      socket,
      remoteAddress,
      succeed: end,
      fail: (error) => {
        control = this.#controls.has('modern-tls') && isTooOld(error) ? 'modern-tls' : null;
        cause = `the TLS handshake failed: ${reasonOf(error)}`;
      },
    });
    socket.once('close', () => {
      if (over) return;
      end();
      this.#failed({ remoteAddress, control, cause, late });
    });
  }

  succeeded(socket: Socket): void {
    this.#underWay.get(remoteEnd(socket))?.succeed();
  }

  /** Ends all that are under way with an address. */
  cut(remoteAddress: string): void {
    for (const handshake of this.#underWay.values()) {
      if (handshake.remoteAddress === remoteAddress) handshake.socket.destroy();
    }
  }

  /** Why it fails; it is told when the connection closes. */
  failing(socket: Socket, error: Error): void {
    this.#underWay.get(remoteEnd(socket))?.fail(error);
  }
}

function remoteEnd(socket: Socket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}

/** What OpenSSL calls it. Its message would say at which address and in which line of its source, which no two runs share. */
function reasonOf(error: Error & { readonly reason?: string }): string {
  return error.reason ?? error.message;
}

/** Whether the peer offered nothing new enough. Bytes that are no TLS at all are not that. */
function isTooOld(error: Error & { readonly code?: string }): boolean {
  return (
    error.code === 'ERR_SSL_UNSUPPORTED_PROTOCOL' ||
    error.code === 'ERR_SSL_NO_SHARED_CIPHER' ||
    error.code === 'ERR_SSL_VERSION_TOO_LOW'
  );
}
