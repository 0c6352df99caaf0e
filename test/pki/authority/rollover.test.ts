import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import { type Credential, openPki, type Pki, type PkiOptions } from '../../../pki/index.ts';
import type { EvidenceEntry } from '../../../protocol/index.ts';
import { hasTool } from '../../helpers/require-tool.ts';
import { bench, PUMP, START_MS } from '../workbench.ts';

const OTHER = { kind: 'pump', id: 'LVP-0002' } as const;
const NURSE = { kind: 'nurse', id: 'nurse-01' } as const;
const notYet = expect.objectContaining({ code: 'PR_PKI_AUTHORITY' });

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pumprange-rollover-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const verdictOf = (pki: Pki, { chainDer }: Credential) =>
  pki.judge({ revocation: true })(chainDer, 'tls-client', START_MS);

test('after a rollover the new authority issues, and both are trusted, by judges of before it too', () => {
  const { pki } = bench();
  const judge = pki.judge({ revocation: true });
  const before = pki.issue({ identity: PUMP });
  const { id, pem } = pki.rollOver('devices');
  const after = pki.issue({ identity: OTHER });
  expect(id).toBe('devices-2');
  expect(after.chainPem).toBe(after.certificatePem + pem);
  expect(pki.list().map(({ issuer }) => issuer)).toEqual(['devices', 'devices-2']);
  for (const { chainDer } of [before, after]) {
    // Also the leaf alone, as a resumed session shows it.
    for (const shown of [chainDer, chainDer.slice(0, 1)]) {
      expect(judge(shown, 'tls-client', START_MS)).toMatchObject({ accepted: true });
    }
  }
  expect(pki.issuingPems).toHaveLength(5);
  expect(pki.issuingPems).toContain(pem);
  expect(pki.crls().map(({ issuer }) => issuer)).toEqual([
    'root',
    'devices-2',
    'services',
    'people',
    'code-signing',
    'devices',
  ]);
});

test('a revocation goes into the list of the authority that issued', () => {
  const { pki } = bench();
  const before = pki.issue({ identity: PUMP });
  pki.rollOver('devices');
  const after = pki.issue({ identity: OTHER });
  pki.revoke(before.serialNumber, 'keyCompromise');
  expect(verdictOf(pki, before)).toMatchObject({ refusal: 'revoked' });
  expect(verdictOf(pki, after)).toMatchObject({ accepted: true });
  pki.revoke(after.serialNumber, 'keyCompromise');
  expect(verdictOf(pki, after)).toMatchObject({ refusal: 'revoked' });
});

test('an authority stays as long as a holder has nothing else, and goes when all have moved', () => {
  const evidence: EvidenceEntry[] = [];
  const { pki } = bench({ evidence: (entry) => evidence.push(entry) });
  const first = [pki.credentialFor(PUMP), pki.credentialFor(OTHER)];
  const nurse = pki.issue({ identity: NURSE });
  pki.rollOver('devices');
  // The first wave.
  const moved = pki.issue({ identity: PUMP });
  expect(() => pki.retire('devices')).toThrow(
    expect.objectContaining({
      code: 'PR_PKI_AUTHORITY',
      message: expect.stringContaining('urn:pumprange:pump:LVP-0002'),
    }),
  );
  expect(pki.credentialFor(OTHER).fingerprint).toBe(first[1]!.fingerprint);
  // The second.
  const second = pki.issue({ identity: OTHER });
  const told: string[] = [];
  pki.onRevoked(({ serialNumber }) => told.push(serialNumber));
  const gone = pki.retire('devices').map(({ serialNumber }) => serialNumber);
  expect(gone.sort()).toEqual(first.map(({ serialNumber }) => serialNumber).sort());
  expect(told.sort()).toEqual(gone);
  for (const one of first) expect(verdictOf(pki, one)).toMatchObject({ refusal: 'revoked' });
  for (const one of [moved, second]) expect(verdictOf(pki, one)).toMatchObject({ accepted: true });
  expect(pki.judge({ revocation: true })(nurse.chainDer, 'message-signing', START_MS).accepted).toBe(true);
  expect(pki.issuingPems).toHaveLength(4);
  // What was stored is of the retired one.
  expect(first.map(({ fingerprint }) => fingerprint)).not.toContain(pki.credentialFor(PUMP).fingerprint);
  expect(evidence.map(({ event, object }) => `${event} ${object}`)).toEqual(
    expect.arrayContaining(['authority.added devices-2', 'authority.retired devices']),
  );
});

test('whoever has nothing else is named once, however many certificates there are', () => {
  const { pki } = bench();
  for (let count = 0; count < 3; count++) pki.issue({ identity: PUMP });
  pki.rollOver('devices');
  expect(() => pki.retire('devices')).toThrow(/only its certificates have urn:pumprange:pump:LVP-0001$/);
});

test('with force it goes at once, and who had nothing else has nothing', () => {
  const { pki } = bench();
  const only = pki.issue({ identity: PUMP });
  pki.rollOver('devices');
  expect(pki.retire('devices', { force: true })).toMatchObject([{ serialNumber: only.serialNumber }]);
  expect(verdictOf(pki, only)).toMatchObject({ refusal: 'revoked' });
});

test('the one that issues, one that is none and one that is gone cannot be retired', () => {
  const { pki } = bench();
  for (const id of ['devices', 'root', 'devices-2', 'plumbers']) expect(() => pki.retire(id)).toThrow(notYet);
  pki.rollOver('devices');
  pki.retire('devices');
  for (const id of ['devices', 'devices-2']) expect(() => pki.retire(id)).toThrow(notYet);
});

test('a folder keeps it, and a process that has it open takes it up', () => {
  const evidence: EvidenceEntry[] = [];
  const open = (more: Partial<PkiOptions> = {}) => openPki({ dir, clock: new HeapClock(START_MS), ...more });
  const ward = open({ evidence: (entry) => evidence.push(entry) });
  const judge = ward.judge({ revocation: true });
  const told: string[] = [];
  ward.onRevoked(({ serialNumber }) => told.push(serialNumber));
  const before = ward.issue({ identity: PUMP });

  const operator = open();
  operator.rollOver('devices');
  const after = operator.issue({ identity: PUMP });
  // Presented in full, it needs no taking up where revocation is not looked at; its CRL does.
  expect(judge(after.chainDer, 'tls-client', START_MS)).toMatchObject({ refusal: 'revocation-unknown' });
  ward.takeUpRevocations();
  expect(judge(after.chainDer, 'tls-client', START_MS)).toMatchObject({ accepted: true });
  expect(judge(before.chainDer, 'tls-client', START_MS)).toMatchObject({ accepted: true });
  expect(ward.issue({ identity: OTHER }).chainDer[1]).toEqual(after.chainDer[1]);

  operator.retire('devices');
  ward.takeUpRevocations();
  expect(told).toEqual([before.serialNumber]);
  // The operator's process keeps no evidence: it is for the ward's to say what was done to its trust.
  expect(evidence.map(({ event, object }) => `${event} ${object ?? ''}`)).toEqual(
    expect.arrayContaining([
      'authority.added devices-2',
      'authority.retired devices',
      'certificate.revoked ',
    ]),
  );
  expect(judge(before.chainDer, 'tls-client', START_MS)).toMatchObject({ refusal: 'revoked' });
  expect(judge(after.chainDer, 'tls-client', START_MS)).toMatchObject({ accepted: true });
  expect(open().issuingPems).toEqual(ward.issuingPems);
  expect(open().rollOver('devices').id).toBe('devices-3');
});

describe.skipIf(!hasTool('openssl'))('OpenSSL, with the CRLs of all', () => {
  function verify(pki: Pki, { certificatePem, chainPem }: Credential): string {
    const file = (name: string, text: string): string => {
      writeFileSync(join(dir, name), text);
      return join(dir, name);
    };
    const { stdout, stderr } = spawnSync(
      'openssl',
      [
        ...['verify', '-x509_strict', '-crl_check_all', '-attime', String(START_MS / 1000)],
        ...['-CAfile', file('root.pem', pki.rootPem), '-untrusted', file('chain.pem', chainPem)],
        ...[
          '-CRLfile',
          file(
            'crls.pem',
            pki
              .crls()
              .map(({ pem }) => pem)
              .join(''),
          ),
        ],
        file('leaf.pem', certificatePem),
      ],
      { encoding: 'utf8' },
    );
    return stdout + stderr;
  }

  test.each(['p256', 'rsa2048'] as const)(
    'trusts both, and after the retirement the new one alone (%s)',
    (keys) => {
      const { pki } = bench();
      const before = pki.issue({ identity: PUMP });
      pki.rollOver('devices', keys);
      const after = pki.issue({ identity: PUMP });
      expect(verify(pki, before)).toMatch(/: OK\n$/);
      expect(verify(pki, after)).toMatch(/: OK\n$/);
      pki.retire('devices');
      // Its own list is no longer issued, and its authority is in the root's.
      expect(verify(pki, before)).toMatch(/unable to get certificate CRL/);
      const authorityPem = before.chainPem.slice(before.certificatePem.length);
      expect(verify(pki, { ...before, certificatePem: authorityPem })).toMatch(/certificate revoked/);
      expect(verify(pki, after)).toMatch(/: OK\n$/);
    },
  );
});
