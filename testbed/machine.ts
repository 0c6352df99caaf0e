import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

export interface MachineFinding {
  readonly what: string;
  readonly present: boolean;
  /** Whether Pumprange's own work needs it; the rest is for looking on, and for the full test suite. */
  readonly needed: boolean;
  readonly detail: string;
  readonly wayOut: string;
}

const run = promisify(execFile);

const TOOLS: readonly {
  what: string;
  command: string;
  args: readonly string[];
  detail: string;
  wayOut: string;
}[] = [
  {
    what: 'mosquitto_sub',
    command: 'mosquitto_sub',
    args: ['--help'],
    detail: 'watches a ward from outside',
    wayOut: 'install mosquitto-clients',
  },
  {
    what: 'openssl',
    command: 'openssl',
    args: ['version'],
    detail: 'judges certificates in the tests',
    wayOut: 'install openssl',
  },
];

/** Looks at the machine: Node.js, loopback, and the programs that tests and how-tos use. */
export async function examineMachine(): Promise<MachineFinding[]> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const node: MachineFinding = {
    what: 'Node.js',
    present: major > 20 || (major === 20 && minor >= 19),
    needed: true,
    detail: process.versions.node,
    wayOut: 'install Node.js 20.19 or later',
  };
  const loopback: MachineFinding = {
    what: 'loopback',
    present: await canListen(),
    needed: true,
    detail: 'the broker listens on 127.0.0.1',
    wayOut: 'allow this user to listen on 127.0.0.1',
  };
  const tools = TOOLS.map(async ({ what, command, args, detail, wayOut }) => ({
    what,
    present: await canRun(command, args),
    needed: false,
    detail,
    wayOut,
  }));
  return [node, loopback, ...(await Promise.all(tools))];
}

/** Whether a program is there; what it answers does not matter. */
async function canRun(command: string, args: readonly string[]): Promise<boolean> {
  try {
    await run(command, [...args], { timeout: 10_000 });
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
  }
}

function canListen(): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(0, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
