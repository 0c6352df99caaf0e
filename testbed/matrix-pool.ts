import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isErrorCode, PumprangeError } from '../protocol/index.ts';
import { type CellOrder, type CellRun, orderName } from '../scenarios/index.ts';

/** What a worker needs to know before it begins. */
export interface WorkerSetup {
  readonly what: readonly string[];
  readonly posture: string;
  readonly seed?: number | undefined;
}

export type WorkerAnswer =
  | { readonly ready: true }
  | { readonly done: CellRun }
  | { readonly failed: { readonly code: string | null; readonly message: string } };

interface Task {
  readonly order: CellOrder;
  readonly resolve: (run: CellRun) => void;
  readonly reject: (error: Error) => void;
}

/** Processes that share the cells of a matrix between them, in the order in which they were asked for. */
export class MatrixPool {
  readonly #workers: ChildProcess[];
  readonly #waiting: Task[] = [];
  readonly #idle: ChildProcess[] = [];
  readonly #busy = new Map<ChildProcess, Task>();
  #failure: Error | undefined;
  #isClosed = false;

  constructor(count: number, setup: WorkerSetup) {
    const script = fileURLToPath(new URL('./matrix-worker.js', import.meta.url));
    this.#workers = Array.from({ length: count }, () => {
      const worker = fork(script, [], { serialization: 'advanced' });
      worker.on('message', (answer: WorkerAnswer) => this.#answered(worker, answer));
      worker.on('error', (error) => this.#fail(error));
      worker.on('exit', (code, signal) => {
        if (this.#isClosed) return;
        const order = this.#busy.get(worker)?.order;
        const at = order === undefined ? '' : ` at ${orderName(order)}`;
        this.#fail(new Error(`a process of the matrix ended (${signal ?? code})${at}`));
      });
      worker.send(setup);
      return worker;
    });
  }

  /** @throws PumprangeError what the run threw; then nothing more is carried out */
  carryOut(order: CellOrder): Promise<CellRun> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#waiting.push({ order, resolve, reject });
      this.#next();
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const worker of this.#workers) if (worker.connected) worker.disconnect();
  }

  #next(): void {
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const worker = this.#idle.shift();
      const task = this.#waiting.shift();
      if (worker === undefined || task === undefined) return;
      this.#busy.set(worker, task);
      worker.send(task.order);
    }
  }

  #answered(worker: ChildProcess, answer: WorkerAnswer): void {
    if ('failed' in answer) {
      const order = this.#busy.get(worker)?.order;
      return this.#fail(errorOf(answer.failed, order));
    }
    if ('done' in answer) {
      this.#busy.get(worker)?.resolve(answer.done);
      this.#busy.delete(worker);
    }
    this.#idle.push(worker);
    this.#next();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of [...this.#busy.values(), ...this.#waiting]) reject(this.#failure);
    this.#busy.clear();
    this.#waiting.length = 0;
    this.close();
  }
}

function errorOf({ code, message }: { code: string | null; message: string }, order?: CellOrder): Error {
  const text = order === undefined ? message : `${orderName(order)}: ${message}`;
  return code !== null && isErrorCode(code) ? new PumprangeError(code, text) : new Error(text);
}
