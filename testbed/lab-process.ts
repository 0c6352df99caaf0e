import type { ChildProcess } from 'node:child_process';
import { z } from 'zod';
import { type Lab, type LabPlace, withLastWords } from '../network/lab/index.ts';
import { isErrorCode, PumprangeError } from '../protocol/index.ts';
import type { LabComponent } from './lab-report.ts';
import { LineSplitter } from './line-splitter.ts';

const lineSchema = z.union([
  z.object({ method: z.literal('ready'), params: z.record(z.string(), z.unknown()) }),
  z.object({ id: z.number(), result: z.unknown(), error: z.undefined().optional() }),
  z.object({
    id: z.number(),
    error: z.object({ message: z.string(), data: z.object({ code: z.string() }).optional() }),
  }),
]);

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

const READY_WITHIN_MS = 180_000;
const ENDS_WITHIN_MS = 5_000;
const LAST_WORDS_CHARACTERS = 1_000;

/** A component of the floor as a process in a zone of a lab. Its pipes are its control port: out of band, on no network. */
export class LabComponentProcess {
  readonly name: string;
  readonly zone: string;
  /** Resolves to what it says once it is ready; fails with `PR_LAB_FAILED` or the code that it ended with. */
  readonly ready: Promise<Readonly<Record<string, unknown>>>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #state: LabComponent['state'] = 'starting';
  #lastWords = '';
  #asked = 0;

  constructor(
    lab: Pick<Lab, 'spawn'>,
    name: string,
    place: LabPlace,
    argv: readonly [string, ...string[]],
    readyWithinMs = READY_WITHIN_MS,
  ) {
    this.name = name;
    this.zone = place.zone;
    this.#child = lab.spawn(place, argv, { stdio: ['pipe', 'pipe', 'pipe'] });
    const { stdin, stdout, stderr } = this.#child;
    stdin?.on('error', () => undefined);
    stderr?.on('data', (bytes) => {
      this.#lastWords = `${this.#lastWords}${bytes}`.slice(-LAST_WORDS_CHARACTERS);
    });
    let beReady: Waiting = { resolve: () => undefined, reject: () => undefined };
    this.ready = new Promise((resolve, reject) => {
      beReady = { resolve: (said) => resolve(z.record(z.string(), z.unknown()).parse(said)), reject };
    });
    // Whoever waits for it is told; nobody may.
    this.ready.catch(() => undefined);
    const startedAtMs = performance.now();
    const guard = setTimeout(() => {
      // Longer than was meant, on a machine that is so busy that this comes late.
      const waitedS = Math.round((performance.now() - startedAtMs) / 1_000);
      beReady.reject(this.#failure(`is not ready after ${waitedS} s; is the machine busy?`));
    }, readyWithinMs);
    this.#ended = new Promise((resolve) => {
      const end = (how: string): void => {
        clearTimeout(guard);
        this.#state = 'ended';
        const failure = this.#failure(how);
        beReady.reject(failure);
        for (const { reject } of this.#waiting.values()) reject(failure);
        this.#waiting.clear();
        resolve();
      };
      this.#child.once('error', (error) => end(error.message));
      this.#child.once('close', (code, signal) => end(`ended with ${signal ?? code}`));
    });
    const splitter = new LineSplitter();
    stdout?.on('data', (bytes) => {
      for (const line of splitter.take(bytes)) {
        const said = line === null ? undefined : lineOf(line);
        if (said === undefined) continue;
        if ('method' in said) {
          clearTimeout(guard);
          this.#state = 'running';
          beReady.resolve(said.params);
        } else this.#answered(said);
      }
    });
  }

  get state(): LabComponent['state'] {
    return this.#state;
  }

  /** @throws PumprangeError `PR_LAB_FAILED` once it has ended, and what it answers with */
  call(method: string, params?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#state === 'ended') return reject(this.#failure('has ended'));
      this.#asked += 1;
      this.#waiting.set(this.#asked, { resolve, reject });
      this.#child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id: this.#asked, method, params })}\n`);
    });
  }

  /** Asks it to end, so that its records are whole; one that does not is ended. */
  async stop(): Promise<void> {
    if (this.#state !== 'ended') {
      this.#child.stdin?.end(`${JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'stop' })}\n`);
      const guard = setTimeout(() => this.#child.kill('SIGKILL'), ENDS_WITHIN_MS);
      await this.#ended;
      clearTimeout(guard);
    }
  }

  #answered(said: Exclude<z.infer<typeof lineSchema>, { method: string }>): void {
    const asked = this.#waiting.get(said.id);
    this.#waiting.delete(said.id);
    if (said.error === undefined) asked?.resolve('result' in said ? said.result : null);
    else {
      const { message, data } = said.error;
      const code = data !== undefined && isErrorCode(data.code) ? data.code : 'PR_LAB_FAILED';
      asked?.reject(new PumprangeError(code, `${this.name}: ${message}`));
    }
  }

  #failure(how: string): PumprangeError {
    return new PumprangeError(
      'PR_LAB_FAILED',
      withLastWords(`${this.name} in ${this.zone} ${how}`, this.#lastWords),
    );
  }
}

function lineOf(line: string): z.infer<typeof lineSchema> | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
