import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Credential, exportCredential } from '../../pki/index.ts';
import type { EvidenceEntry } from '../../protocol/index.ts';
import { hasTool } from '../helpers/require-tool.ts';
import { type Desk, type DeskOptions, openDesk } from '../pki/enrolment/desk.ts';

/** An EST client that we did not write: `curl`, with requests of `openssl req`. What it gets, `openssl` judges. */

const tools = hasTool('curl') && hasTool('openssl');
const URN = 'urn:pumprange:pump:LVP-0001';
const DAY_MS = 86_400_000;

let desk: Desk;
let dir: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pumprange-est-'));
  await open({});
});
afterEach(async () => {
  await desk.server.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function open(options: Omit<DeskOptions, 'startMs'>): Promise<void> {
  await desk?.server.stop();
  // Curl judges the server by the host's clock.
  desk = await openDesk({ startMs: Date.now(), ...options });
  writeFileSync(join(dir, 'root.pem'), desk.site.rootPem);
}

function openssl(args: readonly string[], input?: string | Buffer): string {
  const { status, stdout, stderr } = spawnSync('openssl', args, { ...(input && { input }), timeout: 20_000 });
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
  return stdout.toString('latin1');
}

interface Answer {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

function curl(operation: string, ...args: string[]): Promise<Answer> {
  const url = `https://localhost:${desk.server.port}/.well-known/est/${operation}`;
  const always = [
    '-sS',
    '--cacert',
    join(dir, 'root.pem'),
    '-D',
    join(dir, 'headers'),
    '-w',
    '%{stderr}%{http_code}',
  ];
  return new Promise((resolve, reject) => {
    const child = spawn('curl', [...always, ...args, url], { stdio: ['ignore', 'pipe', 'pipe'] });
    const guard = setTimeout(() => child.kill('SIGKILL'), 20_000);
    let body = '';
    let said = '';
    child.stdout.setEncoding('latin1').on('data', (text) => {
      body += text;
    });
    child.stderr.on('data', (text) => {
      said += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(guard);
      if (code !== 0) return reject(new Error(`curl ended with ${code}: ${said}`));
      resolve({ status: Number(said.slice(-3)), headers: readFileSync(join(dir, 'headers'), 'utf8'), body });
    });
  });
}

function as(credential: Credential, folder = 'birth'): string[] {
  exportCredential(credential, join(dir, folder), { overwrite: true });
  return ['--cert', join(dir, folder, 'cert.pem'), '--key', join(dir, folder, 'key.pem')];
}

const birth = (id = 'LVP-0001'): string[] => as(desk.manufacturer.issue({ identity: { kind: 'pump', id } }));

const P256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

/** A request in base64, and the key beside it. */
function csr(
  subject = `/CN=${URN}`,
  extensions: readonly string[] = [`subjectAltName=URI:${URN}`],
  key = P256,
): Buffer {
  const added = extensions.flatMap((extension) => ['-addext', extension]);
  const out = join(dir, 'request.der');
  openssl([
    'req',
    '-new',
    ...key,
    '-nodes',
    '-keyout',
    join(dir, 'new.key'),
    '-subj',
    subject,
    ...added,
    '-outform',
    'DER',
    '-out',
    out,
  ]);
  return readFileSync(out);
}

function post(content: Buffer | string, type = 'application/pkcs10'): string[] {
  const path = join(dir, 'body');
  writeFileSync(path, typeof content === 'string' ? content : content.toString('base64'));
  return ['-H', `Content-Type: ${type}`, '--data-binary', `@${path}`];
}

/** The certificates in an answer, in PEM, as `openssl pkcs7` reads them. */
function certificatesOf({ body }: Answer, name: string): string {
  const pem = openssl(['pkcs7', '-inform', 'DER', '-print_certs'], Buffer.from(body, 'base64'));
  writeFileSync(join(dir, name), pem);
  return pem;
}

const last = (event: string): EvidenceEntry | undefined =>
  desk.evidence.findLast((one) => one.event === event);

async function enrol(...args: string[]): Promise<Answer> {
  return curl('simpleenroll', ...args);
}

describe.skipIf(!tools)('curl', () => {
  test('gets the authorities without a certificate of its own', async () => {
    const answer = await curl('cacerts');
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatch(/^content-type: application\/pkcs7-mime; smime-type=certs-only\r$/im);
    expect(answer.headers).toMatch(/^content-transfer-encoding: base64\r$/im);
    const pem = certificatesOf(answer, 'cacerts.pem');
    for (const one of [desk.site.rootPem, ...desk.site.issuingPems]) expect(pem).toContain(one.trim());
  });

  test('learns what a request should have, also by the label of the CA', async () => {
    const answer = await curl('devices/csrattrs');
    expect([answer.status, /^content-type: (.*)\r$/im.exec(answer.headers)?.[1]]).toEqual([
      200,
      'application/csrattrs',
    ]);
    const read = openssl(['asn1parse', '-inform', 'DER'], Buffer.from(answer.body, 'base64'));
    expect(read).toMatch(/id-ecPublicKey[\s\S]*prime256v1[\s\S]*ecdsa-with-SHA256/);
  });

  test('enrols by its birth certificate, and again by what it got; openssl accepts both', async () => {
    const first = await enrol(...birth(), ...post(csr()));
    expect(first.status).toBe(200);
    expect(first.headers).toMatch(/^content-type: application\/pkcs7-mime; smime-type=certs-only\r$/im);
    certificatesOf(await curl('cacerts'), 'cacerts.pem');
    const verify = (leaf: string): string =>
      openssl([
        'verify',
        '-x509_strict',
        '-purpose',
        'sslclient',
        '-CAfile',
        join(dir, 'root.pem'),
        '-untrusted',
        join(dir, 'cacerts.pem'),
        join(dir, leaf),
      ]);
    certificatesOf(first, 'cert.pem');
    expect(verify('cert.pem')).toContain('cert.pem: OK');
    expect(openssl(['x509', '-in', join(dir, 'cert.pem'), '-noout', '-ext', 'subjectAltName'])).toContain(
      `URI:${URN}`,
    );
    // The key never left the client: the certificate is for it.
    const ofKey = openssl(['pkey', '-in', join(dir, 'new.key'), '-pubout']);
    expect(openssl(['x509', '-in', join(dir, 'cert.pem'), '-noout', '-pubkey'])).toBe(ofKey);
    expect(last('enrolment.granted')).toMatchObject({
      outcome: 'allowed',
      subject: URN,
      control: 'enrolment-policy',
      object: 'simpleenroll',
    });

    writeFileSync(join(dir, 'current.key'), readFileSync(join(dir, 'new.key')));
    const current = ['--cert', join(dir, 'cert.pem'), '--key', join(dir, 'current.key')];
    const second = await curl('simplereenroll', ...current, ...post(csr()));
    expect(second.status).toBe(200);
    certificatesOf(second, 'again.pem');
    expect(verify('again.pem')).toContain('again.pem: OK');
    expect(desk.site.list().filter(({ identity }) => identity.kind === 'pump')).toHaveLength(2);
  });

  test.each([
    ['names nobody', '/O=Somewhere', []],
    ['names its serial number only', '/CN=LVP-0001/serialNumber=LVP-0001', []],
    [
      'asks for the usual',
      '/CN=LVP-0001',
      ['keyUsage=digitalSignature,keyEncipherment', 'extendedKeyUsage=clientAuth'],
    ],
  ])('gets its own name when the request %s', async (_what, subject, extensions) => {
    const answer = await enrol(...birth(), ...post(csr(subject, extensions)));
    expect(answer.status).toBe(200);
    certificatesOf(answer, 'cert.pem');
    const text = openssl([
      'x509',
      '-in',
      join(dir, 'cert.pem'),
      '-noout',
      '-subject',
      '-ext',
      'subjectAltName,keyUsage',
    ]);
    expect(text).toContain(`URI:${URN}`);
    expect(text).toContain(`O = Pumprange TEST ONLY, CN = ${URN}`);
    expect(text).not.toMatch(/Somewhere|Key Encipherment/);
  });

  test('enrols an RSA-2048 key', async () => {
    const answer = await enrol(...birth(), ...post(csr(undefined, [], ['-newkey', 'rsa:2048'])));
    expect(answer.status).toBe(200);
    certificatesOf(answer, 'cert.pem');
    expect(openssl(['x509', '-in', join(dir, 'cert.pem'), '-noout', '-text'])).toContain(
      'Public-Key: (2048 bit)',
    );
  });
});

describe.skipIf(!tools)('curl is refused', () => {
  async function refused(
    answer: Promise<Answer>,
    status: number,
    control: string | null,
    cause: RegExp,
  ): Promise<Answer> {
    const { status: actual, ...rest } = await answer;
    expect(actual).toBe(status);
    expect(last('enrolment.denied')).toMatchObject({
      source: 'pki',
      outcome: 'denied',
      visibility: 'blue',
      address: '127.0.0.1',
      control,
      cause: expect.stringMatching(cause),
    });
    expect(desk.site.list().filter(({ identity }) => identity.kind === 'pump')).toEqual([]);
    return { status: actual, ...rest };
  }

  test('without a certificate', async () => {
    const { headers } = await refused(
      enrol(...post(csr())),
      401,
      'enrolment-policy',
      /^not-authenticated: no-certificate/,
    );
    expect(headers).toMatch(/^www-authenticate: /im);
  });

  test('with a birth certificate of a manufacturer that is not known', async () => {
    const stranger = await openDesk({ startMs: Date.now() });
    await stranger.server.stop();
    const args = as(stranger.manufacturer.issue({ identity: { kind: 'pump', id: 'LVP-0001' } }));
    await refused(
      enrol(...args, ...post(csr())),
      401,
      'enrolment-policy',
      /^not-authenticated: (?:unknown-issuer|bad-signature)/,
    );
  });

  test('with a birth certificate where one of the site is due', async () => {
    await refused(
      curl('simplereenroll', ...birth(), ...post(csr())),
      401,
      'enrolment-policy',
      /unknown-issuer/,
    );
  });

  test('with the certificate of something that is no pump', async () => {
    const args = as(desk.manufacturer.issue({ identity: { kind: 'gateway', id: 'gateway-01' } }));
    await refused(enrol(...args, ...post(csr())), 403, 'enrolment-policy', /^not-a-pump/);
  });

  test('with a birth certificate that has expired by the Clock', async () => {
    const args = as(
      desk.manufacturer.issue({ identity: { kind: 'pump', id: 'LVP-0001' }, lifetimeMs: DAY_MS }),
    );
    desk.clock.runTo(desk.clock.now() + 2 * DAY_MS);
    await refused(enrol(...args, ...post(csr())), 401, 'enrolment-policy', /^not-authenticated: expired/);
  });

  test.each([
    [
      'another serial number in the URI',
      `/CN=${URN}`,
      ['subjectAltName=URI:urn:pumprange:pump:LVP-0002'],
      /^other-name/,
    ],
    ['another serial number in the name', '/CN=urn:pumprange:pump:LVP-0002', [], /^other-name/],
    ['a second name beside its own', `/CN=${URN}/CN=LVP-0002`, [], /^other-name/],
    [
      'a second URI beside its own',
      `/CN=${URN}`,
      [`subjectAltName=URI:${URN},URI:urn:pumprange:gateway:g-1`],
      /^other-name/,
    ],
    ['a host name', `/CN=${URN}`, [`subjectAltName=URI:${URN},DNS:localhost`], /^other-name/],
    ['the rights of an authority', `/CN=${URN}`, ['basicConstraints=critical,CA:TRUE'], /^other-rights/],
    ['the usage of an authority', `/CN=${URN}`, ['keyUsage=keyCertSign'], /^other-rights/],
    [
      'a server’s purpose',
      `/CN=${URN}`,
      ['extendedKeyUsage=clientAuth,serverAuth'],
      /^other-rights.*serverAuth/,
    ],
    ['a purpose that is not known here', `/CN=${URN}`, ['extendedKeyUsage=timeStamping'], /^other-rights/],
    [
      'a critical extension that is not known here',
      `/CN=${URN}`,
      ['1.2.3.4=critical,DER:0500'],
      /^other-rights/,
    ],
  ])('when it asks for %s', async (_what, subject, extensions, cause) => {
    await refused(enrol(...birth(), ...post(csr(subject, extensions))), 403, 'enrolment-policy', cause);
  });

  test('when the request was not signed with its key', async () => {
    const request = csr();
    // In the last octets of the signature.
    request.writeUInt8(request.readUInt8(request.length - 3) ^ 1, request.length - 3);
    await refused(enrol(...birth(), ...post(request)), 400, 'enrolment-policy', /^no-possession/);
  });

  test.each([
    ['RSA-1024', ['-newkey', 'rsa:1024']],
    ['P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
  ])('when its key is %s', async (_what, key) => {
    await refused(enrol(...birth(), ...post(csr(undefined, [], key))), 400, 'enrolment-policy', /^weak-key/);
  });

  test('when it sends garbage', async () => {
    await refused(enrol(...birth(), ...post('not base64!')), 400, null, /^malformed/);
    await refused(enrol(...birth(), ...post(Buffer.from('no DER at all'))), 400, null, /^malformed/);
    await refused(enrol(...birth(), ...post(csr().subarray(0, 100))), 400, null, /^malformed/);
    await refused(enrol(...birth(), ...post('')), 400, null, /^malformed/);
  });

  test('when it sends too much', async () => {
    await refused(enrol(...birth(), ...post(Buffer.alloc(20_000))), 413, null, /^too-large/);
    await refused(enrol(...birth(), ...post(Buffer.alloc(600_000))), 413, null, /^too-large/);
  });

  test('when it sends another type', async () => {
    await refused(
      enrol(...birth(), ...post(csr(), 'application/x-www-form-urlencoded')),
      415,
      null,
      /^wrong-content-type/,
    );
  });

  test('when it asks too often, until it has waited; others are not', async () => {
    await open({ rate: { requests: 2, perMs: 60_000 } });
    const mine = birth();
    for (let times = 0; times < 2; times++) await enrol(...mine, ...post('garbage!'));
    desk.clock.runTo(desk.clock.now() + 20_000);
    const { headers } = await refused(
      enrol(...mine, ...post(csr())),
      429,
      'enrolment-policy',
      /^too-many-requests/,
    );
    const waitS = Number(/^retry-after: (\d+)\r$/im.exec(headers)?.[1]);
    expect(waitS).toBe(40);
    const other = as(desk.manufacturer.issue({ identity: { kind: 'pump', id: 'LVP-0002' } }), 'other');
    expect((await enrol(...other, ...post(csr('/CN=LVP-0002', [])))).status).toBe(200);
    desk.clock.runTo(desk.clock.now() + waitS * 1_000);
    expect((await enrol(...mine, ...post(csr()))).status).toBe(200);
  });

  test('when its certificate was revoked: neither renews it nor gets another, until somebody issues one', async () => {
    const mine = birth();
    const credential = desk.site.issue({ identity: { kind: 'pump', id: 'LVP-0001' } });
    desk.clock.runTo(desk.clock.now() + 1_000);
    desk.site.revoke({ kind: 'pump', id: 'LVP-0001' }, 'keyCompromise');
    const renewal = await curl('simplereenroll', ...as(credential, 'site'), ...post(csr()));
    expect([renewal.status, last('enrolment.denied')]).toMatchObject([
      401,
      { control: 'certificate-revocation' },
    ]);
    const enrolment = await enrol(...mine, ...post(csr()));
    expect([enrolment.status, last('enrolment.denied')]).toMatchObject([
      403,
      { control: 'certificate-revocation' },
    ]);
    desk.site.issue({ identity: { kind: 'pump', id: 'LVP-0001' } });
    expect((await enrol(...mine, ...post(csr()))).status).toBe(200);
  });

  test('when it uses the wrong method, or there is no such operation', async () => {
    const get = await curl('simpleenroll', ...birth());
    expect([get.status, /^allow: (.*)\r$/im.exec(get.headers)?.[1]]).toEqual([405, 'POST']);
    expect((await curl('cacerts', ...post('x'))).status).toBe(405);
    expect((await curl('serverkeygen', ...birth(), ...post(csr()))).status).toBe(404);
    expect((await curl('people/simpleenroll', ...birth(), ...post(csr()))).status).toBe(404);
  });
});

describe.skipIf(!tools)('where enrolment-policy is off', () => {
  test('curl gets the certificate of any pump, with nothing to show', async () => {
    await open({ without: ['enrolment-policy'] });
    const answer = await enrol(...post(csr('/CN=urn:pumprange:pump:LVP-0002', [])));
    expect(answer.status).toBe(200);
    certificatesOf(answer, 'cert.pem');
    expect(openssl(['x509', '-in', join(dir, 'cert.pem'), '-noout', '-ext', 'subjectAltName'])).toContain(
      'LVP-0002',
    );
  });
});
