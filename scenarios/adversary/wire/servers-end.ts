import type { Socket } from 'node:net';
import type { WatchedSocket } from '../../../clock/index.ts';

/**
 * The server's end of a connection of which nobody knows yet whether it will speak TLS. Until the handshake is over the octets of TLS are counted
 * on this end and none on the other, so that simulated time waits for it.
 */
export class ServersEnd implements WatchedSocket {
  readonly #below: Socket;
  #cleartext: Socket;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;

  constructor(below: Socket) {
    this.#below = below;
    this.#cleartext = below;
    this.localAddress = below.localAddress;
    this.localPort = below.localPort;
    this.remoteAddress = below.remoteAddress;
    this.remotePort = below.remotePort;
  }

  /** The handshake is over. */
  speaksThrough(cleartext: Socket): void {
    this.#cleartext = cleartext;
  }

  get bytesRead(): number {
    return this.#cleartext.bytesRead;
  }

  get bytesWritten(): number {
    return this.#cleartext.bytesWritten;
  }

  get readableLength(): number {
    return this.#cleartext.readableLength;
  }

  get writableLength(): number {
    return this.#cleartext.writableLength;
  }

  get closed(): boolean {
    return this.#below.closed;
  }

  once(event: 'close', listener: () => void): unknown {
    return this.#below.once(event, listener);
  }
}
