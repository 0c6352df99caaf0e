import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { MALFORMATION_IDS } from '../../../../scenarios/format/adversary-actions/malformations.ts';
import type { AttackGround, BuildStage } from '../../../../scenarios/index.ts';
import { carryOut, scenarioWith } from '../../../helpers/rehearsal.ts';

const nobody = { as: { credential: 'none' }, listener: 'plaintext' } as const;
const thief = {
  as: { credential: 'stolen-certificate', of: { kind: 'observer', id: 'observer-09' } },
  listener: 'tls',
} as const;

/** A stage whose ground is changed for a test. */
function changing(
  change: (ground: AttackGround) => Partial<AttackGround>,
): (build: BuildStage) => BuildStage {
  return (build) => async (setup) => {
    const stage = await build(setup);
    return { ...stage, ground: { ...stage.ground, ...change(stage.ground) } };
  };
}

/** Listens, accepts, and never says a word. */
async function silentServer(): Promise<{ server: Server; port: number; taken: Set<Socket> }> {
  const taken = new Set<Socket>();
  const server = createServer((socket) => {
    taken.add(socket);
    socket.on('error', () => undefined);
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0, taken };
}

let silent: Awaited<ReturnType<typeof silentServer>> | undefined;
afterEach(() => {
  for (const socket of silent?.taken ?? []) socket.destroy();
  silent?.server.close();
  silent = undefined;
});

describe('what MQTT does not allow', () => {
  it('ends the connection of whoever sends it, without a session and in one', async () => {
    const steps = MALFORMATION_IDS.map((malformation) => ({
      ...{ do: 'send-malformed', ...nobody, malformation },
    }));
    const { observation } = await carryOut(scenarioWith(steps));
    expect(observation.steps.map(({ outcome }, index) => [MALFORMATION_IDS[index], outcome])).toEqual(
      MALFORMATION_IDS.map((id) => [id, 'refused']),
    );
    expect(observation.evidence.filter(({ event }) => event === 'session.dropped')).toEqual([]);
  });

  it('is told in the evidence, by its clause', async () => {
    const steps = [{ do: 'send-malformed', ...thief, malformation: 'second-connect' }];
    const { observation } = await carryOut(scenarioWith(steps), ['mutual-tls']);
    expect(observation.evidence.map(({ cause }) => cause)).toContain('a second CONNECT [MQTT-3.1.0-2]');
  });
});

describe('a flood', () => {
  it.each(['tcp', 'half-connect', 'session'] as const)(
    'of connections takes as many places as there are, up to %s',
    async (upTo) => {
      const flood = { do: 'open-connections', ...nobody, upTo, count: 30, perSecond: 10, hold: '1m' };
      const { observation } = await carryOut(scenarioWith([flood], { brokerHost: { connections: 12 } }));
      const [step] = observation.steps;
      // The pump, its server and the desk hold some.
      const taken = Number(step?.detail.split(' ')[0]);
      expect(taken).toBeGreaterThan(5);
      expect(taken).toBeLessThan(12);
    },
  );

  it('of connections takes places over TLS, too', async () => {
    const flood = { do: 'open-connections', ...thief, upTo: 'tls', count: 5, perSecond: 10, hold: '1m' };
    const { observation } = await carryOut(scenarioWith([flood]), ['mutual-tls']);
    expect(observation.steps[0]?.detail).toBe('5 of 5 connections are open');
  });

  it('of messages sends what it says, and no more', async () => {
    const flood = {
      ...{ do: 'publish-flood', ...nobody, sessions: 2, topic: 'x/{n}', qos: 1, payloadBytes: 10 },
      ...{ count: 250, perSecond: 100 },
    };
    const { observation } = await carryOut(scenarioWith([flood]));
    const [step] = observation.steps;
    expect(step?.detail).toBe('500 of 500 messages were sent');
    expect((step?.atMs ?? 0) - observation.startMs).toBe(62_000);
  });

  it('of subscriptions is granted, and what comes of it is counted as read', async () => {
    const flood = {
      do: 'subscribe-flood',
      ...nobody,
      sessions: 3,
      filters: ['pumps/+/telemetry'],
      hold: '1m',
    };
    const { observation } = await carryOut(scenarioWith([flood]));
    expect(observation.steps[0]?.detail).toBe('3 of 3 sessions were granted something');
    expect(observation.received.length).toBeGreaterThanOrEqual(3);
  });

  it('of QoS 2 messages that nobody releases has the broker killed, and it comes back', async () => {
    const flood = {
      ...{ do: 'exhaust-qos2', ...nobody, sessions: 1, topic: 'x', payloadBytes: 1_000 },
      ...{ count: 100, perSecond: 50 },
    };
    const { observation } = await carryOut(
      scenarioWith([flood], { brokerHost: { heldKiB: 64, restartAfter: '20s', packetsPerSecond: 1_000 } }),
    );
    const events = observation.evidence.map(({ event }) => event);
    expect(events).toContain('process.killed');
    expect(events.lastIndexOf('session.opened')).toBeGreaterThan(events.indexOf('process.killed'));
  });

  it.each([
    [
      'too many connections',
      { do: 'open-connections', ...nobody, upTo: 'tcp', count: 301, perSecond: 1, hold: '1m' },
    ],
    ['for too long', { do: 'open-connections', ...nobody, upTo: 'tcp', count: 1, perSecond: 1, hold: '11m' }],
    [
      'too many bytes',
      {
        ...{ do: 'publish-flood', ...nobody, sessions: 50, topic: 'x', qos: 0, payloadBytes: 60_000 },
        ...{ count: 5_000, perSecond: 1 },
      },
    ],
  ])('cannot be written with %s', (_what, action) => {
    expect(() => scenarioWith([action])).toThrow();
  });
});

describe('a server of the adversary', () => {
  const rogue = (behaviour: string, more: object = {}) => ({
    ...{ do: 'rogue-server', connection: 'rogue', shows: { credential: 'none' }, behaviour },
    ...more,
  });
  const led = { do: 'misdirect', connection: 'rogue', pumps: ['LVP-0001'] };

  it('hears what a pump says that was led to it, and the hospital hears nothing more', async () => {
    const { observation } = await carryOut(scenarioWith([rogue('answers'), led]));
    expect(observation.received.map(({ topic }) => topic)).toContain('pumps/LVP-0001/telemetry');
    expect(observation.pumps[0]?.snapshots.at(-1)?.supervision).toBe('unsupervised');
  });

  it('can stand in the middle, so that nobody notices', async () => {
    const { observation } = await carryOut(scenarioWith([rogue('relays'), led]));
    expect(observation.received.map(({ topic }) => topic)).toContain('pumps/LVP-0001/telemetry');
    expect(observation.pumps[0]?.snapshots.at(-1)?.supervision).toBe('supervised');
  });

  it('sends a pump away time and again with what no client takes', async () => {
    const { observation } = await carryOut(scenarioWith([rogue('malforms'), led]));
    expect(observation.pumps[0]?.snapshots.at(-1)?.supervision).toBe('unsupervised');
  });

  it('keeps a pump out of touch by hanging up, until it is led back', async () => {
    const steps = [rogue('hangs-up'), led];
    const away = await carryOut(scenarioWith(steps));
    expect(away.observation.pumps[0]?.snapshots.at(-1)?.supervision).toBe('unsupervised');
    expect(away.observation.received).toEqual([]);
    const back = { do: 'lead-back', connection: 'rogue', pumps: ['LVP-0001'] };
    const { observation } = await carryOut(scenarioWith([...steps, back]));
    expect(observation.pumps[0]?.snapshots.at(-1)?.supervision).toBe('supervised');
  });

  it.each(['guest', 'outside'])('leads no pump astray from %s where there are zones', async (zone) => {
    const attack = { ...scenarioWith([]).attack, zone };
    const { observation } = await carryOut(scenarioWith([rogue('hangs-up'), led], { attack }), [
      'zone-segmentation',
    ]);
    expect(observation.steps.at(-1)?.outcome).toBe('refused');
    expect(observation.pumps[0]?.snapshots.at(-1)?.supervision).toBe('supervised');
  });

  it('is refused by a pump that asks who it is', async () => {
    const shows = { credential: 'stolen-certificate', of: { kind: 'gateway', id: 'ehr-01' } };
    const fleet = [{ model: 'lvp', serial: 'LVP-0001', careArea: 'adult-icu', firmware: '1.2.0' }];
    const { observation } = await carryOut(scenarioWith([rogue('answers', { shows }), led], { fleet }), [
      'mutual-tls',
      'server-identity',
    ]);
    expect(observation.received).toEqual([]);
    expect(observation.evidence.map(({ control }) => control)).toContain('server-identity');
  });
});

describe('a listener between a pump and the broker', () => {
  const steps = [
    { do: 'rogue-server', connection: 'wire', shows: { credential: 'none' }, behaviour: 'listens' },
    { do: 'misdirect', connection: 'wire', pumps: 'all' },
  ];

  it('reads what a pump says that falls back to suites without encryption, and nobody is cut off', async () => {
    const { observation } = await carryOut(scenarioWith(steps), ['mutual-tls', 'server-identity']);
    expect(observation.received.map(({ topic }) => topic)).toContain('pumps/LVP-0001/telemetry');
    expect(observation.pumps[0]?.snapshots.at(-1)?.supervision).toBe('supervised');
  });

  it('reads nothing where only modern suites are spoken', async () => {
    const { observation } = await carryOut(scenarioWith(steps), ['mutual-tls', 'modern-tls']);
    expect(observation.received).toEqual([]);
    const denied = observation.evidence.filter(({ control }) => control === 'modern-tls');
    expect(denied.map(({ source, event }) => `${source} ${event}`)).toEqual([
      'pump:LVP-0001 downgrade.refused',
    ]);
  });
});

describe('a step that goes wrong', () => {
  const connect = { do: 'connect', connection: 'one', to: 'broker', ...thief };
  const steps = [connect, { do: 'send-malformed', ...nobody, malformation: 'not-mqtt' }];

  it('hangs, fails alone, and the run goes on to its end', async () => {
    silent = await silentServer();
    const { port } = silent;
    const { observation } = await carryOut(
      scenarioWith(steps),
      [],
      changing(({ endpoint }) => ({
        endpoint: (service) =>
          service.service === 'broker' && service.listener === 'tls'
            ? { host: '127.0.0.1', port }
            : endpoint(service),
      })),
    );
    expect(observation.steps.map(({ outcome }) => outcome)).toEqual(['failed', 'refused']);
    expect(observation.steps[0]?.detail).toBe('it did not come to rest, and was given up');
    expect(observation.endMs - observation.startMs).toBe(180_000);
    expect(observation.pumps[0]?.snapshots.at(-1)?.supervision).toBe('supervised');
  });

  it('crashes, fails alone, and the reason is told', async () => {
    const { observation } = await carryOut(
      scenarioWith(steps),
      [],
      changing(() => ({
        credential: () => {
          throw new Error('no such thing');
        },
      })),
    );
    expect(observation.steps[0]).toMatchObject({ outcome: 'failed', detail: 'no such thing' });
    expect(observation.endMs - observation.startMs).toBe(180_000);
  });

  it('cannot reach an address that is not on loopback', async () => {
    const { observation } = await carryOut(
      scenarioWith(steps),
      [],
      changing(() => ({ endpoint: () => ({ host: '203.0.113.7', port: 1_883 }) })),
    );
    expect(observation.steps.map(({ outcome, detail }) => `${outcome}: ${detail}`)).toEqual([
      'failed: 203.0.113.7 may not be contacted',
      'failed: 203.0.113.7 may not be contacted',
    ]);
  });

  it('can lead a pump nowhere but on loopback', async () => {
    const seen: unknown[] = [];
    await carryOut(
      scenarioWith([]),
      [],
      changing(({ misdirect }) => {
        try {
          misdirect('all', { host: '203.0.113.7', port: 1_883 });
        } catch (error) {
          seen.push(error);
        }
        return {};
      }),
    );
    expect(seen).toMatchObject([{ code: 'PR_GUARDRAIL' }]);
  });
});
