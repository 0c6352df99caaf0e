import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { DOWN_ALL, lackingCapabilities, leftOverLabs, ownRights } from '../network/lab/index.ts';
import { FOREIGN_TOOLS } from './foreign-tools.ts';
import { hasLoopbackRange } from './loopback-range.ts';

export interface MachineFinding {
  readonly what: string;
  readonly present: boolean;
  /** Whether Pumprange's own work needs it; the rest is for looking on, and for the full test suite. */
  readonly needed: boolean;
  readonly detail: string;
  readonly wayOut: string;
}

/** A socket each, and what a process has besides. */
const FILES_FOR_10_000_PUMPS = 10_200;

const run = promisify(execFile);

/** Debian keeps servers where not everybody's PATH leads. */
const FIND = 'PATH="$PATH:/usr/local/sbin:/usr/sbin"; command -v -- "$1"';

/** Looks at the machine: Node.js, loopback, and the programs that commands, how-tos and tests use. */
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
  const zones: MachineFinding = {
    what: 'addresses',
    present: await hasLoopbackRange(),
    needed: false,
    detail: 'zones of the network are told apart by them',
    wayOut: 'use Linux, which answers on all of 127.0.0.0/8; without them no zone is enforced',
  };
  const tools = FOREIGN_TOOLS.map(async ({ command, debianPackage, neededFor }) => ({
    what: command,
    present: await isThere(command),
    needed: false,
    detail: neededFor,
    wayOut: `Debian: apt-get install ${debianPackage}`,
  }));
  return [node, loopback, zones, ...labRights(), await openFiles(), ...(await Promise.all(tools))];
}

/** What the network lab needs beside its tools. */
function labRights(): readonly MachineFinding[] {
  const rights = ownRights();
  const lacking = lackingCapabilities(rights);
  const left = leftOverLabs();
  return [
    {
      what: 'network lab',
      present: lacking.length === 0,
      needed: false,
      detail: 'root, to make network namespaces (network lab, network check)',
      wayOut: 'run it as root; in a container, with the capabilities NET_ADMIN and SYS_ADMIN',
    },
    {
      what: 'IPv6',
      present: rights.ipv6,
      needed: false,
      detail: 'zones of the network lab have it, too',
      wayOut: 'network lab up --ipv4-only; a kernel that was started with ipv6.disable=1 has none',
    },
    {
      what: 'left-over labs',
      present: left.length === 0,
      needed: false,
      detail: left.length === 0 ? 'none' : `of processes that were killed: ${left.join(', ')}`,
      wayOut: `${DOWN_ALL} removes what is left of them`,
    },
  ];
}

/** Node.js raises its soft limit to the hard one by itself, so that the hard one counts. */
async function openFiles(): Promise<MachineFinding> {
  const { stdout } = await run('/bin/sh', ['-c', 'ulimit -Hn'], { timeout: 10_000 });
  const most = stdout.trim() === 'unlimited' ? Number.POSITIVE_INFINITY : Number(stdout);
  return {
    what: 'open files',
    present: most >= FILES_FOR_10_000_PUMPS,
    needed: false,
    detail: `${Number.isFinite(most) ? most : 'any number'} a process; 10,000 pumps need ${FILES_FOR_10_000_PUMPS}`,
    wayOut: `as root: prlimit --pid $$ --nofile=${FILES_FOR_10_000_PUMPS}, in the shell that starts it`,
  };
}

async function isThere(command: string): Promise<boolean> {
  try {
    await run('/bin/sh', ['-c', FIND, 'sh', command], { timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

function canListen(): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(0, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
