import type { Clock } from '../../clock/index.ts';
import type { AttackGround } from './port.ts';

/** What an adversary has open, whatever it speaks: every one of its connections comes from its ground. */
export class Footholds {
  readonly #clock: Clock;
  #open = 0;
  #lastClosedMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The same ground, whose connections are counted. */
  watched(ground: AttackGround): AttackGround {
    return {
      ...ground,
      open: async (connection) => {
        const socket = await ground.open(connection);
        // Refused before it was of any use: its `close` is over, and nobody would ever count it down.
        if (socket.closed) return socket;
        this.#open += 1;
        socket.once('close', () => {
          this.#open -= 1;
          this.#lastClosedMs = this.#clock.now();
        });
        return socket;
      },
    };
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#open;
  }

  /** When the last one that is closed was closed; `undefined`: none was. */
  get lastClosedMs(): number | undefined {
    return this.#lastClosedMs;
  }
}
