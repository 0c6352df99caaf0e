import { afterEach, expect, test } from 'vitest';
import { unsettled } from '../../../clock/index.ts';
import { parseCertificate, type ServiceServer, startServiceServer } from '../../../pki/index.ts';
import { buildCertsOnly } from '../../../pki/x509/certs-only.ts';
import { pemBlocks } from '../../../pki/x509/pem.ts';
import { CONTROL_IDS, type Identity } from '../../../protocol/index.ts';
import { EstClient } from '../../../simulator/enrolment/index.ts';
import { ENROLMENT_CODEC } from '../../../testbed/enrolment.ts';
import { type Desk, openDesk } from '../../pki/enrolment/desk.ts';

const START_MS = Date.parse('2026-03-02T06:00:00Z');
const PUMP: Identity = { kind: 'pump', id: 'LVP-0001' };

const servers: ServiceServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function desk(): Promise<Desk> {
  const opened = await openDesk({ startMs: START_MS });
  servers.push(opened.server);
  return opened;
}

const rootOf = ({ site }: Desk): string =>
  pemBlocks(site.rootPem, 'CERTIFICATE').map(parseCertificate)[0]!.fingerprint;

function client({ clock }: Desk, port: () => number, rootFingerprint?: string): EstClient {
  return new EstClient({
    clock,
    settling: unsettled,
    identity: PUMP,
    controls: new Set(CONTROL_IDS),
    codec: ENROLMENT_CODEC,
    endpoint: () => ({ host: '127.0.0.1', port: port(), listener: 'tls' }),
    ...(rootFingerprint && { rootFingerprint }),
  });
}

/** A server with the certificate of a site, that answers an enrolment as the test says. */
async function crooked(home: Desk, answer: (body: Buffer) => Buffer): Promise<number> {
  const server = await startServiceServer({
    clock: home.clock,
    settling: unsettled,
    host: '127.0.0.1',
    port: 0,
    tls: {
      ...home.site.issue({ identity: { kind: 'est-server', id: 'est-02' } }),
      clientRootPems: [home.site.rootPem],
    },
    evidence: () => undefined,
    handlers: [
      ({ path, body }) => ({
        status: 200,
        headers: {},
        body: (path.endsWith('cacerts')
          ? buildCertsOnly(
              [home.site.rootPem, ...home.site.issuingPems].flatMap((pem) => pemBlocks(pem, 'CERTIFICATE')),
            )
          : answer(Buffer.from(body.toString(), 'base64'))
        ).toString('base64'),
      }),
    ],
  });
  servers.push(server);
  return server.port;
}

test('takes a certificate for its own key from the site that it was commissioned for', async () => {
  const home = await desk();
  const birth = home.manufacturer.issue({ identity: PUMP });
  const got = await client(home, () => home.server.port, rootOf(home)).enrol('simpleenroll', birth);
  const chain = pemBlocks(got.chainPem, 'CERTIFICATE');
  expect(chain).toHaveLength(2);
  expect(home.site.judge({ revocation: true })(chain, 'tls-client', START_MS)).toMatchObject({
    accepted: true,
    identity: PUMP,
  });
});

test('takes none from another site than the one that it was commissioned for', async () => {
  const [home, other] = [await desk(), await desk()];
  const birth = other.manufacturer.issue({ identity: PUMP });
  const enrolling = client(home, () => other.server.port, rootOf(home)).enrol('simpleenroll', birth);
  await expect(enrolling).rejects.toMatchObject({ control: 'server-identity' });
  // Without the fingerprint it falls to whoever answers first: that is what the fingerprint is for.
  await expect(client(home, () => other.server.port).enrol('simpleenroll', birth)).resolves.toBeDefined();
});

test('never goes to another site once it knows its own', async () => {
  const [home, other] = [await desk(), await desk()];
  let port = home.server.port;
  const pump = client(home, () => port);
  await pump.enrol('simpleenroll', home.manufacturer.issue({ identity: PUMP }));
  port = other.server.port;
  const enrolling = pump.enrol('simpleenroll', other.manufacturer.issue({ identity: PUMP }));
  await expect(enrolling).rejects.toMatchObject({ control: 'server-identity' });
  expect(other.evidence.filter(({ event }) => event.startsWith('enrolment'))).toEqual([]);
});

test.each<[string, (home: Desk) => (request: Buffer) => Buffer, RegExp]>([
  [
    'a certificate for another key',
    ({ site }) =>
      () =>
        buildCertsOnly(site.issue({ identity: PUMP }).chainDer.slice(0, 1)),
    /another key/,
  ],
  [
    'a certificate for another name',
    ({ site }) =>
      () =>
        buildCertsOnly(site.issue({ identity: { kind: 'pump', id: 'LVP-0002' } }).chainDer.slice(0, 1)),
    /another name/,
  ],
  ['no certificate', () => () => buildCertsOnly([]), /no certificate/],
  ['garbage', () => () => Buffer.from('garbage'), /not usable/],
  ['its own request', () => (request) => request, /not usable/],
  ['a certificate of another site', () => () => buildCertsOnly(foreignChain()), /not good/],
])('does not take %s', async (_what, answer, reason) => {
  const home = await desk();
  const foreign = await desk();
  foreignChain = () => foreign.site.issue({ identity: PUMP }).chainDer.slice(0, 1);
  const port = await crooked(home, answer(home));
  const birth = home.manufacturer.issue({ identity: PUMP });
  await expect(client(home, () => port).enrol('simpleenroll', birth)).rejects.toThrow(reason);
});
let foreignChain: () => readonly Buffer[] = () => [];

test('says what the server said, and how long it asks to wait', async () => {
  const home = await desk();
  const gateway = home.manufacturer.issue({ identity: { kind: 'gateway', id: 'gateway-01' } });
  await expect(client(home, () => home.server.port).enrol('simpleenroll', gateway)).rejects.toMatchObject({
    status: 403,
    message: expect.stringContaining('not-a-pump'),
  });
});

test('fails at once where nobody listens', async () => {
  const home = await desk();
  await home.server.stop();
  const enrolling = client(home, () => home.server.port).enrol(
    'simpleenroll',
    home.manufacturer.issue({ identity: PUMP }),
  );
  await expect(enrolling).rejects.toMatchObject({
    control: null,
    status: 0,
    message: expect.stringContaining('ECONNREFUSED'),
  });
});
