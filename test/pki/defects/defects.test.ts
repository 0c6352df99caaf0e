import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import {
  type Credential,
  createMemoryPki,
  DEFECT_NAMES,
  DEFECTS,
  type DefectName,
  KEY_ALGORITHMS,
  type Pki,
} from '../../../pki/index.ts';
import {
  type CertificateUse,
  type EvidenceEntry,
  KINDS,
  type Kind,
  PERSON_KINDS,
} from '../../../protocol/index.ts';
import { hasTool } from '../../helpers/require-tool.ts';
import { bench, PUMP, START_MS } from '../workbench.ts';

test('the good one that all the bad ones are like is accepted; each bad one is refused as the registry says', () => {
  for (const keyAlgorithm of ['p256', 'rsa2048'] as const) {
    const { pki } = bench({ keyAlgorithm });
    const judge = pki.judge({ revocation: true });
    expect(judge(pki.issue({ identity: PUMP }).chainDer, 'tls-client', START_MS).accepted).toBe(true);
    for (const name of DEFECT_NAMES) {
      const verdict = judge(pki.issueDefective(name, PUMP).chainDer, 'tls-client', START_MS);
      expect([name, verdict]).toEqual([
        name,
        expect.objectContaining({
          accepted: false,
          refusal: DEFECTS[name].refusal,
          control: name === 'revoked' ? 'certificate-revocation' : 'mutual-tls',
        }),
      ]);
    }
  }
});

function useOf(kind: Kind): CertificateUse {
  if (kind === 'broker' || kind === 'est-server') return 'tls-server';
  return (PERSON_KINDS as readonly string[]).includes(kind) ? 'message-signing' : 'tls-client';
}

test('every kind of holder can be given each', () => {
  const { pki } = bench();
  const judge = pki.judge({ revocation: true });
  for (const kind of KINDS) {
    const use = useOf(kind);
    for (const name of DEFECT_NAMES) {
      const verdict = judge(pki.issueDefective(name, { kind, id: 'x-01' }).chainDer, use, START_MS);
      expect([kind, name, verdict]).toEqual([
        kind,
        name,
        expect.objectContaining({ refusal: DEFECTS[name].refusal }),
      ]);
    }
  }
});

test('without revocation, what was revoked is accepted: off is off', () => {
  const { pki } = bench();
  const { chainDer } = pki.issueDefective('revoked', PUMP);
  expect(pki.judge({ revocation: false })(chainDer, 'tls-client', START_MS).accepted).toBe(true);
});

test('what an authority of ours signed is in the register, with its defect; what it did not sign is not', () => {
  const { pki } = bench();
  for (const name of DEFECT_NAMES) pki.issueDefective(name, PUMP);
  const foreign: readonly DefectName[] = ['wrong-ca', 'self-signed', 'path-length-broken'];
  expect(
    pki
      .list()
      .map(({ defect }) => defect)
      .sort(),
  ).toEqual(DEFECT_NAMES.filter((name) => !foreign.includes(name)).sort());
});

test('the evidence says of each that it is bad on purpose', () => {
  const evidence: EvidenceEntry[] = [];
  const { pki } = bench({ evidence: (entry) => evidence.push(entry) });
  pki.issueDefective('weak-key', PUMP);
  expect(evidence).toMatchObject([
    { event: 'certificate.issued', object: 'defect/weak-key', subject: 'urn:pumprange:pump:LVP-0001' },
  ]);
});

test('no ordinary issue makes a weak key, and a defect that is none is refused', () => {
  const { pki } = bench();
  expect(KEY_ALGORITHMS).toEqual(['p256', 'rsa2048', 'rsa3072']);
  const none = 'haunted' as DefectName;
  expect(() => pki.issueDefective(none, PUMP)).toThrow(expect.objectContaining({ code: 'PR_PKI_NAME' }));
  expect(() => pki.issueDefective('expired', { kind: 'pump', id: '../x' })).toThrow(
    expect.objectContaining({ code: 'PR_PKI_NAME' }),
  );
});

/**
 * What foreign judges say of each; `null` where they cannot see it:
 * - They know host names and addresses, not URIs and what a common name is to mean here, so the three defects of names
 *   are nobody's but ours.
 * - `certtool --verify-chain` looks neither at CRLs nor at purposes, `certtool --verify` does.
 */
const SEEN: Readonly<
  Record<DefectName, { openssl: string | null; verify: string | null; verifyChain: string | null }>
> = {
  expired: { openssl: 'certificate has expired', verify: 'expired', verifyChain: 'expired' },
  'not-yet-valid': { openssl: 'not yet valid', verify: 'not yet valid', verifyChain: 'not yet valid' },
  'wrong-usage': { openssl: 'unsuitable certificate purpose', verify: 'intended purpose', verifyChain: null },
  'wrong-ca': {
    openssl: 'unable to get local issuer',
    verify: 'issuer is unknown',
    verifyChain: 'issuer is unknown',
  },
  'self-signed': { openssl: 'self-signed', verify: 'issuer is unknown', verifyChain: 'issuer is unknown' },
  'missing-san': { openssl: null, verify: null, verifyChain: null },
  'wrong-san': { openssl: null, verify: null, verifyChain: null },
  'mismatched-name': { openssl: null, verify: null, verifyChain: null },
  'path-length-broken': {
    openssl: 'path length constraint exceeded',
    verify: 'violates the signer',
    verifyChain: 'violates the signer',
  },
  'weak-key': { openssl: 'key too weak', verify: 'insecure', verifyChain: 'insecure' },
  'weak-digest': { openssl: 'digest algorithm too weak', verify: 'insecure', verifyChain: 'insecure' },
  revoked: { openssl: 'certificate revoked', verify: 'is revoked', verifyChain: null },
  'altered-signature': {
    openssl: 'signature failure',
    verify: 'signature in the certificate is invalid',
    verifyChain: 'signature in the certificate is invalid',
  },
};

describe('foreign judges', () => {
  let dir: string;
  let pki: Pki;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'pumprange-defects-'));
    // By the host's clock: certtool of GnuTLS 3.7 takes no other.
    pki = createMemoryPki({ clock: new HeapClock(Date.now()) });
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  function file(name: string, text: string): string {
    const path = join(dir, name);
    writeFileSync(path, text);
    return path;
  }

  function ask(tool: string, args: readonly string[]): { accepted: boolean; said: string } {
    const { status, stdout, stderr } = spawnSync(tool, args, { encoding: 'utf8' });
    return { accepted: status === 0, said: stdout + stderr };
  }

  const crls = () =>
    file(
      'crls.pem',
      pki
        .crls()
        .map(({ pem }) => pem)
        .join(''),
    );
  const root = () => file('root.pem', pki.rootPem);

  const opensslSays = ({ certificatePem, chainPem }: Credential) =>
    ask('openssl', [
      ...['verify', '-x509_strict', '-crl_check_all', '-purpose', 'sslclient'],
      // 112 bits of security, as Debian has it for all of TLS; the command's own default is less.
      ...['-auth_level', '2', '-CAfile', root(), '-CRLfile', crls()],
      ...['-untrusted', file('chain.pem', chainPem), file('leaf.pem', certificatePem)],
    ]);
  // "medium" is 112 bits too.
  const verifySays = ({ chainPem }: Credential) =>
    ask('certtool', [
      ...['--verify', '--verify-profile', 'medium', '--verify-purpose', '1.3.6.1.5.5.7.3.2'],
      ...['--load-ca-certificate', root(), '--load-crl', crls(), '--infile', file('chain.pem', chainPem)],
    ]);
  const verifyChainSays = ({ chainPem }: Credential) =>
    ask('certtool', [
      ...['--verify-chain', '--verify-profile', 'medium'],
      ...['--infile', file('full.pem', chainPem + pki.rootPem)],
    ]);

  const judges = [
    { name: 'openssl verify', tool: 'openssl', from: 'openssl', key: 'openssl', says: opensslSays },
    { name: 'certtool --verify', tool: 'certtool', from: 'gnutls-bin', key: 'verify', says: verifySays },
    {
      name: 'certtool --verify-chain',
      tool: 'certtool',
      from: 'gnutls-bin',
      key: 'verifyChain',
      says: verifyChainSays,
    },
  ] as const;

  for (const { name, tool, from, key, says } of judges) {
    describe.skipIf(!hasTool(tool, from))(name, () => {
      test('accepts a good one', () => {
        const { accepted, said } = says(pki.issue({ identity: PUMP }));
        expect([accepted, said]).toEqual([true, said]);
      });

      test.each(DEFECT_NAMES)('%s', (defect) => {
        const expected = SEEN[defect][key];
        const { accepted, said } = says(pki.issueDefective(defect, PUMP));
        expect([accepted, said]).toEqual([
          expected === null,
          expected === null ? said : expect.stringContaining(expected),
        ]);
      });
    });
  }
});
