import { createInterface } from 'node:readline';
import { z } from 'zod';

/**
 * The control port of a component that runs as a process of its own: JSON-RPC 2.0, one message a line, on standard input and output. It is
 * out of band: no simulated network has it, and no table of who reaches what.
 */
export interface ControlPort {
  /** Says something without being asked. */
  notify(method: string, params: unknown): void;
  /** Resolves when the other side has closed its end, or asked to stop. */
  readonly ended: Promise<void>;
}

export type ControlMethods = Readonly<Record<string, (params: unknown) => unknown | Promise<unknown>>>;

const requestSchema = z.strictObject({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string(),
  params: z.unknown().optional(),
});

/** Codes of the JSON-RPC 2.0 specification, §5.1. */
const PARSE_ERROR = -32_700;
const METHOD_NOT_FOUND = -32_601;
const INTERNAL_ERROR = -32_603;

/** Opens the control port; `stop` is a method of every component. */
export function openControlPort(
  methods: ControlMethods,
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stdout,
): ControlPort {
  const say = (message: object): void => {
    output.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  };
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const ended = new Promise<void>((resolve) => {
    lines.once('close', resolve);
    lines.on('line', (line) => {
      if (line.trim() === '') return;
      const request = readRequest(line);
      if (request === undefined) {
        say({ id: null, error: { code: PARSE_ERROR, message: 'not a JSON-RPC 2.0 request' } });
        return;
      }
      const { id = null, method, params } = request;
      if (method === 'stop') {
        say({ id, result: 'stopping' });
        lines.close();
        return;
      }
      const perform = Object.hasOwn(methods, method) ? methods[method] : undefined;
      if (perform === undefined) {
        say({ id, error: { code: METHOD_NOT_FOUND, message: `there is no method ${method}` } });
        return;
      }
      Promise.resolve()
        .then(() => perform(params))
        .then(
          (result) => say({ id, result: result ?? null }),
          (error: unknown) => {
            const message = error instanceof Error ? error.message : String(error);
            say({ id, error: { code: INTERNAL_ERROR, message } });
          },
        );
    });
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
