import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Bounded } from './bounded.ts';
import { probeReach } from './reach.ts';
import type { Probe, ProbeRequest } from './request.ts';

/**
 * The process that stands in a zone: requests come in as lines, answers go out as lines. It imports little, and what is seldom needed only
 * when it is asked for, since there is one of them a zone. Its pipes are the engine's channel: out of band, on no network.
 */
const REACHING_AT_A_TIME = 256;
const CONVERSING_AT_A_TIME = 16;

const reaching = new Bounded(REACHING_AT_A_TIME);
const conversing = new Bounded(CONVERSING_AT_A_TIME);

function carryOut(probe: Probe): Promise<object> {
  switch (probe.kind) {
    case 'tcp':
    case 'udp':
      return reaching.run(() => probeReach(probe));
    case 'tls':
      return conversing.run(async () => (await import('./tls.ts')).probeTls(probe));
    case 'mqtt':
      return conversing.run(async () => (await import('./mqtt.ts')).probeMqtt(probe));
    case 'session':
      return reaching.run(async () => (await import('./session.ts')).probeSession(probe));
    case 'service':
      return conversing.run(async () => (await import('./service.ts')).probeService(probe));
  }
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/**
 * A kernel tells a peer only now and then that a UDP port is closed [icmp(7)]. In a namespace of its own, where it is asked for all of
 * them at once, it is to tell each time.
 */
function tellOfEachClosedPort(): void {
  for (const [file, value] of NO_LIMITS) {
    try {
      writeFileSync(`/proc/sys/net/${file}`, value);
    } catch {
      // A kernel without it; what it does not tell shows as dropped.
    }
  }
}

const NO_LIMITS = [
  ['ipv4/icmp_ratelimit', '0'],
  ['ipv4/icmp_msgs_per_sec', '1000000'],
  ['ipv4/icmp_msgs_burst', '1000000'],
  ['ipv6/icmp/ratelimit', '0'],
] as const;

if (process.argv.includes('--in-lab')) tellOfEachClosedPort();
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const { id, probe }: ProbeRequest = JSON.parse(line);
  carryOut(probe).then(
    (answer) => say({ id, answer }),
    (error: unknown) => say({ id, failed: error instanceof Error ? error.message : String(error) }),
  );
});
// Whoever asks is gone: nobody wants to know any more.
lines.once('close', () => process.exit(0));
process.stdout.on('error', () => process.exit(0));
say({ ready: true });
