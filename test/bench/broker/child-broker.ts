import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { HOUSE } from '../../../testbed/index.ts';
import type { Usage } from './broker-child.ts';

/** A broker that runs elsewhere. */
export interface ChildBroker {
  readonly port: number;
  /** What it has used since it began. */
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

const LOADER = join(HOUSE, 'tools', 'ts-loader.mjs');

/** A script of this folder as a process of its own, after the first thing that it says. */
export async function forkScript<T>(
  name: string,
  args: readonly string[],
): Promise<{ readonly child: ChildProcess; readonly first: T }> {
  const child = fork(join(import.meta.dirname, name), [...args], {
    execArgv: ['--import', LOADER],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return { child, first: await said<T>(child) };
}

/** Asks a child, which answers one question at a time. */
export function ask<T>(child: ChildProcess, question: string): Promise<T> {
  const answer = said<T>(child);
  child.send(question);
  return answer;
}

function said<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null): void =>
      reject(new Error(`a child of the benchmark ended with ${code}`));
    child.once('exit', gone);
    child.once('message', (message) => {
      child.off('exit', gone);
      resolve(message as T);
    });
  });
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
}

/** @param dir holds the PKI, which is there already */
export async function startBroker(kind: 'ours' | 'bare', dir: string): Promise<ChildBroker> {
  const { child, first } = await forkScript<{ port: number }>('broker-child.ts', [kind, dir]);
  return { port: first.port, usage: () => ask<Usage>(child, 'usage'), stop: () => ended(child) };
}
