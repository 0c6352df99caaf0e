import type { Random } from '../clock/index.ts';
import { type BelieveUplink, clientIdOf, type Dial } from '../protocol/index.ts';
import {
  copyStore,
  memoryStore,
  PumpServer,
  type PumpServerOptions,
  type ServerStore,
} from '../pump-server/index.ts';
import { keepConnected } from '../simulator/transport/index.ts';

export interface ServerProcessOptions
  extends Pick<PumpServerOptions, 'clock' | 'identity' | 'evidence' | 'toLeave' | 'afterTurn' | 'store'> {
  /** What a server that has just started goes by: it has heard nothing yet. */
  readonly believes: () => BelieveUplink;
  readonly random: Random;
  readonly dial: Dial;
}

/** The pump server of a floor, and what becomes of it: it dies, starts again, and may be restored from a backup. */
export class ServerProcess {
  readonly #options: ServerProcessOptions;
  #store: ServerStore;
  #server: PumpServer;
  #boots = 0;

  constructor(options: ServerProcessOptions) {
    this.#options = options;
    this.#store = options.store ?? memoryStore();
    this.#server = this.#boot();
  }

  /** The one that runs, or ran last. */
  get server(): PumpServer {
    return this.#server;
  }

  /** What the server has stored now, as a backup would have it. */
  backup(): ServerStore {
    return copyStore(this.#store);
  }

  /** It dies; what it has stored stays. */
  cut(): void {
    this.#server.cut();
  }

  /** It starts again, on what it has stored, or on a backup of it. */
  restart(store: ServerStore = this.#store): void {
    this.#store = store;
    this.#server = this.#boot();
    this.#server.start();
  }

  #boot(): PumpServer {
    const { clock, random, identity, dial } = this.#options;
    this.#boots += 1;
    const name = this.#boots === 1 ? 'pump-server' : `pump-server/boot-${this.#boots}`;
    return new PumpServer({
      ...this.#options,
      believes: this.#options.believes(),
      bootId: `boot-${random.fork(name).int(0, 0xffff_ffff).toString(16)}`,
      store: this.#store,
      connect: (handlers) =>
        keepConnected(dial, clock, random.fork(`${name}/link`), {
          ...handlers,
          options: () => ({ clientId: clientIdOf(identity), keepAliveS: 180 }),
        }),
    });
  }
}
