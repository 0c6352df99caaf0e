import { expect, it } from 'vitest';
import { Bench, FakePump, OTHER, SERIAL } from '../fake-link.ts';

const AUTHORITY = 'ab'.repeat(32);

it('tells those that have to leave an authority, and no other, and the evidence says whom', () => {
  const bench = new Bench({ toLeave: (serial) => (serial === SERIAL ? AUTHORITY : undefined) });
  const link = bench.online();
  bench.server.announceRenewals([SERIAL, OTHER]);
  expect(link.published.map(({ topic, qos, retain }) => [topic, qos, retain])).toEqual([
    [`pumps/${SERIAL}/renewal`, 1, false],
  ]);
  expect(JSON.parse(link.published[0]!.payload.toString())).toMatchObject({
    type: 'renewal',
    from: 'urn:pumprange:pump-server:server-01',
    to: `urn:pumprange:pump:${SERIAL}`,
    body: { authority: AUTHORITY },
  });
  expect(bench.seen('renewal.announced').map(({ subject }) => subject)).toEqual([
    `urn:pumprange:pump:${SERIAL}`,
  ]);
});

it('tells a pump that was away when it says that it is there, and a server that was away hears it retained', () => {
  let authority: string | undefined = AUTHORITY;
  const bench = new Bench({ toLeave: () => authority });
  // Without a link nothing is said, and nothing claimed.
  bench.server.announceRenewals([SERIAL]);
  expect(bench.seen('renewal.announced')).toEqual([]);
  const link = bench.online();
  const told = () => link.on(`pumps/${SERIAL}/renewal`).length;
  const pump = new FakePump();
  bench.receive(pump.topic('status'), pump.status('offline'));
  bench.receive(pump.topic('telemetry'), pump.telemetry());
  expect(told()).toBe(0);
  bench.receive(pump.topic('status'), pump.status(), true);
  expect(told()).toBe(1);
  bench.receive(pump.topic('status'), pump.status());
  expect(told()).toBe(2);
  authority = undefined;
  bench.receive(pump.topic('status'), pump.status());
  expect(told()).toBe(2);
});
