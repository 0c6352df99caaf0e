import { expect, test } from 'vitest';
import { parseCrl } from '../../../pki/index.ts';
import { bench, DAY_MS, PUMP, START_MS } from '../workbench.ts';

test('a revoked certificate is refused from the next judgement on, and only that one', () => {
  const { pki } = bench();
  const judge = pki.judge({ revocation: true });
  const one = pki.issue({ identity: PUMP });
  const other = pki.issue({ identity: { kind: 'pump', id: 'LVP-0002' } });
  expect(judge(one.chainDer, 'tls-client', START_MS).accepted).toBe(true);
  pki.revoke(one.serialNumber, 'keyCompromise');
  expect(judge(one.chainDer, 'tls-client', START_MS)).toMatchObject({
    refusal: 'revoked',
    control: 'certificate-revocation',
    detail: expect.stringContaining('keyCompromise'),
  });
  // A resumed TLS session presents the leaf alone.
  expect(judge(one.chainDer.slice(0, 1), 'tls-client', START_MS)).toMatchObject({ refusal: 'revoked' });
  expect(judge(other.chainDer, 'tls-client', START_MS).accepted).toBe(true);
  expect(pki.judge({ revocation: false })(one.chainDer, 'tls-client', START_MS).accepted).toBe(true);
});

test('revoking an identity revokes all its certificates that still hold, and tells listeners of each', () => {
  const { clock, pki } = bench();
  const told: string[] = [];
  const stop = pki.onRevoked(({ serialNumber }) => told.push(serialNumber));
  pki.issue({ identity: PUMP, lifetimeMs: 1_000 });
  clock.moveTo(START_MS + DAY_MS);
  const held = [pki.issue({ identity: PUMP }), pki.issue({ identity: PUMP })].map((one) => one.serialNumber);
  pki.issue({ identity: { kind: 'pump', id: 'LVP-0002' } });
  expect(pki.revoke(PUMP, 'cessationOfOperation').map((one) => one.serialNumber)).toEqual(held);
  expect(told).toEqual(held);
  stop();
  pki.revoke(pki.issue({ identity: PUMP }).serialNumber, 'superseded');
  expect(told).toEqual(held);
});

test('a listener that fails keeps nobody else from being told', () => {
  const { pki } = bench();
  const told: string[] = [];
  pki.onRevoked(() => {
    throw new Error('broken');
  });
  pki.onRevoked(({ serialNumber }) => told.push(serialNumber));
  const serials = [pki.issue({ identity: PUMP }), pki.issue({ identity: PUMP })].map(
    (one) => one.serialNumber,
  );
  expect(() => pki.revoke(PUMP, 'unspecified')).toThrow(AggregateError);
  expect(told).toEqual(serials);
});

test('a second revocation changes neither date nor reason', () => {
  const { clock, pki } = bench();
  const { serialNumber } = pki.issue({ identity: PUMP });
  pki.revoke(serialNumber, 'keyCompromise');
  clock.moveTo(START_MS + DAY_MS);
  expect(pki.revoke(serialNumber.toUpperCase(), 'superseded')).toEqual([]);
  expect(pki.list()[0]?.revoked).toEqual({ atMs: START_MS, reason: 'keyCompromise' });
});

test.each(['00', '../authorities/site', { kind: 'observer', id: 'never' } as const])(
  'revoking what was never issued (%j) is a coded error',
  (which) => {
    const { pki } = bench();
    expect(() => pki.revoke(which, 'unspecified')).toThrow(
      expect.objectContaining({ code: 'PR_PKI_UNKNOWN_CERTIFICATE' }),
    );
  },
);

test('every authority has a CRL from the start, the root first', () => {
  const { pki } = bench();
  expect(pki.crls().map(({ issuer, number }) => [issuer, number])).toEqual([
    ['root', 1],
    ['devices', 1],
    ['services', 1],
    ['people', 1],
    ['code-signing', 1],
  ]);
  expect(pki.crls()[0]).toMatchObject({ thisUpdateMs: START_MS, nextUpdateMs: START_MS + 7 * DAY_MS });
});

test('a CRL is issued again after half its life and after a revocation by its authority, and not before', () => {
  const { clock, pki } = bench();
  const numbers = () => Object.fromEntries(pki.crls().map(({ issuer, number }) => [issuer, number]));
  numbers();
  clock.moveTo(START_MS + 3.5 * DAY_MS - 1);
  expect(numbers()).toMatchObject({ root: 1, devices: 1 });
  clock.moveTo(START_MS + 3.5 * DAY_MS);
  expect(numbers()).toMatchObject({ root: 2, devices: 2, people: 2 });
  const { serialNumber } = pki.issue({ identity: PUMP });
  pki.revoke(serialNumber, 'superseded');
  expect(numbers()).toMatchObject({ root: 2, devices: 3, people: 2 });
  const devices = pki.crls().find(({ issuer }) => issuer === 'devices')!;
  expect([...parseCrl(devices.der).revoked.keys()]).toEqual([serialNumber]);
});

test('evidence tells of a revocation with its reason, and of each CRL that is handed out', () => {
  const seen: { event: string; cause?: string | null; object?: string | null }[] = [];
  const { pki } = bench({ evidence: (entry) => seen.push(entry) });
  pki.issue({ identity: PUMP });
  pki.crls();
  pki.revoke(PUMP, 'keyCompromise');
  pki.crls();
  expect(seen.map(({ event, cause, object }) => cause ?? object ?? event)).toEqual([
    'pump',
    'root/1',
    'devices/1',
    'services/1',
    'people/1',
    'code-signing/1',
    'keyCompromise',
    'devices/2',
  ]);
});
