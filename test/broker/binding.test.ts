import { describe, expect, test } from 'vitest';
import { bindIdentity } from '../../broker/policy/binding.ts';
import { CONTROL_IDS, type ControlId, type Identity, KINDS, type Kind } from '../../protocol/index.ts';

const ALL: ReadonlySet<ControlId> = new Set(CONTROL_IDS);
const UNBOUND: ReadonlySet<ControlId> = new Set(CONTROL_IDS.filter((id) => id !== 'identity-binding'));
const pump: Identity = { kind: 'pump', id: 'LVP-0001' };
const observer: Identity = { kind: 'observer', id: 'observer-01' };
const MANY: readonly Kind[] = ['observer', 'nurse-station', 'gateway'];

describe('with a certificate', () => {
  test('the client id is that of the identity, or empty and then given', () => {
    for (const clientId of ['pump:LVP-0001', '']) {
      expect(bindIdentity(pump, clientId, ALL, 3)).toEqual({
        bound: true,
        identity: pump,
        clientId: 'pump:LVP-0001',
      });
    }
  });

  test('kinds that watch get a name of their own for each session', () => {
    expect(bindIdentity(observer, '', ALL, 3)).toMatchObject({ clientId: 'observer:observer-01/3' });
    expect(bindIdentity(observer, '', ALL, 4)).toMatchObject({ clientId: 'observer:observer-01/4' });
  });

  test.each(KINDS)('%s: a suffix behind a slash is for kinds that watch alone', (kind) => {
    const identity = { kind, id: 'x' };
    expect(bindIdentity(identity, `${kind}:x/second`, ALL, 1).bound).toBe(MANY.includes(kind));
    expect(bindIdentity(identity, `${kind}:x`, ALL, 1).bound).toBe(true);
  });

  test.each([
    'pump:LVP-0002',
    'LVP-0001',
    'pump:LVP-0001 ',
    'Pump:LVP-0001',
    'pump:LVP-00011',
    'pump:LVP-0001/2',
    'nurse-station:station-01',
    'mosq-abc',
  ])('another name is refused: %j', (clientId) => {
    expect(bindIdentity(pump, clientId, ALL, 1)).toMatchObject({ bound: false, control: 'identity-binding' });
  });

  test('a refusal quotes no more of a name than can be read', () => {
    const binding = bindIdentity(pump, `\n${'x'.repeat(5_000)}`, ALL, 1);
    expect(binding.bound).toBe(false);
    if (!binding.bound) {
      expect(binding.cause.length).toBeLessThan(200);
      expect(binding.cause).not.toContain('\n');
    }
  });
});

describe('without identity binding', () => {
  test('the claimed name counts, whoever the certificate is of', () => {
    expect(bindIdentity(pump, 'nurse-station:station-01', UNBOUND, 1)).toEqual({
      bound: true,
      identity: { kind: 'nurse-station', id: 'station-01' },
      clientId: 'nurse-station:station-01',
    });
  });

  test('a name that is no identity leaves that of the certificate', () => {
    expect(bindIdentity(pump, 'mosq-abc', UNBOUND, 1)).toEqual({
      bound: true,
      identity: pump,
      clientId: 'mosq-abc',
    });
  });
});

describe('without a certificate', () => {
  test('the claim is all there is', () => {
    expect(bindIdentity(undefined, 'pump:LVP-0001', ALL, 1)).toMatchObject({ bound: true, identity: pump });
  });

  test('what claims nothing that we know is an anonymous observer', () => {
    expect(bindIdentity(undefined, 'mosq-abc', ALL, 9)).toEqual({
      bound: true,
      identity: { kind: 'observer', id: 'anonymous-9' },
      clientId: 'mosq-abc',
    });
    expect(bindIdentity(undefined, '', ALL, 9)).toMatchObject({ clientId: 'observer:anonymous-9' });
  });
});
