import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Credential, createMemoryPki } from '../../../pki/index.ts';
import { hasTool } from '../../helpers/require-tool.ts';
import { PUMP } from '../workbench.ts';
import { openStatusSite, type StatusSite } from './status-site.ts';

/** Who asks and who judges here is never ours: OpenSSL, GnuTLS and curl, over real HTTP. */

let dir: string;
let site: StatusSite;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pumprange-status-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));
beforeEach(async () => {
  site = await openStatusSite();
});
afterEach(() => site.stop());

interface Ran {
  readonly status: number;
  readonly said: string;
}

/** Not `spawnSync`: the server that is asked lives in this process. */
function run(program: string, ...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(program, args, { encoding: 'utf8', timeout: 15_000 }, (error, stdout, stderr) => {
      const code = error?.code;
      resolve({ status: typeof code === 'number' ? code : error === null ? 0 : 1, said: stdout + stderr });
    });
  });
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

const issuerPem = ({ certificatePem, chainPem }: Credential): string => chainPem.slice(certificatePem.length);

describe.skipIf(!hasTool('openssl'))('openssl ocsp', () => {
  function ask(credential: Credential, ...more: string[]): Promise<Ran> {
    return run(
      'openssl',
      'ocsp',
      '-CAfile',
      file('root.pem', site.pki.rootPem),
      '-verify_other',
      file('untrusted.pem', issuerPem(credential)),
      '-url',
      `${site.url}/ocsp`,
      '-issuer',
      file('issuer.pem', issuerPem(credential)),
      '-cert',
      file('leaf.pem', credential.certificatePem),
      ...more,
    );
  }

  test.each(['p256', 'rsa2048'] as const)(
    'is told of good certificates of %s authorities',
    async (keyAlgorithm) => {
      await site.stop();
      site = await openStatusSite({ keyAlgorithm });
      for (const identity of [
        PUMP,
        { kind: 'broker', id: 'broker-01' },
        { kind: 'nurse', id: 'n-1' },
      ] as const) {
        const { status, said } = await ask(site.pki.issue({ identity }));
        expect(said).toContain('Response verify OK');
        expect(said).toContain('leaf.pem: good');
        expect(status).toBe(0);
        // A nonce went out, so this would be said of an answer without it.
        expect(said).not.toContain('WARNING');
      }
    },
  );

  test('is told when and why a certificate was revoked, and that another stays good', async () => {
    const revoked = site.pki.issue({ identity: PUMP });
    const other = site.pki.issue({ identity: { kind: 'pump', id: 'LVP-0002' } });
    site.pki.revoke(PUMP, 'keyCompromise');
    const { said } = await ask(revoked);
    expect(said).toContain('Response verify OK');
    expect(said).toContain('leaf.pem: revoked');
    expect(said).toContain('Reason: keyCompromise');
    const when = /Revocation Time: (.*)/.exec(said)?.[1] ?? '';
    expect(Date.parse(when)).toBe(Math.floor(site.clock.now() / 1_000) * 1_000);
    expect((await ask(other)).said).toContain('leaf.pem: good');
  });

  test('is told `unknown` of a serial number that was never issued', async () => {
    const { said } = await ask(site.pki.issue({ identity: PUMP }), '-serial', '0x1234');
    expect(said).toContain('Response verify OK');
    expect(said).toContain('leaf.pem: good');
    expect(said).toContain('0x1234: unknown');
  });

  test('asks with SHA-256 too, and without a nonce', async () => {
    const credential = site.pki.issue({ identity: PUMP });
    const { said } = await run(
      'openssl',
      'ocsp',
      '-sha256',
      '-no_nonce',
      '-CAfile',
      file('root.pem', site.pki.rootPem),
      '-verify_other',
      file('untrusted.pem', issuerPem(credential)),
      '-url',
      `${site.url}/ocsp`,
      '-issuer',
      file('issuer.pem', issuerPem(credential)),
      '-cert',
      file('leaf.pem', credential.certificatePem),
      '-resp_text',
    );
    expect(said).toContain('Response verify OK');
    expect(said).toContain('Hash Algorithm: sha256');
    expect(said).not.toContain('OCSP Nonce');
    const [thisUpdate, nextUpdate] = ['This Update', 'Next Update'].map((name) =>
      Date.parse(new RegExp(`${name}: (.*)`).exec(said)?.[1] ?? ''),
    );
    expect(nextUpdate! - thisUpdate!).toBe(600_000);
  });

  test('is told by the root of its issuing authorities', async () => {
    const credential = site.pki.issue({ identity: PUMP });
    const root = file('root.pem', site.pki.rootPem);
    const { said } = await run(
      'openssl',
      'ocsp',
      '-CAfile',
      root,
      '-url',
      `${site.url}/ocsp`,
      '-issuer',
      root,
      '-cert',
      file('ca.pem', issuerPem(credential)),
    );
    expect(said).toContain('Response verify OK');
    expect(said).toContain('ca.pem: good');
  });

  test('with the wrong issuer is refused, and a foreign responder is not believed', async () => {
    const stranger = createMemoryPki({ clock: site.clock });
    const { said, status } = await ask(stranger.issue({ identity: PUMP }));
    expect(said).toContain('Responder Error: unauthorized');
    expect(status).not.toBe(0);
    // Ours is asked as it should be, but whoever asks trusts another root.
    const ours = site.pki.issue({ identity: PUMP });
    expect((await ask(ours, '-CAfile', file('other-root.pem', stranger.rootPem))).said).toContain(
      'Response Verify Failure',
    );
  });

  test('follows the addresses in the certificate, and asks in the path of a GET', async () => {
    const credential = site.pki.issue({ identity: PUMP });
    const leaf = file('leaf.pem', credential.certificatePem);
    const { said } = await run(
      'openssl',
      'x509',
      '-noout',
      '-ext',
      'authorityInfoAccess,crlDistributionPoints',
      '-in',
      leaf,
    );
    expect(said).toContain(`OCSP - URI:${site.url}/ocsp`);
    expect(said).toContain(`CA Issuers - URI:${site.url}/ca/devices.cer`);
    expect(said).toContain(`URI:${site.url}/crl/devices.crl`);
    const request = join(dir, 'request.der');
    const issuer = file('issuer.pem', issuerPem(credential));
    await run('openssl', 'ocsp', '-no_nonce', '-issuer', issuer, '-cert', leaf, '-reqout', request);
    const base64 = readFileSync(request).toString('base64');
    for (const path of [base64, encodeURIComponent(base64)]) {
      const response = await fetch(`${site.url}/ocsp/${path}`);
      expect(response.headers.get('content-type')).toBe('application/ocsp-response');
      expect(response.headers.get('cache-control')).toMatch(/^max-age=600, public/);
      const answered = await run(
        'openssl',
        'ocsp',
        '-no_nonce',
        '-respin',
        file('response.der', Buffer.from(await response.arrayBuffer())),
        '-CAfile',
        file('root.pem', site.pki.rootPem),
        '-verify_other',
        issuer,
        '-issuer',
        issuer,
        '-cert',
        leaf,
      );
      expect(answered.said).toContain('Response verify OK');
      expect(answered.said).toContain('leaf.pem: good');
    }
  });
});

describe.skipIf(!hasTool('ocsptool', 'gnutls-bin'))('GnuTLS ocsptool', () => {
  const ask = (credential: Credential): Promise<Ran> =>
    run(
      'ocsptool',
      `--ask=${site.url}/ocsp`,
      '--nonce',
      '--load-chain',
      file('chain.pem', credential.chainPem),
      '--load-trust',
      file('trust.pem', issuerPem(credential)),
    );

  test('verifies good and revoked, with a nonce', async () => {
    const credential = site.pki.issue({ identity: PUMP });
    const good = await ask(credential);
    expect(good.said).toContain('Certificate Status: good');
    expect(good.said).toContain('Verifying OCSP Response: Success.');
    site.pki.revoke(PUMP, 'cessationOfOperation');
    const revoked = await ask(credential);
    expect(revoked.said).toContain('Certificate Status: revoked');
    expect(revoked.said).toContain('Verifying OCSP Response: Success.');
  });
});

describe.skipIf(!hasTool('openssl') || !hasTool('curl'))('openssl verify with what curl fetched', () => {
  async function fetchCrls(): Promise<string> {
    const pems: string[] = [];
    for (const role of ['root', 'devices']) {
      const der = join(dir, `${role}.crl`);
      const fetched = await run(
        'curl',
        '-sS',
        '-f',
        '-o',
        der,
        '-w',
        '%{content_type}',
        `${site.url}/crl/${role}.crl`,
      );
      expect(fetched).toEqual({ status: 0, said: 'application/pkix-crl' });
      pems.push((await run('openssl', 'crl', '-inform', 'DER', '-in', der)).said);
    }
    return file('crls.pem', pems.join(''));
  }

  async function verify(credential: Credential): Promise<Ran> {
    return run(
      'openssl',
      'verify',
      '-x509_strict',
      '-crl_check_all',
      '-CAfile',
      file('root.pem', site.pki.rootPem),
      '-untrusted',
      file('untrusted.pem', issuerPem(credential)),
      '-CRLfile',
      await fetchCrls(),
      file('leaf.pem', credential.certificatePem),
    );
  }

  test('accepts a good one, refuses a revoked one, and accepts the other still', async () => {
    const one = site.pki.issue({ identity: PUMP });
    const other = site.pki.issue({ identity: { kind: 'pump', id: 'LVP-0002' } });
    expect(await verify(one)).toMatchObject({ status: 0, said: expect.stringContaining(': OK') });
    site.pki.revoke(PUMP, 'keyCompromise');
    expect((await verify(one)).said).toContain('certificate revoked');
    expect((await verify(other)).status).toBe(0);
  });

  test('is told by the tag that a list is still the last one, and gets the new one', async () => {
    site.pki.issue({ identity: PUMP });
    const url = `${site.url}/crl/devices.crl`;
    const head = await run('curl', '-sS', '-I', url);
    expect(head.said).toMatch(/^Last-Modified: .* GMT\r$/im);
    const etag = /^etag: (.*)\r$/im.exec(head.said)?.[1] ?? '';
    const again = (): Promise<Ran> =>
      run(
        'curl',
        '-sS',
        '-o',
        join(dir, 'again.crl'),
        '-w',
        '%{http_code}',
        '-H',
        `If-None-Match: ${etag}`,
        url,
      );
    expect((await again()).said).toBe('304');
    site.pki.revoke(PUMP, 'keyCompromise');
    expect((await again()).said).toBe('200');
  });

  test('the issuer that a certificate names is the one that issued it', async () => {
    const credential = site.pki.issue({ identity: PUMP });
    const der = join(dir, 'issuer.cer');
    await run('curl', '-sS', '-f', '-o', der, `${site.url}/ca/devices.cer`);
    expect((await run('openssl', 'x509', '-inform', 'DER', '-in', der)).said).toBe(issuerPem(credential));
  });
});
