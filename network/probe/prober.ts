import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isLoopback, PumprangeError, shortText } from '../../protocol/index.ts';
import { ANSWERS, type AnswerTo, proberLine } from './answer.ts';
import type { Probe } from './request.ts';

export interface ProberOptions {
  /** Whose process it is, for whoever reads an error. */
  readonly zone: string;
  /** Starts a program in a namespace of a lab; absent: it stands in none, and reaches loopback alone. */
  readonly startInLab?: (argv: Argv, options: SpawnOptions) => ChildProcess;
  /** What is started; absent: this Node.js with the prober. */
  readonly program?: Argv;
  /** Nothing said for so long while something is asked: it hangs. A probe ends by itself long before. */
  readonly patienceMs?: number;
}

interface Asked {
  readonly kind: Probe['kind'];
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

type Argv = readonly [program: string, ...args: string[]];

const PATIENCE_MS = 30_000;
const STARTS_MS = 15_000;
const LEAVES_MS = 2_000;
const LAST_WORDS_CHARACTERS = 400;

/** One long-lived process in a zone that carries out probes, many at a time. */
export class Prober {
  readonly zone: string;
  readonly #options: ProberOptions;
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, Asked>();
  readonly #ended: Promise<void>;
  #next = 0;
  #lastHeard = performance.now();
  #lastWords = '';
  #failure: PumprangeError | undefined;
  #isStopping = false;
  #ready: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  readonly #watch: NodeJS.Timeout;

  private constructor(options: ProberOptions) {
    this.zone = options.zone;
    this.#options = options;
    this.#child = startChild(options);
    const child = this.#child;
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.#take(line));
    child.stderr?.on('data', (bytes: Buffer) => {
      this.#lastWords = (this.#lastWords + bytes.toString()).slice(-LAST_WORDS_CHARACTERS);
    });
    child.stdin?.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#fail(`could not be started: ${error.message}`);
        resolve();
      });
      child.once('close', (code, signal) => {
        if (!this.#isStopping) this.#fail(`ended with ${signal ?? code}`);
        resolve();
      });
    });
    const patienceMs = options.patienceMs ?? PATIENCE_MS;
    this.#watch = setInterval(() => {
      if (this.#asked.size === 0 || performance.now() - this.#lastHeard < patienceMs) return;
      this.#fail(`said nothing for ${patienceMs} ms with ${this.#asked.size} probes to answer`);
    }, patienceMs / 4);
    this.#watch.unref();
  }

  /**
   * Starts it and waits until it listens.
   *
   * @throws PumprangeError `PR_PROBER_FAILED`
   */
  static async open(options: ProberOptions): Promise<Prober> {
    const prober = new Prober(options);
    const timer = setTimeout(() => prober.#fail(`did not start in ${STARTS_MS} ms`), STARTS_MS);
    try {
      await new Promise<void>((resolve, reject) => {
        prober.#ready = { resolve, reject };
      });
    } finally {
      clearTimeout(timer);
    }
    return prober;
  }

  /**
   * @throws PumprangeError `PR_PROBER_FAILED` where it died, hangs or could not carry the probe out; `PR_GUARDRAIL` for a target that is
   * not on loopback, from a prober that stands in no namespace
   */
  ask<Kind extends Probe['kind']>(probe: Probe & { readonly kind: Kind }): Promise<AnswerTo<Kind>> {
    if (this.#options.startInLab === undefined && !isLoopback(probe.to)) {
      throw new PumprangeError('PR_GUARDRAIL', `${probe.to} may not be contacted`);
    }
    return new Promise<unknown>((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      const id = this.#next++;
      if (this.#asked.size === 0) this.#lastHeard = performance.now();
      this.#asked.set(id, { kind: probe.kind, resolve, reject });
      this.#child.stdin?.write(`${JSON.stringify({ id, probe })}\n`);
    }) as Promise<AnswerTo<Kind>>;
  }

  /** It leaves when nobody asks any more; one that does not is ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#watch);
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), LEAVES_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  #take(text: string): void {
    this.#lastHeard = performance.now();
    const line = proberLine.safeParse(jsonOf(text));
    if (!line.success) return this.#fail(`said ${JSON.stringify(shortText(text))}`);
    if ('ready' in line.data) return this.#ready?.resolve();
    const { id } = line.data;
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (asked === undefined) return;
    if ('failed' in line.data) return asked.reject(this.#error(`could not probe: ${line.data.failed}`));
    const answer = ANSWERS[asked.kind].safeParse(line.data.answer);
    if (answer.success) asked.resolve(answer.data);
    else asked.reject(this.#error(`answered what is no answer: ${shortText(answer.error.message)}`));
  }

  #fail(what: string): void {
    this.#failure ??= this.#error(`${what}${this.#lastWords === '' ? '' : `: ${this.#lastWords.trim()}`}`);
    clearInterval(this.#watch);
    this.#ready?.reject(this.#failure);
    for (const { reject } of this.#asked.values()) reject(this.#failure);
    this.#asked.clear();
    this.#child.kill('SIGKILL');
  }

  #error(what: string): PumprangeError {
    return new PumprangeError('PR_PROBER_FAILED', `zone "${this.zone}": its prober ${what}`);
  }
}

function startChild({ startInLab, program = PROGRAM }: ProberOptions): ChildProcess {
  const options: SpawnOptions = { stdio: ['pipe', 'pipe', 'pipe'] };
  if (startInLab !== undefined) return startInLab([...program, '--in-lab'], options);
  const [file, ...args] = program;
  return spawn(file, args, options);
}

const PROGRAM: Argv = [process.execPath, fileURLToPath(new URL('./prober-child.js', import.meta.url))];

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
