import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import type { ReachAnswer } from './answer.ts';
import type { ProbePath, ReachProbe } from './request.ts';

/** How long a dropped probe waits, and how often it is sent. Real time: it is the network's, not the model's. */
export const PATIENCE_MS = 300;
const TRIES = 2;

type Seen = Omit<ReachAnswer, 'ms'>;

/**
 * Whether a port answers. Nothing within 300 ms, twice, is `dropped`; a UDP port that takes what comes and says nothing looks the same.
 *
 * @throws Error where the probe could not leave at all, such as from an address that is not there
 */
export async function probeReach(probe: ReachProbe): Promise<ReachAnswer> {
  const begun = performance.now();
  const once = probe.kind === 'tcp' ? tcpOnce : udpOnce;
  for (let attempt = 1; ; attempt++) {
    const seen = await once(probe);
    if (seen !== undefined) return { ...seen, ms: since(begun) };
    if (attempt === TRIES) {
      return { outcome: 'dropped', detail: `nothing in ${TRIES} × ${PATIENCE_MS} ms`, ms: since(begun) };
    }
  }
}

/** Milliseconds with three decimals. */
export function since(begun: number): number {
  return Math.round((performance.now() - begun) * 1_000) / 1_000;
}

function tcpOnce({ from, to, port }: ProbePath): Promise<Seen | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...{ host: to, port, family: isIPv6(to) ? 6 : 4, autoSelectFamily: false },
      ...(from !== undefined && { localAddress: from }),
    });
    const timer = patience(() => done(undefined));
    const done = (seen: Seen | undefined): void => {
      clearTimeout(timer());
      socket.destroy();
      resolve(seen);
    };
    socket.once('connect', () => done({ outcome: 'open', detail: 'connected' }));
    socket.on('error', (error) => {
      const seen = refusal(error, 'RST or port unreachable');
      if (seen !== undefined) return done(seen);
      clearTimeout(timer());
      socket.destroy();
      reject(error);
    });
  });
}

const DATAGRAM = Buffer.from('PUMPRANGE PROBE, TRAINING\n');

function udpOnce({ from, to, port }: ProbePath): Promise<Seen | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(to) ? 'udp6' : 'udp4');
    const timer = patience(() => done(undefined));
    const end = (): void => {
      clearTimeout(timer());
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.close();
    };
    const done = (seen: Seen | undefined): void => {
      end();
      resolve(seen);
    };
    const failed = (error: Error): void => {
      const seen = refusal(error, 'port unreachable');
      if (seen !== undefined) return done(seen);
      end();
      reject(error);
    };
    socket.on('error', failed);
    socket.once('message', (bytes) => done({ outcome: 'open', detail: `${bytes.length} bytes came back` }));
    // Connected, so that the kernel tells of what ICMP says.
    socket.once('connect', () => socket.send(DATAGRAM, (error) => error && failed(error)));
    socket.bind({ ...(from !== undefined && { address: from }), exclusive: true }, () => {
      socket.connect(port, to);
    });
  });
}

/**
 * Waits, and once it is over looks a last time: on a busy machine the answer may lie in the kernel already.
 *
 * @returns the timer that runs now
 */
function patience(over: () => void): () => NodeJS.Timeout {
  let timer = setTimeout(() => {
    timer = setTimeout(over, 1);
  }, PATIENCE_MS);
  return () => timer;
}

/** What an error says of the network; `undefined`: it says something of this machine. */
function refusal(error: Error, byHost: string): Seen | undefined {
  const code = 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ECONNREFUSED':
    case 'ECONNRESET':
      return { outcome: 'refused', by: 'host', detail: byHost };
    // ICMP administratively prohibited [RFC 792; RFC 4443 §3.1]; a router that finds no such host says the same, seconds later.
    case 'EHOSTUNREACH':
    case 'EACCES':
    case 'EPERM':
      return { outcome: 'refused', by: 'firewall', detail: `${code}: prohibited on the way` };
    case 'ENETUNREACH':
      return { outcome: 'dropped', detail: 'ENETUNREACH: no route' };
    default:
      return undefined;
  }
}
