import { z } from 'zod';
import { PumprangeError } from '../protocol/index.ts';
import { LineSplitter } from './line-splitter.ts';

/**
 * The control port of a component that runs as a process of its own, or of a ward: JSON-RPC 2.0, one message a line, on standard input and
 * output or on a socket. It is out of band: no simulated network has it, and no table of who reaches what.
 */
export interface ControlPort {
  /** Says something without being asked. */
  notify(method: string, params: unknown): void;
  /** Resolves when the other side has closed its end, or asked to stop. */
  readonly ended: Promise<void>;
}

export type ControlMethods = Readonly<Record<string, (params: unknown) => unknown | Promise<unknown>>>;

/** Parameters that a method does not take; answered with the code of JSON-RPC for it. */
export class InvalidParamsError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'InvalidParamsError';
  }
}

const requestSchema = z.strictObject({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string(),
  params: z.unknown().optional(),
});

/** Codes of the JSON-RPC 2.0 specification, §5.1. */
const PARSE_ERROR = -32_700;
const METHOD_NOT_FOUND = -32_601;
const INVALID_PARAMS = -32_602;
const INTERNAL_ERROR = -32_603;

/**
 * So many requests are answered, then the others have their turn: about 3,000 a second. Whoever sends more is read more slowly, and
 * neither memory nor time of this process is theirs.
 */
const REQUESTS_A_TURN = 32;
const TURN_MS = 10;

/** Opens the control port; `stop` is a method of every component, and ends the port. */
export function openControlPort(
  methods: ControlMethods,
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stdout,
): ControlPort {
  const splitter = new LineSplitter();
  let waiting: (string | null)[] = [];
  let turn: NodeJS.Timeout | undefined;
  let full = false;
  let underWay = 0;
  let inputEnded = false;
  let closed = false;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });

  const say = (message: object): void => {
    full = !output.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  };
  const close = (): void => {
    closed = true;
    waiting = [];
    clearTimeout(turn);
    input.pause();
    end();
  };
  const work = (): void => {
    turn = undefined;
    const now = waiting.splice(0, REQUESTS_A_TURN);
    for (const line of now) {
      if (closed) return;
      answer(line);
    }
    if (closed) return;
    if (waiting.length > 0 || now.length === REQUESTS_A_TURN) turn = setTimeout(next, TURN_MS);
    else next();
  };
  /** Goes on with what waits, or reads on; but not while nobody reads the answers. */
  const next = (): void => {
    turn = undefined;
    if (closed || full) return;
    if (waiting.length > 0) work();
    else if (!inputEnded) input.resume();
    else if (underWay === 0) close();
  };
  const answer = (line: string | null): void => {
    if (line?.trim() === '') return;
    const request = line === null ? undefined : readRequest(line);
    if (request === undefined) {
      say({ id: null, error: { code: PARSE_ERROR, message: 'not a JSON-RPC 2.0 request' } });
      return;
    }
    const { id = null, method, params } = request;
    if (method === 'stop') {
      say({ id, result: 'stopping' });
      close();
      return;
    }
    const perform = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (perform === undefined) {
      say({ id, error: { code: METHOD_NOT_FOUND, message: `there is no method ${method.slice(0, 64)}` } });
      return;
    }
    underWay += 1;
    void Promise.resolve()
      .then(() => perform(params))
      .then(
        (result) => say({ id, result: result ?? null }),
        (error: unknown) => say({ id, error: errorObject(error) }),
      )
      .then(() => {
        underWay -= 1;
        if (inputEnded && turn === undefined) next();
      });
  };

  input.on('data', (bytes: Buffer | string) => {
    if (closed) return;
    const lines = splitter.take(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    waiting = waiting.length === 0 ? lines : waiting.concat(lines);
    if (waiting.length === 0) return;
    input.pause();
    if (turn === undefined) next();
  });
  input.once('end', () => {
    inputEnded = true;
    waiting.push(...splitter.rest());
    if (turn === undefined) next();
  });
  input.once('close', () => {
    // After its end, what was asked before is still answered.
    if (!inputEnded) close();
  });
  input.on('error', close);
  output.once('close', close);
  output.on('drain', () => {
    full = false;
    if (turn === undefined) next();
  });
  return { notify: (method, params) => say({ method, params }), ended };
}

function readRequest(line: string): z.infer<typeof requestSchema> | undefined {
  try {
    return requestSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** A coded error carries its code along, so that the other side can say cause and way out. */
function errorObject(error: unknown): { code: number; message: string; data?: { code: string } } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof InvalidParamsError) return { code: INVALID_PARAMS, message };
  if (error instanceof PumprangeError) return { code: INTERNAL_ERROR, message, data: { code: error.code } };
  return { code: INTERNAL_ERROR, message };
}
