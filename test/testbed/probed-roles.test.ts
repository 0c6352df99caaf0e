import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MESSAGE_SCHEMAS, type MessageType } from '../../broker/payload/message-fault.ts';
import { probeMqtt } from '../../network/probe/mqtt.ts';
import { probeTls } from '../../network/probe/tls.ts';
import { createMemoryPki } from '../../pki/index.ts';
import { CONTROL_IDS, type ControlId, type Identity, parseMessage } from '../../protocol/index.ts';
import { PROBED_TOPICS, probeMessage } from '../../testbed/probe-messages.ts';
import { type ProbedRolesOptions, probedMqtt, probedTls } from '../../testbed/probed-roles.ts';
import { type Floor, openFloor } from '../helpers/floor.ts';

function optionsOf(floor: Floor, controls: readonly ControlId[] = CONTROL_IDS): ProbedRolesOptions {
  const issue = (identity: Identity) => floor.pki.issue({ identity });
  return {
    ...{ controls: new Set(controls), issue, nowMs: () => floor.clock.now() },
    rootPem: issue({ kind: 'observer', id: 'root' }).rootPem,
    stranger: createMemoryPki({ clock: floor.clock }).issue({ identity: { kind: 'pump', id: 'S-1' } }),
  };
}

describe.each([
  ['all controls', []],
  ['no mutual TLS', ['mutual-tls']],
  ['no rights on topics', ['topic-authorization']],
] as const)('what roles should get at a broker with %s', (_, without) => {
  let floor: Floor;
  let options: ProbedRolesOptions;
  beforeAll(async () => {
    // OpenSSL knows real time only.
    const startMs = Date.now();
    floor = await openFloor({ ...{ lockstep: false, startMs, payloadSchema: true }, without });
    options = optionsOf(
      floor,
      CONTROL_IDS.filter((id) => !(without as readonly string[]).includes(id)),
    );
  });
  afterAll(() => floor.stop());

  it('is what they get in the handshake', async () => {
    const [service] = probedTls(options);
    const { visitors, say, rootPem } = service!;
    const path = { kind: 'tls', to: '127.0.0.1', port: floor.broker.port } as const;
    const seen = await Promise.all(
      visitors.map(async ({ role, credential }) => {
        const trust = { ...(say && { say }), ...(rootPem && { rootPem }) };
        const probe = { ...path, ...trust, ...(credential && { credential }) };
        return `${role} ${(await probeTls(probe)).outcome}`;
      }),
    );
    expect(visitors).toHaveLength(15);
    expect(seen).toEqual(visitors.map(({ role, expected }) => `${role} ${expected}`));
  });

  it('is what they get when they connect, read and say', async () => {
    const [service] = probedMqtt(options);
    const comers = service!.comers('medical-devices', 'ipv4');
    const { results } = await probeMqtt({
      ...{ kind: 'mqtt', over: 'tls', to: '127.0.0.1', port: floor.broker.port },
      ...comers,
    });
    const told = results.map(({ role, does, topics, outcome }) => `${role} ${does} ${topics} ${outcome}`);
    const wanted = service!.rules.map(
      ({ role, does, topics, expected }) => `${role} ${does} ${topics} ${expected}`,
    );
    expect([...told].sort()).toEqual([...wanted].sort());
    expect(new Set(told).size).toBe(told.length);
    // Whoever may not read it was not the reason.
    expect(results.filter(({ detail }) => detail.includes('silently'))).toEqual([]);
  });
});

describe('a message of a probe', () => {
  const observer: Identity = { kind: 'observer', id: 'PROBE-1' };
  it.each(PROBED_TOPICS.filter(([label]) => label !== 'artifact-chunk'))('of %s is one', (label, topics) => {
    const text = probeMessage(topics, observer, 'mark', Date.now());
    const parsed = parseMessage(MESSAGE_SCHEMAS[label as MessageType], Buffer.from(text));
    expect(parsed).toMatchObject({ ok: true });
    expect(text).not.toContain('signatures');
  });
});
