import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import type { Settling } from '../clock/index.ts';

/** What an adversary has open or is opening, so that it can be made to let go of all of it. */
export class OwnSockets {
  readonly #settling: Settling;
  readonly #open = new Set<Socket>();
  #lettingGo = newController();

  constructor(settling: Settling) {
    this.#settling = settling;
  }

  /** Tells the attempts that are under way. */
  get signal(): AbortSignal {
    return this.#lettingGo.signal;
  }

  /** The settling of the floor, with held work that does not outlast `letGo`. */
  get settling(): Settling {
    return {
      hold: (what, work) => this.#settling.hold(what, () => this.#unlessLetGo(work)),
      watch: (side, socket) => this.#settling.watch(side, socket),
    };
  }

  add(socket: Socket): Socket {
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  }

  letGo(): void {
    this.#lettingGo.abort();
    this.#lettingGo = newController();
    for (const socket of this.#open) socket.destroy();
  }

  #unlessLetGo<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this;
    return new Promise<T>((resolve, reject) => {
      const letGo = (): void => reject(new Error('it was given up'));
      signal.addEventListener('abort', letGo);
      work()
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', letGo));
    });
  }
}

function newController(): AbortController {
  const controller = new AbortController();
  // As many as a flood opens at a time.
  setMaxListeners(0, controller.signal);
  return controller;
}
