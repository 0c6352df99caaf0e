import { expect, test } from 'vitest';
import { HeapClock, type Random, seededRandom } from '../../../clock/index.ts';
import { type EvidenceEntry, parseSerial } from '../../../protocol/index.ts';
import { EnrolmentError, type SiteCertificate } from '../../../simulator/enrolment/est-client.ts';
import { keepCertified } from '../../../simulator/enrolment/keep-certified.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const birth = { chainPem: 'birth', privateKeyPem: 'birth key' };
/** No jitter: what lies in the middle of every range. */
const middle: Random = { ...seededRandom(1), between: (from, to) => (from + to) / 2 };

/** A CA that is asked, and answers when the test says so. */
function setUp() {
  const clock = new HeapClock(0);
  const evidence: EvidenceEntry[] = [];
  const asked: {
    readonly atMs: number;
    readonly operation: string;
    readonly shown: string;
    readonly grant: () => Promise<void>;
    readonly refuse: (error: Error) => Promise<void>;
  }[] = [];
  let changes = 0;
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const kept = keepCertified({
    clock,
    random: middle,
    serial: parseSerial('LVP-0001')!,
    birth,
    evidence: (entry) => void evidence.push(entry),
    changed: () => {
      changes += 1;
    },
    enrol: (operation, shown) =>
      new Promise((resolve, reject) => {
        const certificate: SiteCertificate = {
          chainPem: `site-${asked.length}`,
          privateKeyPem: 'key',
          fingerprint: 'ab',
          authority: 'old',
          obtainedAtMs: clock.now(),
          notAfterMs: clock.now() + 30 * DAY_MS,
        };
        asked.push({
          atMs: clock.now(),
          operation,
          shown: shown.chainPem,
          grant: () => {
            resolve(certificate);
            return settle();
          },
          refuse: (error) => {
            reject(error);
            return settle();
          },
        });
      }),
  });
  kept.resume();
  clock.fireInstant();
  return { clock, evidence, asked, kept, changes: () => changes };
}

test('enrols with the birth certificate, and renews with what it got after two thirds of the lifetime', async () => {
  const { clock, asked, kept, changes } = setUp();
  expect(asked).toMatchObject([{ operation: 'simpleenroll', shown: 'birth', atMs: 0 }]);
  expect([kept.current(), changes()]).toEqual([undefined, 0]);
  await asked[0]!.grant();
  expect([kept.current()?.chainPem, changes()]).toEqual(['site-0', 1]);
  clock.runTo(20 * DAY_MS);
  expect(asked[1]).toMatchObject({ operation: 'simplereenroll', shown: 'site-0', atMs: 20 * DAY_MS });
  await asked[1]!.grant();
  expect([kept.current()?.chainPem, changes()]).toEqual(['site-1', 2]);
});

test('asks a CA that is down again, waiting twice as long each time, up to an hour, and keeps what it has', async () => {
  const { clock, asked, kept, evidence } = setUp();
  await asked[0]!.grant();
  clock.runTo(20 * DAY_MS);
  for (let index = 1; index < 10; index++) {
    await asked[index]!.refuse(new EnrolmentError('connect ECONNREFUSED'));
    clock.fireInstant();
  }
  const waits = asked.slice(2).map(({ atMs }, index) => (atMs - asked[index + 1]!.atMs) / MINUTE_MS);
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  expect(
    asked.slice(1).every(({ operation, shown }) => operation === 'simplereenroll' && shown === 'site-0'),
  ).toBe(true);
  expect(kept.current()?.chainPem).toBe('site-0');
  expect(evidence.at(-1)).toMatchObject({
    source: 'pump:LVP-0001',
    event: 'enrolment.failed',
    outcome: 'observed',
    cause: 'connect ECONNREFUSED',
  });
  // Down until after the expiry: only the birth certificate is left.
  clock.runTo(31 * DAY_MS);
  await asked.at(-1)!.refuse(new EnrolmentError('connect ECONNREFUSED'));
  clock.fireInstant();
  expect(asked.at(-1)).toMatchObject({ operation: 'simpleenroll', shown: 'birth' });
});

test('waits as long as the server asks', async () => {
  const { clock, asked } = setUp();
  await asked[0]!.refuse(new EnrolmentError('429: too many', null, 429, 10 * MINUTE_MS));
  clock.fireInstant();
  expect(asked[1]?.atMs).toBe(10 * MINUTE_MS);
});

test('shows the birth certificate when the other one is not taken any more', async () => {
  const { clock, asked } = setUp();
  await asked[0]!.grant();
  clock.runTo(20 * DAY_MS);
  await asked[1]!.refuse(new EnrolmentError('401: unknown-issuer', null, 401));
  clock.fireInstant();
  expect(asked[2]).toMatchObject({ operation: 'simpleenroll', shown: 'birth' });
  await asked[2]!.refuse(new EnrolmentError('403: revoked', null, 403));
  clock.fireInstant();
  expect(asked[3]).toMatchObject({ operation: 'simplereenroll', shown: 'site-0' });
});

test('without power asks nobody, and what was under way comes to nothing', async () => {
  const { clock, asked, kept, changes } = setUp();
  kept.suspend();
  await asked[0]!.grant();
  clock.runTo(DAY_MS);
  expect([asked.length, kept.current(), changes()]).toEqual([1, undefined, 0]);
  kept.resume();
  kept.resume();
  clock.fireInstant();
  expect(asked).toHaveLength(2);
  await asked[1]!.grant();
  // Off until after the expiry.
  kept.suspend();
  clock.runTo(40 * DAY_MS);
  kept.resume();
  clock.fireInstant();
  expect(asked.slice(2)).toMatchObject([{ operation: 'simpleenroll', shown: 'birth' }]);
});

test('renews at once when its authority goes: once, and only if it is its own', async () => {
  const { clock, asked, kept } = setUp();
  kept.renewFrom('old');
  await asked[0]!.grant();
  kept.renewFrom('another');
  clock.runTo(2 * MINUTE_MS);
  expect(asked).toHaveLength(1);
  // Being told again does not put it off.
  for (let second = 0; second < 12; second += 3) {
    clock.runTo(2 * MINUTE_MS + second * 1_000);
    kept.renewFrom('old');
  }
  clock.runTo(3 * MINUTE_MS);
  expect(asked).toHaveLength(2);
  expect(asked[1]).toMatchObject({ operation: 'simplereenroll', shown: 'site-0' });
  expect(asked[1]!.atMs - 2 * MINUTE_MS).toBeLessThanOrEqual(10_000);
  await asked[1]!.grant();
  expect(kept.current()?.chainPem).toBe('site-1');
});

test('told in the first minute of its certificate, it renews when that is over, so that nobody can keep it renewing', async () => {
  const { clock, asked, kept } = setUp();
  await asked[0]!.grant();
  const sinceMs = clock.now();
  clock.runTo(sinceMs + 20_000);
  kept.renewFrom('old');
  clock.runTo(sinceMs + MINUTE_MS - 1);
  expect(asked).toHaveLength(1);
  clock.runTo(sinceMs + MINUTE_MS + 10_000);
  expect(asked).toHaveLength(2);
  expect(asked[1]).toMatchObject({ operation: 'simplereenroll', shown: 'site-0' });
});

test('a renewal that is under way, or waits to ask again, is not begun a second time', async () => {
  const { clock, asked, kept } = setUp();
  await asked[0]!.grant();
  clock.runTo(20 * DAY_MS);
  kept.renewFrom('old');
  clock.runTo(20 * DAY_MS + MINUTE_MS / 2);
  expect(asked).toHaveLength(2);
  await asked[1]!.refuse(new EnrolmentError('connect ECONNREFUSED'));
  kept.renewFrom('old');
  clock.runTo(20 * DAY_MS + MINUTE_MS);
  expect(asked).toHaveLength(2);
  clock.runTo(20 * DAY_MS + 2 * MINUTE_MS);
  expect(asked).toHaveLength(3);
});

test('without power it hears nothing of its authority', async () => {
  const { clock, asked, kept } = setUp();
  await asked[0]!.grant();
  clock.runTo(2 * MINUTE_MS);
  kept.suspend();
  kept.renewFrom('old');
  clock.runTo(3 * MINUTE_MS);
  expect(asked).toHaveLength(1);
});
