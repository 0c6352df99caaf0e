import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { carryOut, scenarioWith } from '../helpers/rehearsal.ts';

const RUNS = 1_000;
/** What is built once: PKI templates, validators, compiled code. It takes 500 runs until 3 MB of it are there; the next 3,500 add none. */
const WARM_UP = 500;
/** A run that left one pump behind, with its machine and its timers, would leave 12 times as much. */
const MOST_BYTES_A_RUN = 8_192;

const nobody = { as: { credential: 'none' }, listener: 'plaintext' } as const;
/** Each opens sockets, listens, leads a pump astray, or leaves a timer; no two end alike. */
const SCENARIOS = [
  [{ do: 'connect', connection: 'one', to: 'broker', ...nobody }],
  [{ do: 'open-connections', ...nobody, upTo: 'session', count: 3, perSecond: 3, hold: '10m' }],
  [{ do: 'open-connections', ...nobody, upTo: 'tcp', count: 2, perSecond: 2, hold: '10m' }],
  [{ do: 'send-malformed', ...nobody, malformation: 'second-connect' }],
  [
    { do: 'rogue-server', connection: 'one', shows: { credential: 'none' }, behaviour: 'relays' },
    { do: 'misdirect', connection: 'one', pumps: 'all' },
  ],
  [{ do: 'publish-flood', ...nobody, topic: 'x', qos: 1, payloadBytes: 10, count: 400, perSecond: 10 }],
].map((steps) => scenarioWith(steps, { duration: '64s', telemetryEvery: '10m' }));

/** What keeps the process alive or reads from somewhere, by kind, without what vitest itself has. */
function handles(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => /TCP|TLS|Timeout|FSReq|Process/.test(kind));
}

function collect(): number {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  if (typeof gc !== 'function') throw new Error('there is no gc');
  gc();
  return process.memoryUsage().heapUsed;
}

async function run(times: number): Promise<void> {
  for (let index = 0; index < times; index++) {
    const scenario = SCENARIOS[index % SCENARIOS.length];
    if (scenario !== undefined) await carryOut(scenario);
  }
}

describe('a thousand rehearsals in one process', () => {
  it(
    'leave neither handles nor memory',
    async () => {
      await run(WARM_UP);
      await new Promise((resolve) => setImmediate(resolve));
      const before = { handles: handles(), bytes: collect() };
      await run(RUNS);
      await new Promise((resolve) => setImmediate(resolve));
      const after = { handles: handles(), bytes: collect() };
      expect(after.handles.sort()).toEqual(before.handles.sort());
      expect((after.bytes - before.bytes) / RUNS).toBeLessThan(MOST_BYTES_A_RUN);
    },
    10 * 60_000,
  );
});
