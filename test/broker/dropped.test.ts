import { afterEach, expect, test } from 'vitest';
import { type Floor, openFloor, pump } from '../helpers/floor.ts';

const OBSERVER = { kind: 'observer', id: 'observer-01' } as const;
const DAY_MS = 24 * 3_600_000;

let floor: Floor | undefined;
afterEach(async () => {
  await floor?.stop();
  floor = undefined;
});

test('a session ends when its certificate expires, and the evidence says so', async () => {
  floor = await openFloor();
  const credential = floor.pki.issue({ identity: pump('LVP-0001'), lifetimeMs: DAY_MS });
  const seat = await floor.seat(pump('LVP-0001'), { credential, keepAliveS: 60 });
  await floor.run(DAY_MS - 1);
  expect(seat.closed).toEqual([]);
  await floor.run(2);
  expect(seat.closed).toHaveLength(1);
  expect(floor.evidence).toContainEqual(
    expect.objectContaining({ event: 'session.dropped', control: 'mutual-tls', outcome: 'denied' }),
  );
});

test('the will of a session that was dropped for its revoked certificate is not published', async () => {
  floor = await openFloor();
  const observer = await floor.seat(OBSERVER);
  void observer.link.subscribe('pumps/+/status', 1);
  await floor.wire.settle();
  await floor.seat(pump('LVP-0001'), {
    will: { topic: 'pumps/LVP-0001/status', payload: 'chosen by a thief', retain: true },
  });
  floor.pki.revoke(pump('LVP-0001'), 'keyCompromise');
  await floor.wire.settle();
  expect(observer.received).toEqual([]);
  expect(floor.evidence).toContainEqual(
    expect.objectContaining({ event: 'publish.denied', control: 'certificate-revocation' }),
  );
});
