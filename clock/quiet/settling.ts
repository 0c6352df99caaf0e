/** A socket as far as a watch needs to know it. `net.Socket` and `tls.TLSSocket` are such sockets. */
export interface WatchedSocket {
  /** Cleartext bytes, for a TLS socket too (measured on Node 20). */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly readableLength: number;
  readonly writableLength: number;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly closed: boolean;
  /**
   * This end reads nothing more until the Clock has moved on (a rate limit). What is on its way to it does not keep the wire from being
   * quiet: nothing but time can.
   */
  readonly heldBack?: boolean;
  once(event: 'close', listener: () => void): unknown;
}

/**
 * What a driver of simulated time must know before it moves the clock: which bytes are under way and which work
 * has been begun and not ended. Everything that opens a socket or waits for a promise tells it.
 */
export interface Settling {
  /**
   * Does asynchronous work (a signature, storage, a handshake). Under a lockstep its result comes back only once
   * the wire is quiet, and results come back in the order in which the work was begun, so that the event loop
   * and the thread pool have no say in the outcome. `what` names the work in the error if it never ends.
   */
  hold<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** Watches one end of a connection from the moment that its cleartext can flow. */
  watch(side: 'client' | 'server', socket: WatchedSocket): void;
}

/** For time that runs by itself: nothing needs to be awaited. */
export const unsettled: Settling = {
  hold: (_what, work) => work(),
  watch: () => undefined,
};
