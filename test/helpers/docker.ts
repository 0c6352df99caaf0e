import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ended } from './command.ts';
import { hasTool } from './require-tool.ts';

/** A Docker daemon of a test's own: its images, containers and networks end with it. */
export interface Docker {
  /** Runs `docker` or `docker-compose` to its end. */
  run(command: readonly [string, ...string[]], options?: DockerRun): Promise<Ended>;
  /** Starts it and leaves it running. */
  start(command: readonly [string, ...string[]]): ChildProcess;
  /** Another daemon over the same images, with another network. */
  moveTo(network: DockerNetwork): Promise<void>;
  close(): Promise<void>;
}

export interface DockerRun {
  readonly input?: Buffer;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** `machine`: it touches no network of the machine, and what it builds may use that; `own`: it has a network namespace to itself. */
export type DockerNetwork = 'machine' | 'own';

/** Whether a daemon can be started here; said where not, and a failure with `PUMPRANGE_REQUIRE=all`. */
export function canStartDocker(): boolean {
  const tools = [
    hasTool('dockerd', 'docker.io'),
    hasTool('docker-compose'),
    hasTool('unshare', 'util-linux'),
  ];
  if (tools.includes(false)) return false;
  if (process.getuid?.() === 0) return true;
  const reason = 'a Docker daemon is started by root alone';
  if (process.env['PUMPRANGE_REQUIRE'] === 'all') throw new Error(`PUMPRANGE_REQUIRE=all, but ${reason}`);
  process.stderr.write(`skipped: ${reason}\n`);
  return false;
}

export async function openDocker(network: DockerNetwork): Promise<Docker> {
  // Sockets have short names.
  const folder = mkdtempSync(join(tmpdir(), 'pr-docker-'));
  inMemory(join(folder, 'data'));
  let daemon = await startDaemon(folder, network).catch((error: unknown) => {
    remove(folder);
    throw error;
  });
  const started = new Set<ChildProcess>();
  const kill = (): void => {
    daemon.kill('SIGTERM');
  };
  process.once('exit', kill);
  const begin = (
    [program, ...args]: readonly [string, ...string[]],
    { cwd, env = {} }: DockerRun = {},
  ): ChildProcess => {
    const child = spawn(program, args, {
      cwd,
      // The builder that is part of the daemon, which every version has.
      env: { ...process.env, DOCKER_HOST: `unix://${folder}/d.sock`, DOCKER_BUILDKIT: '0', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    started.add(child);
    child.once('close', () => started.delete(child));
    child.stdin?.on('error', () => undefined);
    return child;
  };
  return {
    run: (command, options = {}) =>
      new Promise((resolve, reject) => {
        const child = begin(command, options);
        const texts = { stdout: '', stderr: '' };
        child.stdout?.on('data', (bytes) => {
          texts.stdout += bytes;
        });
        child.stderr?.on('data', (bytes) => {
          texts.stderr += bytes;
        });
        child.once('error', reject);
        child.once('close', (code) => resolve({ code, ...texts }));
        child.stdin?.end(options.input);
      }),
    start: (command) => begin(command),
    moveTo: async (to) => {
      await stopDaemon(daemon);
      daemon = await startDaemon(folder, to);
    },
    close: async () => {
      process.off('exit', kill);
      for (const child of started) child.kill('SIGKILL');
      await stopDaemon(daemon);
      remove(folder);
    },
  };
}

const ROOM_BYTES = 8 * 1024 ** 3;

/** Images are many small files, which take minutes to write and to remove on a slow disk: where there is room, they are kept in memory. */
function inMemory(folder: string): void {
  if (freemem() < ROOM_BYTES) return;
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${ROOM_BYTES / 2},mode=711`, 'pr-docker', folder]);
}

const PATIENCE_MS = 60_000;

async function startDaemon(folder: string, network: DockerNetwork): Promise<ChildProcess> {
  const places = [
    ...['-H', `unix://${folder}/d.sock`, '--data-root', join(folder, 'data')],
    ...['--exec-root', join(folder, 'run'), '--pidfile', join(folder, 'd.pid')],
  ];
  const quiet = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'];
  const [program, ...args] =
    network === 'machine'
      ? ['dockerd', ...places, ...quiet]
      : [
          'unshare',
          '--net',
          'sh',
          '-c',
          'ip link set lo up && exec dockerd "$@"',
          'sh',
          ...places,
          '--bridge=none',
        ];
  const log = openSync(join(folder, 'daemon.log'), 'a');
  const daemon = spawn(program ?? '', args, { stdio: ['ignore', log, log] });
  const untilMs = Date.now() + PATIENCE_MS;
  while (daemon.exitCode === null && Date.now() < untilMs) {
    try {
      execFileSync('docker', ['-H', `unix://${folder}/d.sock`, 'version'], { stdio: 'ignore' });
      return daemon;
    } catch {
      await sleep(200);
    }
  }
  await stopDaemon(daemon);
  const said = readFileSync(join(folder, 'daemon.log'), 'utf8').split('\n').slice(-15).join('\n');
  throw new Error(`the Docker daemon did not start:\n${said}`);
}

async function stopDaemon(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill('SIGTERM');
  await Promise.race([ended, sleep(PATIENCE_MS)]);
  daemon.kill('SIGKILL');
}

/** With what a daemon that was killed left mounted. */
function remove(folder: string): void {
  const mounted = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[1] ?? [])
    .filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounted.reverse()) execFileSync('umount', ['-l', path], { stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
}
