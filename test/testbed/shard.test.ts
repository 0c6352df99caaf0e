import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeapClock, seededRandom, unsettled } from '../../clock/index.ts';
import { createMemoryPki } from '../../pki/index.ts';
import { DEFAULT_SETTINGS } from '../../protocol/index.ts';
import { Caregiver, startShift } from '../../simulator/ward/index.ts';
import { loadWardData } from '../../testbed/data.ts';
import { addPump } from '../../testbed/fleet.ts';
import { parseShard, type Shard, shardOf, WHOLE } from '../../testbed/shard.ts';
import { wardPumps } from '../../testbed/ward-pumps.ts';

const data = loadWardData();

test('all shards together are the fleet, in order, and no two differ in size by more than one', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.integer({ min: 1, max: 40 }), (count, of) => {
      const all = Array.from({ length: count }, (_, index) => index);
      const shards = Array.from({ length: of }, (_, index) => shardOf(all, { index: index + 1, of }));
      expect(shards.flat()).toEqual(all);
      const sizes = shards.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

test.each(['0/3', '4/3', '1/0', '3', '1/2/3', '-1/3', '1.5/3', 'one/three', ''])('%j is no shard', (text) => {
  expect(() => parseShard(text)).toThrow(expect.objectContaining({ code: 'PR_USAGE' }));
});

/** What each pump of a shard did in four hours, by serial. */
function facts(shard: Shard, seed: number): Map<string, string> {
  const clock = new HeapClock(Date.UTC(2026, 2, 2, 6));
  const pki = createMemoryPki({ clock });
  const random = seededRandom(seed);
  const members = shardOf(wardPumps(7, data), shard).map((spec) =>
    addPump(
      { ...spec, library: data.libraries.find(({ library }) => library.careArea === spec.careArea)!.library },
      {
        ...{ clock, settling: unsettled, random, pki, data, telemetryEveryMs: 10_000 },
        judge: pki.judge({ revocation: false }),
        posture: { id: 'of-the-test', title: 'Of the test', controls: new Set(), settings: DEFAULT_SETTINGS },
        evidence: () => undefined,
        endpoint: () => {
          throw new Error('nobody connects here');
        },
      },
    ),
  );
  const did = new Map(members.map(({ pump }) => [pump.serial as string, createHash('sha256')]));
  let told = 0;
  for (const { pump } of members) {
    pump.onFact((fact) => {
      told += 1;
      did.get(pump.serial)?.update(JSON.stringify(fact));
    });
  }
  const caregiver = new Caregiver({
    clock,
    intents: () => undefined,
    libraries: data.libraries.map(({ library }) => library),
    role: 'nurse',
  });
  startShift({ clock, random: random.fork('shift'), pumps: members.map(({ pump }) => pump), caregiver });
  clock.runTo(clock.now() + 4 * 3_600_000);
  expect(told).toBeGreaterThan(20 * members.length);
  for (const { pump } of members) pump.dispose();
  return new Map([...did].map(([serial, hash]) => [serial, hash.digest('hex')]));
}

test('the same seed gives the same pumps, however the fleet is spread', () => {
  const whole = facts(WHOLE, 5);
  expect(whole.size).toBe(7);
  const spread = [1, 2, 3].flatMap((index) => [...facts({ index, of: 3 }, 5)]);
  expect(spread).toEqual([...whole]);
  expect([...facts(WHOLE, 6).values()]).not.toEqual([...whole.values()]);
});
