import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach } from 'vitest';

/** The command as it is installed. */
export const BIN = resolve(import.meta.dirname, '../../bin/pumprange.js');

/** Longer than anything takes; a hang ends here and says so. */
export const HANG_MS = 180_000;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with what was printed so far once it matches. */
  until(pattern: RegExp): Promise<string>;
  input(text: string): void;
}

const running = new Set<ChildProcess>();
const folders: string[] = [];

afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
  // The Mosquitto of a ward that was killed stops by itself a moment later, and writes down what it holds until then.
  const patience = { maxRetries: 20, retryDelay: 50 };
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true, ...patience });
});

/** A folder of its own, gone after the test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pumprange-test-'));
  folders.push(folder);
  return folder;
}

/** Starts the built command, without a terminal. */
export function start(args: readonly string[], options: { readonly cwd?: string } = {}): Running {
  return follow(
    spawn(process.execPath, [BIN, ...args], {
      cwd: options.cwd ?? tempFolder(),
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    }),
  );
}

/** Runs the built command to its end. */
export function pumprange(args: readonly string[], options: { readonly cwd?: string } = {}): Promise<Ended> {
  const child = start(args, options);
  child.process.stdin?.end();
  return child.ended;
}

/** Follows a process: what it prints, and how it ends. */
export function follow(child: ChildProcess): Running {
  running.add(child);
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  const look = (): void => {
    for (const watcher of watchers) watcher();
  };
  child.stdout?.on('data', (bytes) => {
    stdout += bytes;
    look();
  });
  child.stderr?.on('data', (bytes) => {
    stderr += bytes;
    look();
  });
  const ended = new Promise<Ended>((done, fail) => {
    const guard = setTimeout(() => fail(new Error(`it hangs; it said:\n${stdout}\n${stderr}`)), HANG_MS);
    child.once('error', fail);
    child.once('close', (code) => {
      clearTimeout(guard);
      running.delete(child);
      done({ code, stdout, stderr });
      look();
    });
  });
  return {
    process: child,
    ended,
    until: (pattern) =>
      new Promise((done, fail) => {
        const watcher = (): void => {
          if (pattern.test(stdout + stderr)) done(stdout + stderr);
          else if (child.exitCode !== null)
            fail(new Error(`it ended without ${pattern}:\n${stdout}\n${stderr}`));
        };
        watchers.add(watcher);
        watcher();
      }),
    input: (text) => child.stdin?.write(text),
  };
}
