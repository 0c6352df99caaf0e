import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PumprangeError } from '../../protocol/index.ts';
import type { ZonePolicy } from '../plan/policy.ts';
import type { Lab } from './lab.ts';
import { withLastWords } from './last-words.ts';

/** Something that a stand-in answers on. */
export interface StandInPort {
  readonly protocol: 'tcp' | 'udp';
  readonly host: string;
  readonly port: number;
}

/** The planned services of everything in a zone that is not there in truth, over both versions of IP. */
export function standInPorts(
  policy: ZonePolicy,
  { places }: Lab['layout'],
  zone: string,
  real: ReadonlySet<string>,
): readonly StandInPort[] {
  return places
    .filter((place) => place.zone === zone && !real.has(place.asset))
    .flatMap(({ asset, ipv4, ipv6 }) =>
      (policy.assets.get(asset)?.services ?? []).flatMap(({ protocol, port }) =>
        [ipv4, ipv6].flatMap((host) => (host === undefined ? [] : [{ protocol, host, port }])),
      ),
    );
}

const PROGRAM = fileURLToPath(new URL('./stand-in-child.js', import.meta.url));
const STARTS_WITHIN_MS = 20_000;

/**
 * Starts the process that answers in a zone, and waits until it listens.
 *
 * @param program how to start it; absent: with this Node.js
 * @throws PumprangeError `PR_LAB_FAILED`
 */
export async function startStandIn(
  lab: Lab,
  zone: string,
  ports: readonly StandInPort[],
  program: readonly [string, ...string[]] = [process.execPath, PROGRAM],
): Promise<ChildProcess> {
  const child = lab.spawn({ zone, side: 'assets' }, program, { stdio: ['pipe', 'pipe', 'pipe'] });
  let lastWords = '';
  child.stderr?.on('data', (bytes) => {
    lastWords = `${lastWords}${bytes}`.slice(-LAST_WORDS_CHARACTERS);
  });
  child.stdin?.on('error', () => undefined);
  child.stdin?.write(`${JSON.stringify(ports)}\n`);
  await new Promise<void>((resolve, reject) => {
    const failed = (why: string): void =>
      reject(new PumprangeError('PR_LAB_FAILED', withLastWords(`the stand-in of ${zone} ${why}`, lastWords)));
    const guard = setTimeout(
      () => failed(`said nothing within ${STARTS_WITHIN_MS / 1_000} s`),
      STARTS_WITHIN_MS,
    );
    child.once('error', (error) => failed(error.message));
    child.once('close', (code, signal) => {
      clearTimeout(guard);
      failed(`ended with ${signal ?? code}`);
    });
    if (child.stdout === null) return failed('has no output');
    createInterface({ input: child.stdout }).once('line', () => {
      clearTimeout(guard);
      resolve();
    });
  });
  return child;
}

const LAST_WORDS_CHARACTERS = 400;
