import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  clientIdOf,
  type Identity,
  isId,
  isKind,
  KINDS,
  MACHINE_KINDS,
  PERSON_KINDS,
  parseClientId,
  parseSerial,
  parseUrn,
  sameIdentity,
  serialSchema,
  urnOf,
  urnSchema,
} from '../../protocol/index.ts';
import { anyId, anyIdentity } from './arbitraries.ts';

describe('an identity', () => {
  test('comes back from its URN and from its client id', () => {
    fc.assert(
      fc.property(anyIdentity, fc.string(), (identity, suffix) => {
        expect(parseUrn(urnOf(identity))).toEqual(identity);
        expect(parseClientId(clientIdOf(identity))).toEqual(identity);
        expect(parseClientId(`${clientIdOf(identity)}/${suffix}`)).toEqual(identity);
      }),
    );
  });

  test('whatever is taken for a URN is the URN of what was read from it', () => {
    const near = fc.tuple(
      fc.constantFrom('urn:', 'URN:', ''),
      fc.constantFrom('pumprange:', 'nist:'),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          near.map((parts) => parts.join('')),
        ),
        (text) => {
          const identity = parseUrn(text);
          if (identity !== undefined) expect(urnOf(identity)).toBe(text);
          expect(urnSchema.safeParse(text).success).toBe(identity !== undefined);
        },
      ),
    );
  });

  test.each([
    '',
    'urn:pumprange:pump',
    'urn:pumprange:pump:',
    'urn:pumprange:doctor:LVP-0001',
    'urn:pumprange:pump:LVP-0001:x',
    'urn:pumprange:pump:LVP/0001',
    'urn:pumprange:pump:LVP-0001 ',
    'urn:pumprange:pump:LVP-0001\n',
    'URN:pumprange:pump:LVP-0001',
    'urn:Pumprange:pump:LVP-0001',
    'urn:pumprange:constructor:x',
    'urn:pumprange:pump:+',
    'urn:pumprange:pump:#',
  ])('%j is no URN of ours', (text) => {
    expect(parseUrn(text)).toBeUndefined();
  });

  test.each(['', 'pump', ':LVP-0001', 'pump:', 'doctor:x', '/pump:LVP-0001', 'pump:LVP 0001', 'pump:a:b'])(
    '%j claims nobody',
    (clientId) => {
      expect(parseClientId(clientId)).toBeUndefined();
    },
  );

  test('is the same by kind and id alone', () => {
    const pump: Identity = { kind: 'pump', id: 'a' };
    expect(sameIdentity(pump, { kind: 'pump', id: 'a' })).toBe(true);
    expect(sameIdentity(pump, { kind: 'pump', id: 'A' })).toBe(false);
    expect(sameIdentity(pump, { kind: 'vendor', id: 'a' })).toBe(false);
  });
});

describe('an id', () => {
  test('holds nothing that means something in a topic, a path, a URI or a name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        if (isId(text)) expect(text).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
      }),
    );
    for (const text of [
      '..',
      '.',
      '-',
      'a/b',
      'a+',
      'a#',
      'a:b',
      'a b',
      'a=b',
      'a,b',
      '$a',
      '.a',
      'a.',
      'é',
      'a\n',
      '',
    ]) {
      expect([text, isId(text)]).toEqual([text, false]);
    }
  });

  test('has at most 64 characters', () => {
    expect(isId('a'.repeat(64))).toBe(true);
    expect(isId('a'.repeat(65))).toBe(false);
  });

  test('is what a serial number is', () => {
    fc.assert(
      fc.property(fc.oneof(anyId, fc.string()), (text) => {
        expect(parseSerial(text) !== undefined).toBe(isId(text));
        expect(serialSchema.safeParse(text).success).toBe(isId(text));
      }),
    );
  });
});

test('a kind is a machine or a person, and nothing is both', () => {
  expect([...MACHINE_KINDS, ...PERSON_KINDS]).toEqual([...KINDS]);
  expect(new Set(KINDS).size).toBe(KINDS.length);
  for (const text of ['constructor', '__proto__', 'Pump', '']) expect(isKind(text)).toBe(false);
});
