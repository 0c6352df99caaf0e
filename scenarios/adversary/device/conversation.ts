import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../../clock/index.ts';

/** What a service of a pump answered. */
export type ServiceAnswer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly reason: string };

/** So much of an answer is kept; a library is far smaller. */
const MOST_BYTES = 16 * 1024 * 1024;
/** A service that says nothing for so long has nothing to say. */
const PATIENCE_MS = 10_000;

/** One conversation with a service over a socket of the adversary's own: a line out, a line in. */
export class Conversation {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #lines: string[] = [];
  #text = '';
  #waiting: { readonly heard: (line: string | undefined) => void; readonly timer: Timer } | undefined;

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on('data', (chunk: Buffer) => this.#heard(chunk));
    socket.once('close', () => this.#answer(undefined));
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** The line with which the service begins; `undefined` if it says none. */
  banner(): Promise<string | undefined> {
    return this.#next();
  }

  async ask(line: string): Promise<ServiceAnswer> {
    if (!this.isOpen) return { ok: false, reason: 'the conversation is over' };
    this.#socket.write(`${line}\n`);
    const answer = await this.#next();
    if (answer === undefined) return { ok: false, reason: 'no answer' };
    if (!answer.startsWith('OK ')) return { ok: false, reason: answer.replace(/^ERR \d+ /, '') };
    try {
      return { ok: true, body: JSON.parse(answer.slice(3)) };
    } catch {
      return { ok: false, reason: 'an answer that nobody understands' };
    }
  }

  /** Sends bytes without an end of line, and waits for what comes of it. */
  send(bytes: Buffer): Promise<string | undefined> {
    this.#socket.write(bytes);
    return this.#next();
  }

  close(): void {
    this.#socket.destroy();
  }

  #next(): Promise<string | undefined> {
    const line = this.#lines.shift();
    if (line !== undefined || !this.isOpen) return Promise.resolve(line);
    return new Promise((resolve) => {
      this.#waiting = {
        heard: resolve,
        timer: this.#clock.after(PATIENCE_MS, () => this.#answer(undefined)),
      };
    });
  }

  #heard(chunk: Buffer): void {
    this.#text += chunk.toString('utf8');
    if (this.#text.length > MOST_BYTES) this.close();
    for (let end = this.#text.indexOf('\n'); end >= 0; end = this.#text.indexOf('\n')) {
      const line = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 1);
      if (this.#waiting === undefined) this.#lines.push(line);
      else this.#answer(line);
    }
  }

  #answer(line: string | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.timer.cancel();
    waiting?.heard(line);
  }
}
