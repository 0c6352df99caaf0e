import { type Dial, DialRefusedError, type Link } from '../../protocol/index.ts';

/**
 * Whether the network reaches a pump. Where it does not (an access point that is off, a pump in the cellar), its session breaks off and no
 * other comes up; the pump itself knows nothing of it but that.
 */
export class Radio {
  #reaches = true;
  readonly #links = new Set<Link>();
  /** So many bytes of messages still come; `null`: any number. */
  #bytesLeft: number | null = null;

  get reaches(): boolean {
    return this.#reaches;
  }

  /** The network is gone. */
  cut(): void {
    this.#reaches = false;
    this.#bytesLeft = null;
    for (const link of this.#links) link.cut();
  }

  /** The network goes when messages of more than so many bytes would have come, and the one that is too many never does. */
  cutAfter(bytes: number): void {
    this.#bytesLeft = bytes;
  }

  /** The network is back; the pump comes in when it dials next. */
  restore(): void {
    this.#reaches = true;
    this.#bytesLeft = null;
  }

  #comesThrough(bytes: number): boolean {
    if (this.#bytesLeft !== null) {
      this.#bytesLeft -= bytes;
      if (this.#bytesLeft < 0) this.cut();
    }
    return this.#reaches;
  }

  /** Dials over this radio. */
  over(dial: Dial): Dial {
    return async (options, handlers) => {
      if (!this.#reaches) throw new DialRefusedError('there is no network');
      let link: Link | undefined;
      let isClosed = false;
      link = await dial(options, {
        message: (topic, payload, retained) => {
          if (this.#comesThrough(payload.length)) handlers.message(topic, payload, retained);
        },
        closed: (reason) => {
          isClosed = true;
          if (link !== undefined) this.#links.delete(link);
          handlers.closed(reason);
        },
      });
      if (!isClosed) this.#links.add(link);
      // It went while the session came up.
      if (!this.#reaches) link.cut();
      return link;
    };
  }
}
