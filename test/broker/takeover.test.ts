import { expect, test } from 'vitest';
import { judgeTakeover } from '../../broker/policy/takeover.ts';
import { CONTROL_IDS, type ControlId, type Identity } from '../../protocol/index.ts';
import { openMemoryBroker, turns } from '../helpers/memory-broker.ts';

const BOUND: ReadonlySet<ControlId> = new Set(CONTROL_IDS);
const UNBOUND: ReadonlySet<ControlId> = new Set(CONTROL_IDS.filter((id) => id !== 'identity-binding'));
const pump: Identity = { kind: 'pump', id: 'LVP-0001' };
const thief: Identity = { kind: 'pump', id: 'LVP-0666' };

test.each([
  ['the same identity', pump, pump, true, true],
  ['another identity', pump, thief, false, true],
  ['nobody with a certificate, from somebody with one', pump, undefined, false, true],
  ['somebody with a certificate, from nobody with one', undefined, pump, false, true],
  ['two that only claim', undefined, undefined, true, true],
] as const)('%s', (_, holder, claimant, bound, unbound) => {
  const decision = judgeTakeover(holder, claimant, BOUND);
  expect(decision.allowed).toBe(bound);
  if (!decision.allowed) expect(decision.control).toBe('identity-binding');
  expect(judgeTakeover(holder, claimant, UNBOUND).allowed).toBe(unbound);
});

test('a name that two lay claim to stays with the one that has it', async () => {
  const broker = await openMemoryBroker({ without: ['payload-schema', 'identity-binding'] });
  const victim = await broker.connect(pump);
  const other = await broker.connect(thief, { clientId: 'pump:LVP-0001' });
  await turns();
  // Without the control the last one has it: the weakness is real.
  expect([victim.closed, other.closed]).toEqual([true, false]);
  await broker.handler.stop();
});

test('a reconnect of the same identity is clean: one session, one entry, and what it says arrives', async () => {
  const broker = await openMemoryBroker();
  const first = await broker.connect(pump);
  const second = await broker.connect(pump);
  expect([first.closed, second.closed]).toEqual([true, false]);
  second.send({
    cmd: 'publish',
    topic: 'pumps/LVP-0001/telemetry',
    payload: 'x',
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
  });
  await turns();
  expect(second.packets.map(({ cmd }) => cmd)).toEqual(['connack', 'puback']);
  expect(broker.evidence.map(({ event }) => event)).toEqual([
    'session.opened',
    'session.taken-over',
    'session.closed',
    'session.opened',
  ]);
  expect([...broker.handler.sessions()].length).toBe(1);
  await broker.handler.stop();
});
