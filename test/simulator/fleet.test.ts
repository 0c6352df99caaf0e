import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { pumpTopic } from '../../protocol/index.ts';
import { buildFleet } from '../helpers/fleet.ts';

const HOURS = 8;
const HOURS_MS = 3_600_000;

/** What two pumps told and what was published of them in some hours of a shift, each as one hash. */
async function transcripts(options: {
  readonly count: number;
  readonly seed?: number;
  /** Called as often as the simulation has come on a little. */
  readonly beside?: () => void;
}): Promise<{ readonly facts: number; readonly said: number; readonly hashes: readonly string[] }> {
  const fleet = buildFleet({ count: options.count, seed: options.seed ?? 11 });
  const [first, second] = fleet.members;
  if (first === undefined || second === undefined) throw new Error('two pumps at least');
  const hashes = [first, second].map(() => ({ facts: createHash('sha256'), said: createHash('sha256') }));
  let facts = 0;
  let said = 0;
  for (const [index, { pump }] of [first, second].entries()) {
    pump.onFact((fact) => {
      facts += 1;
      hashes[index]?.facts.update(JSON.stringify(fact));
    });
    const listener = await fleet.broker.dial(
      { clientId: `listener-${index}`, keepAliveS: 0 },
      {
        message: (topic, payload, retained) => {
          said += 1;
          hashes[index]?.said.update(`${topic} ${retained} ${payload.toString()}`);
        },
        closed: () => undefined,
      },
    );
    // Not its receipts: the server numbers them over all pumps.
    for (const topic of ['status', 'telemetry', 'alarm', 'event', 'ack'] as const) {
      void listener.subscribe(pumpTopic(pump.serial, topic), 1);
    }
  }
  await fleet.start();
  for (let quarter = 0; quarter < 4 * HOURS; quarter += 1) {
    options.beside?.();
    await fleet.run(HOURS_MS / 4);
  }
  fleet.stop();
  return {
    facts,
    said,
    hashes: hashes.flatMap((each) => [each.facts.digest('hex'), each.said.digest('hex')]),
  };
}

test('what a pump does and says hangs on the seed and its serial, not on how many are beside it', async () => {
  const few = await transcripts({ count: 3 });
  const many = await transcripts({ count: 60 });
  expect(few.facts).toBeGreaterThan(50);
  expect(few.said).toBeGreaterThan(2 * HOURS * 360);
  expect(many).toEqual(few);
});

test('another seed gives another transcript', async () => {
  const one = await transcripts({ count: 3 });
  const other = await transcripts({ count: 3, seed: 12 });
  for (const [index, hash] of one.hashes.entries()) expect(other.hashes[index]).not.toBe(hash);
});

test('a machine that is busy with other things changes nothing', async () => {
  const calm = await transcripts({ count: 3 });
  const busy = new Worker('for (;;) Math.sqrt(2);', { eval: true });
  let ends = 0;
  const hog = setInterval(() => {
    for (const endsAt = performance.now() + 5; performance.now() < endsAt; ) ends += 1;
  }, 0);
  try {
    const beside = () => {
      for (const endsAt = performance.now() + 10; performance.now() < endsAt; ) ends += 1;
    };
    expect(await transcripts({ count: 3, beside })).toEqual(calm);
    expect(ends).toBeGreaterThan(0);
  } finally {
    clearInterval(hog);
    await busy.terminate();
  }
});
