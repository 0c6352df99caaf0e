import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Credential, createMemoryPki, exportCredential } from '../../pki/index.ts';
import type { EvidenceEntry } from '../../protocol/index.ts';
import { type Floor, observer, openFloor, pump, type Seat } from '../helpers/floor.ts';
import { hasTool } from '../helpers/require-tool.ts';

/** A client that we did not write. It judges the broker by the host's clock; the broker judges it by the Clock. */

const DAY_MS = 86_400_000;
const tools = hasTool('mosquitto_sub', 'mosquitto-clients') && hasTool('mosquitto_pub', 'mosquitto-clients');

let floor: Floor;
let dir: string;
beforeEach(async () => {
  floor = await openFloor({ startMs: Date.now(), lockstep: false });
  dir = mkdtempSync(join(tmpdir(), 'pumprange-mosquitto-'));
});
afterEach(async () => {
  await floor.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Where the broker is, and whom to trust. */
const there = (): string[] => [
  '-h',
  'localhost',
  '-p',
  String(floor.broker.port),
  '--cafile',
  join(dir, 'ca.pem'),
];

function as(credential: Credential, folder = '.'): string[] {
  exportCredential(credential, join(dir, folder), { overwrite: true });
  const ours = join(dir, folder);
  return [...there(), '--cert', join(ours, 'cert.pem'), '--key', join(ours, 'key.pem')];
}

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(tool: string, args: string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const guard = setTimeout(() => child.kill('SIGKILL'), 20_000);
    let out = '';
    let err = '';
    child.stdout.on('data', (bytes) => {
      out += bytes;
    });
    child.stderr.on('data', (bytes) => {
      err += bytes;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(guard);
      resolve({ code, out, err });
    });
  });
}

/** Asks again until there is an answer; a guard against hanging, not a time that anything should take. */
async function until<T>(what: string, ask: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 1_500; tries++) {
    const answer = ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${what} did not come`);
}

const evidenceOf = (event: string): Promise<EvidenceEntry> =>
  until(event, () => floor.evidence.findLast((one) => one.event === event));

/** Repeats a publication until somebody has subscribed to it: mosquitto_sub says so in a buffer that nobody sees. */
const publishUntilHeard = (seat: Seat, topic: string, payload: string): Promise<true> =>
  until(`a subscriber of ${topic}`, () => {
    if (floor.broker.counts().delivered > 0) return true;
    void seat.link.publish(topic, payload, { qos: 0 });
    return undefined;
  });

const publishArgs = ['-t', 'pumps/LVP-0001/command', '-m', 'x', '-q', '1'];

describe.skipIf(!tools)('mosquitto_sub', () => {
  test('with an observer’s certificate and no client id hears every pump', async () => {
    const sender = await floor.seat(pump());
    const args = as(floor.pki.issue({ identity: observer() }));
    const watching = run('mosquitto_sub', [...args, '-t', 'pumps/+/telemetry', '-v', '-C', '2']);
    await publishUntilHeard(sender, 'pumps/LVP-0001/telemetry', '{"hello":1}');
    void sender.link.publish('pumps/LVP-0001/telemetry', '{"hello":1}', { qos: 1 });
    const { code, out } = await watching;
    expect(code).toBe(0);
    expect(out).toBe('pumps/LVP-0001/telemetry {"hello":1}\n'.repeat(2));
    const opened = floor.evidence.findLast(({ event }) => event === 'session.opened');
    expect(opened).toMatchObject({ subject: 'urn:pumprange:observer:observer-01' });
    expect(opened?.session).toMatch(/^observer:observer-01\/\d+$/);
  });

  test('is told that a filter beyond its rights is not granted', async () => {
    const credential = as(floor.pki.issue({ identity: observer() }));
    const { err, out } = await run('mosquitto_sub', [
      ...credential,
      '-t',
      'pumps/+/patient',
      '-d',
      '-W',
      '10',
    ]);
    expect(out + err).toMatch(/All subscription requests were denied|Subscribed \(mid: 1\): 128/);
    expect(await evidenceOf('subscribe.denied')).toMatchObject({
      control: 'topic-authorization',
      object: 'pumps/+/patient',
      subject: 'urn:pumprange:observer:observer-01',
    });
  });

  test('hears the will of a pump whose connection is cut', async () => {
    const topic = 'pumps/LVP-0001/status';
    const mortal = await floor.seat(pump(), { will: { topic, payload: 'offline', retain: true } });
    const args = as(floor.pki.issue({ identity: observer() }));
    const watching = run('mosquitto_sub', [...args, '-t', 'pumps/+/status', '-v', '-W', '5']);
    await publishUntilHeard(mortal, topic, 'online');
    mortal.link.cut();
    const { out } = await watching;
    expect(out).toMatch(/^(?:pumps\/LVP-0001\/status online\n)+pumps\/LVP-0001\/status offline\n$/);
  });
});

describe.skipIf(!tools)('mosquitto_pub is refused', () => {
  const refused = async (args: string[]): Promise<EvidenceEntry> => {
    const { code } = await run('mosquitto_pub', [...args, ...publishArgs]);
    expect(code).not.toBe(0);
    const refusal = await evidenceOf('session.refused');
    expect(refusal).toMatchObject({ outcome: 'denied', visibility: 'blue', address: '127.0.0.1' });
    expect(floor.broker.counts()).toMatchObject({ clients: 0, published: 0 });
    return refusal;
  };
  const trustOurs = (): void => void as(floor.pki.issue({ identity: observer() }));

  test('without a certificate', async () => {
    trustOurs();
    expect(await refused(there())).toMatchObject({
      control: 'mutual-tls',
      cause: expect.stringMatching(/^no-certificate/),
    });
  });

  test('with a certificate of another authority', async () => {
    trustOurs();
    const elsewhere = createMemoryPki({ clock: floor.clock, name: 'Elsewhere' });
    exportCredential(elsewhere.issue({ identity: observer() }), join(dir, 'foreign'));
    const args = [...there(), '--cert', join(dir, 'foreign/cert.pem'), '--key', join(dir, 'foreign/key.pem')];
    expect(await refused(args)).toMatchObject({
      control: 'mutual-tls',
      cause: expect.stringMatching(/^unknown-issuer/),
    });
  });

  test('with a certificate of an authority that bears the name of ours', async () => {
    trustOurs();
    const double = createMemoryPki({ clock: floor.clock });
    exportCredential(double.issue({ identity: observer() }), join(dir, 'double'));
    const args = [...there(), '--cert', join(dir, 'double/cert.pem'), '--key', join(dir, 'double/key.pem')];
    expect(await refused(args)).toMatchObject({
      control: 'mutual-tls',
      cause: expect.stringMatching(/^(?:unknown-issuer|bad-signature)/),
    });
  });

  test('with one that has expired by the Clock', async () => {
    const args = as(floor.pki.issue({ identity: observer(), lifetimeMs: DAY_MS }));
    floor.clock.runTo(floor.clock.now() + 2 * DAY_MS);
    expect(await refused(args)).toMatchObject({
      control: 'mutual-tls',
      cause: expect.stringMatching(/^expired/),
    });
  });

  test('with one that was revoked', async () => {
    const args = as(floor.pki.issue({ identity: observer() }));
    floor.pki.revoke(observer(), 'keyCompromise');
    expect(await refused(args)).toMatchObject({
      control: 'certificate-revocation',
      cause: expect.stringMatching(/^revoked/),
    });
  });

  test('with a server’s certificate', async () => {
    const args = as(floor.pki.issue({ identity: { kind: 'broker', id: 'broker-02' } }));
    expect(await refused(args)).toMatchObject({
      control: 'mutual-tls',
      cause: expect.stringMatching(/^wrong-usage/),
    });
  });

  test('with a person’s certificate, which is for signing', async () => {
    const args = as(floor.pki.issue({ identity: { kind: 'nurse', id: 'nurse-01' } }));
    expect(await refused(args)).toMatchObject({
      control: 'mutual-tls',
      cause: expect.stringMatching(/^wrong-usage/),
    });
  });

  test.skipIf(!hasTool('openssl'))('with a self-signed one that claims an identity of ours', async () => {
    trustOurs();
    const [cert, key] = [join(dir, 'self.pem'), join(dir, 'self.key')];
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
      ...['-subj', '/CN=urn:pumprange:observer:observer-01', '-keyout', key, '-out', cert],
      ...[
        '-addext',
        'subjectAltName=URI:urn:pumprange:observer:observer-01',
        '-addext',
        'extendedKeyUsage=clientAuth',
      ],
    ]);
    expect(made.status).toBe(0);
    expect(await refused([...there(), '--cert', cert, '--key', key])).toMatchObject({
      control: 'mutual-tls',
      cause: expect.stringMatching(/^unknown-issuer/),
    });
  });

  test('by a name that is not its certificate’s', async () => {
    const args = [...as(floor.pki.issue({ identity: observer() })), '-i', 'nurse-station:station-01'];
    expect(await refused(args)).toMatchObject({
      control: 'identity-binding',
      subject: 'urn:pumprange:observer:observer-01',
    });
  });
});

describe.skipIf(!tools)('mosquitto_pub', () => {
  test('of an observer may not command: the connection closes, and the evidence says why', async () => {
    const args = as(floor.pki.issue({ identity: observer() }));
    const { code } = await run('mosquitto_pub', [...args, ...publishArgs]);
    expect(code).not.toBe(0);
    expect(await evidenceOf('publish.denied')).toMatchObject({
      control: 'topic-authorization',
      object: 'pumps/LVP-0001/command',
      subject: 'urn:pumprange:observer:observer-01',
    });
    expect(floor.broker.counts().published).toBe(0);
  });

  test('of a nurse’s station may, so that the refusals above are refusals', async () => {
    const args = as(floor.pki.issue({ identity: { kind: 'nurse-station', id: 'station-01' } }));
    const { code, err } = await run('mosquitto_pub', [...args, ...publishArgs]);
    expect([code, err]).toEqual([0, '']);
    expect(await evidenceOf('publish.allowed')).toMatchObject({ object: 'pumps/LVP-0001/command' });
  });

  test('does not trust a broker of another authority', async () => {
    const args = as(floor.pki.issue({ identity: { kind: 'nurse-station', id: 'station-01' } }));
    exportCredential(
      createMemoryPki({ clock: floor.clock, name: 'Elsewhere' }).issue({ identity: observer() }),
      join(dir, 'elsewhere'),
    );
    args[args.indexOf('--cafile') + 1] = join(dir, 'elsewhere/ca.pem');
    const { code } = await run('mosquitto_pub', [...args, ...publishArgs]);
    expect(code).not.toBe(0);
    expect(floor.broker.counts().published).toBe(0);
  });
});
