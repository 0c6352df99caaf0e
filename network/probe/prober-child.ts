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
    case 'service':
      return conversing.run(async () => (await import('./service.ts')).probeService(probe));
  }
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

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
