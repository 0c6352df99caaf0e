import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { PumprangeError } from '../../protocol/index.ts';

/** A Mosquitto that runs as a child of this process, and no longer than it. */
export interface MosquittoProcess {
  readonly pid: number;
  /** Resolves with its last words once it has ended, for whatever reason. */
  readonly ended: Promise<string>;
  /** It reads its access rules, certificate and revocation lists anew; sessions stay. Resolves once it does, or has ended. */
  reload(): Promise<void>;
  /** It says goodbye, writes down what it keeps, and ends. */
  stop(): Promise<void>;
}

/**
 * Holds Mosquitto to the life of its parent: the pipe on standard input closes with the parent, however that dies. It says the process id
 * first. Debian keeps the program where not everybody's PATH leads.
 */
const KEEPER = `
PATH="$PATH:/usr/local/sbin:/usr/sbin"
command -v mosquitto >/dev/null || exit 127
exec 3<&0
mosquitto -c "$1" </dev/null 3<&- &
pid=$!
echo "$pid"
(
  cat <&3 >/dev/null
  kill -TERM "$pid"
  tries=0
  while kill -0 "$pid" && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -KILL "$pid"
) >/dev/null 2>&1 &
wait "$pid"
`;

const LAST_WORDS = 2_000;

/**
 * Starts Mosquitto with a configuration and waits until it listens.
 *
 * @param logged is given each line of its log, which it writes before it answers
 * @throws PumprangeError `PR_BROKER_MISSING`, `PR_PORT_IN_USE`, `PR_PORT_DENIED`, `PR_BROKER_FAILED`
 */
export function startMosquitto(
  configurationFile: string,
  logged: (line: string) => void = () => undefined,
): Promise<MosquittoProcess> {
  // In a group of its own: a Ctrl-C in the terminal is for the parent, which then ends it.
  const child = spawn('sh', ['-c', KEEPER, 'sh', configurationFile], { stdio: 'pipe', detached: true });
  let pid = 0;
  let said = '';
  const reloads: (() => void)[] = [];
  child.stdin.on('error', () => undefined); // it ended, which `ended` tells
  child.stdout.on('data', (bytes: Buffer) => {
    pid ||= Number.parseInt(bytes.toString(), 10);
  });
  const ended = new Promise<{ readonly code: number | null; readonly said: string }>((resolve) => {
    child.once('error', (error) => resolve({ code: 127, said: error.message }));
    child.once('exit', (code) => {
      child.stdin.destroy();
      child.stderr.destroy();
      resolve({ code, said: said.trim() });
    });
  });
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.endsWith('Reloading config.')) reloads.shift()?.();
      logged(line);
    });
    child.stderr.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(-LAST_WORDS);
      if (pid === 0 || !/ running$/m.test(said)) return;
      resolve({
        pid,
        ended: ended.then((end) => end.said),
        // It says so before it reads, and answers nobody until it has read.
        reload: () =>
          new Promise((reloaded) => {
            reloads.push(reloaded);
            void ended.then(() => reloaded());
            process.kill(pid, 'SIGHUP');
          }),
        stop: async () => {
          child.stdin.end();
          await ended;
        },
      });
    });
    // After it stood this changes nothing any more.
    void ended.then((end) => reject(failure(end.code, end.said, configurationFile)));
  });
}

function failure(code: number | null, said: string, file: string): PumprangeError {
  if (code === 127) return new PumprangeError('PR_BROKER_MISSING', 'there is no program mosquitto');
  const last = said.split('\n').at(-1) ?? '';
  if (/address already in use/i.test(said))
    return new PumprangeError('PR_PORT_IN_USE', `Mosquitto said: ${last}`);
  if (/permission denied/i.test(said) && /listen|bind|socket/i.test(said)) {
    return new PumprangeError('PR_PORT_DENIED', `Mosquitto said: ${last}`);
  }
  return new PumprangeError(
    'PR_BROKER_FAILED',
    `Mosquitto with ${file} said: ${last || `nothing, and ended with ${code}`}`,
  );
}
