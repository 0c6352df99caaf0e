import { type Dial, DialRefusedError, type Link } from '../../protocol/index.ts';

/**
 * Whether the network reaches a pump. Where it does not (an access point that is off, a pump in the cellar), its session breaks off and no
 * other comes up; the pump itself knows nothing of it but that.
 */
export class Radio {
  #reaches = true;
  readonly #links = new Set<Link>();

  get reaches(): boolean {
    return this.#reaches;
  }

  /** The network is gone. */
  cut(): void {
    this.#reaches = false;
    for (const link of this.#links) link.cut();
  }

  /** The network is back; the pump comes in when it dials next. */
  restore(): void {
    this.#reaches = true;
  }

  /** Dials over this radio. */
  over(dial: Dial): Dial {
    return async (options, handlers) => {
      if (!this.#reaches) throw new DialRefusedError('there is no network');
      let link: Link | undefined;
      let isClosed = false;
      link = await dial(options, {
        ...handlers,
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
