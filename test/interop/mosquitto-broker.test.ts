import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decide, type MosquittoProcess, startMosquitto } from '../../broker/index.ts';
import { HeapClock } from '../../clock/index.ts';
import { createMemoryPki, exportCredential, type Pki } from '../../pki/index.ts';
import { CONTROL_IDS, DEFAULT_SETTINGS, type Identity, PUMP_TOPICS } from '../../protocol/index.ts';
import { refreshMosquittoSetup, writeMosquittoSetup } from '../../testbed/mosquitto-setup.ts';
import { freePort } from '../helpers/free-port.ts';
import { hasTool } from '../helpers/require-tool.ts';

/**
 * A broker that we did not write, with the set-up that we did, asked by clients that we did not write either. What it lets through is read
 * off what arrives; the policy is what our own broker decides by.
 */

const tools =
  hasTool('mosquitto') &&
  hasTool('mosquitto_sub', 'mosquitto-clients') &&
  hasTool('mosquitto_pub', 'mosquitto-clients');

const DIGEST = 'ab'.repeat(32);
const MINE = 'LVP-0001';
const OTHER = 'LVP-0002';
const TOPICS = [MINE, OTHER].flatMap((serial) => [
  ...PUMP_TOPICS.map((topic) => `pumps/${serial}/${topic}`),
  `artifacts/${DIGEST}/request/${serial}`,
  `artifacts/${DIGEST}/chunk/${serial}/0`,
]);
TOPICS.push('libraries/adult-icu/release', 'firmware/lvp/release', 'pumps/LVP-0001/unknown', 'elsewhere');

const CLIENTS: readonly Identity[] = [
  { kind: 'pump', id: MINE },
  { kind: 'pump', id: OTHER },
  { kind: 'pump-server', id: 'server-01' },
  { kind: 'nurse-station', id: 'station-01' },
  { kind: 'gateway', id: 'gateway-01' },
  { kind: 'vendor', id: 'vendor-01' },
  { kind: 'observer', id: 'observer-01' },
];
const ALL = new Set(CONTROL_IDS);
const posture = { id: 'layered', title: 'All', controls: ALL, settings: DEFAULT_SETTINGS };
const nameOf = ({ kind, id }: Identity): string => `${kind}-${id}`;

/** The test's own: may say and read everything. */
const WITNESS = 'observer-witness-01';

const DAY_MS = 86_400_000;
const EXPIRED: Identity = { kind: 'observer', id: 'expired-01' };

let dir: string;
let port: number;
let pki: Pki;
let broker: MosquittoProcess;
const children = new Set<ChildProcess>();

const setup = () => ({
  ...{ pki, posture, out: join(dir, 'mosquitto'), port, plaintextPort: 0, nowMs: Date.now() },
  overwrite: true,
});

beforeAll(async () => {
  if (!tools) return;
  dir = mkdtempSync(join(tmpdir(), 'pumprange-mosquitto-'));
  port = await freePort();
  const clock = new HeapClock(Date.now() - 3 * DAY_MS);
  pki = createMemoryPki({ clock });
  // By the host's clock it expired two days ago.
  exportCredential(pki.issue({ identity: EXPIRED, lifetimeMs: DAY_MS }), join(dir, nameOf(EXPIRED)));
  clock.runTo(Date.now());
  for (const identity of CLIENTS) exportCredential(pki.issue({ identity }), join(dir, nameOf(identity)));
  exportAs('observer', 'witness-01');
  const file = writeMosquittoSetup(setup());
  witnessed();
  broker = await startMosquitto(file);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await broker?.stop();
  if (dir) rmSync(dir, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number | null;
  readonly out: string;
}

const as = (name: string): string[] => [
  ...['-h', 'localhost', '-p', String(port), '--cafile', join(dir, 'mosquitto/ca.pem')],
  ...['--cert', join(dir, name, 'cert.pem'), '--key', join(dir, name, 'key.pem')],
];

/** A child, all that it says, and its end. */
function tool(command: string, args: readonly string[]) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  const heard = { text: '' };
  child.stdout.on('data', (bytes) => {
    heard.text += bytes;
  });
  child.stderr.on('data', (bytes) => {
    heard.text += bytes;
  });
  const ended = new Promise<Outcome>((resolve) => {
    child.once('close', (code) => {
      children.delete(child);
      resolve({ code, out: heard.text });
    });
  });
  return { child, heard, ended };
}

const publish = (name: string, topic: string, payload: string, ...more: string[]): Promise<Outcome> =>
  tool('mosquitto_pub', [...as(name), '-q', '1', '-t', topic, '-m', payload, ...more]).ended;

/** Line by line, so that we see when it has subscribed. */
async function subscribed(name: string, filter = '#', ...more: string[]) {
  const sub = tool('stdbuf', [
    ...['-oL', 'mosquitto_sub', ...as(name), '-v', '-d', '-q', '1', '-t', filter, ...more],
  ]);
  await expect.poll(() => sub.heard.text, { timeout: 20_000 }).toContain('Subscribed (mid: 1)');
  return sub;
}
const hears = (sub: { heard: { text: string } }, what: string) =>
  expect.poll(() => sub.heard.text, { timeout: 20_000 }).toContain(what);
const topicsIn = (text: string): string[] =>
  TOPICS.filter((topic) => text.split('\n').some((line) => line.startsWith(`${topic} `)));

describe.skipIf(!tools)('Mosquitto with the set-up that is written for it', () => {
  test('lets each role read what the policy says, and grants it a filter all the same', {
    timeout: 60_000,
  }, async () => {
    const subs = new Map<Identity, Awaited<ReturnType<typeof subscribed>>>();
    for (const who of CLIENTS) subs.set(who, await subscribed(nameOf(who)));
    for (const topic of TOPICS) expect(await publish(WITNESS, topic, 'x')).toEqual({ code: 0, out: '' });
    // What each may read at least one of comes last.
    await publish(WITNESS, 'pumps/LAST/status', 'x');
    await publish(WITNESS, 'libraries/last/release', 'x');
    for (const [who, sub] of subs) {
      await expect
        .poll(() => sub.heard.text, { timeout: 20_000 })
        .toMatch(who.kind === 'pump' ? /^libraries\/last/m : /^pumps\/LAST/m);
      const mayRead = (filter: string) => decide(who, { action: 'subscribe', filter }, ALL).allowed;
      expect({ who, reads: topicsIn(sub.heard.text) }).toEqual({ who, reads: TOPICS.filter(mayRead) });
      // Where Mosquitto differs: our broker denies the filter, Mosquitto grants it and keeps the messages back.
      expect(mayRead('#')).toBe(false);
      expect(sub.heard.text).toContain('Subscribed (mid: 1): 1');
      sub.child.kill();
      await sub.ended;
    }
  });

  test('lets each role say what the policy says, and acknowledges what it drops', {
    timeout: 60_000,
  }, async () => {
    const witness = await subscribed(WITNESS);
    await Promise.all(
      CLIENTS.map(async (who) => {
        for (const topic of TOPICS) {
          // Where Mosquitto differs: our broker ends the session, Mosquitto acknowledges, and nobody gets it.
          expect(await publish(nameOf(who), topic, nameOf(who))).toEqual({ code: 0, out: '' });
        }
      }),
    );
    await publish('pump-server-server-01', 'libraries/last/release', 'x');
    await hears(witness, 'libraries/last/release x');
    const lines = new Set(witness.heard.text.split('\n'));
    for (const who of CLIENTS) {
      const says = TOPICS.filter((topic) => lines.has(`${topic} ${nameOf(who)}`));
      const may = TOPICS.filter(
        (topic) => decide(who, { action: 'publish', topic, retain: false }, ALL).allowed,
      );
      expect({ who, says }).toEqual({ who, says: may });
    }
    witness.child.kill();
    await witness.ended;
  });

  test('judges a will as a publication, once it is due', async () => {
    const witness = await subscribed(WITNESS, 'pumps/+/status');
    // Our broker refuses the session of the first; Mosquitto takes it, and keeps the will to itself.
    for (const serial of [OTHER, MINE]) {
      const will = ['--will-topic', `pumps/${serial}/status`, '--will-payload', 'gone'];
      const mortal = await subscribed(nameOf(CLIENTS[0]!), 'libraries/+/release', ...will);
      mortal.child.kill('SIGKILL');
      await mortal.ended;
    }
    await hears(witness, `pumps/${MINE}/status gone`);
    expect(witness.heard.text).not.toContain('LVP-0002/status gone');
    witness.child.kill();
    await witness.ended;
  });

  test('takes the client id from the certificate: nobody throws out another by a claim', async () => {
    const station = await subscribed(
      'nurse-station-station-01',
      'pumps/+/status',
      '-i',
      'nurse-station:station-01',
    );
    const { code } = await publish('observer-observer-01', 'x', 'x', '-i', 'nurse-station:station-01');
    const urn = await publish(
      'observer-observer-01',
      'x',
      'x',
      '-i',
      'urn:pumprange:nurse-station:station-01',
    );
    expect([code, urn.code]).toEqual([0, 0]);
    await publish(WITNESS, 'pumps/LVP-0001/status', 'still');
    await hears(station, 'still');
    expect(station.heard.text.match(/sending CONNECT/g)).toHaveLength(1);
    station.child.kill();
    await station.ended;
  });

  test.each([
    ['nobody’s', []],
    ['a person’s', [{ kind: 'nurse', id: 'nurse-01' }]],
    ['a server’s', [{ kind: 'broker', id: 'broker-02' }]],
    ['an expired', [EXPIRED]],
  ] as const)('refuses %s certificate', async (_, [identity]) => {
    const credentials = identity === undefined ? [] : as(nameOf(identity)).slice(6);
    if (identity && identity !== EXPIRED)
      exportCredential(pki.issue({ identity }), join(dir, nameOf(identity)), { overwrite: true });
    const { code } = await tool('mosquitto_pub', [
      ...as(WITNESS).slice(0, 6),
      ...credentials,
      '-t',
      'x',
      '-m',
      'x',
    ]).ended;
    expect(code).not.toBe(0);
  });

  test('takes up whom we issue to and revoke, on SIGHUP; a session that stands goes on', async () => {
    const late: Identity = { kind: 'observer', id: 'late-01' };
    exportCredential(pki.issue({ identity: late }), join(dir, nameOf(late)));
    const deaf = await subscribed(nameOf(late), 'pumps/+/status');
    await publish(WITNESS, 'pumps/LVP-0001/status', 'unheard');
    expect(refreshMosquittoSetup(setup())).toBe(true);
    expect(refreshMosquittoSetup(setup())).toBe(false);
    witnessed();
    broker.reload();
    await expect
      .poll(
        async () => {
          await publish(WITNESS, 'pumps/LVP-0001/status', 'heard');
          return deaf.heard.text;
        },
        { timeout: 20_000 },
      )
      .toContain('status heard');
    expect(deaf.heard.text).not.toContain('unheard');

    pki.revoke(late, 'keyCompromise');
    const other = exportAs('gateway', 'gateway-02');
    expect(refreshMosquittoSetup(setup())).toBe(true);
    witnessed();
    broker.reload();
    await expect
      .poll(async () => (await publish(nameOf(late), 'x', 'x')).code, { timeout: 20_000 })
      .not.toBe(0);
    expect((await publish(other, 'x', 'x')).code).toBe(0);
    // What our broker does at once and Mosquitto does not: the session of the revoked certificate would have to end. Its rights do.
    const before = deaf.heard.text;
    await publish(WITNESS, 'pumps/LVP-0001/status', 'after');
    expect([deaf.child.exitCode, deaf.heard.text]).toEqual([null, before]);
    deaf.child.kill();
    await deaf.ended;
  });

  test('keeps its key for its owner, and refuses what is older than TLS 1.2', async () => {
    for (const name of ['key.pem', 'mosquitto.conf', 'access.acl']) {
      expect(statSync(join(dir, 'mosquitto', name)).mode & 0o777).toBe(0o600);
    }
    if (!hasTool('openssl')) return;
    const speaks = async (version: string) => {
      const client = ['-connect', `127.0.0.1:${port}`, '-cipher', 'DEFAULT:@SECLEVEL=0', version];
      const { out } = await tool('openssl', ['s_client', ...client]).ended;
      return /^New, (TLSv[\d.]+), Cipher is ECDHE|^New, TLSv1.3/m.test(out);
    };
    expect([await speaks('-tls1_1'), await speaks('-tls1_2'), await speaks('-tls1_3')]).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('retains anything, of anybody who may publish it: it has no retained-guard', async () => {
    const who = CLIENTS[0]!;
    const topic = `pumps/${MINE}/telemetry`;
    expect(decide(who, { action: 'publish', topic, retain: true }, ALL)).toMatchObject({
      allowed: false,
      control: 'retained-guard',
    });
    await publish(nameOf(who), topic, 'kept', '-r');
    const reader = await subscribed('observer-observer-01', topic);
    await hears(reader, `${topic} kept`);
    reader.child.kill();
    await reader.ended;
    await publish(nameOf(who), topic, '', '-r', '-n');
  });

  test('closes on a packet above the largest; a longer keep-alive than the longest it takes all the same', async () => {
    const large = join(dir, 'large');
    writeFileSync(large, 'x'.repeat(600 * 1_024));
    const args = ['-q', '1', '-t', 'pumps/LVP-0001/receipt', '-f', large];
    expect((await tool('mosquitto_pub', [...as('pump-server-server-01'), ...args]).ended).code).not.toBe(0);
    // MQTT 5 has a way to tell the client; of MQTT 3.1.1 Mosquitto honours what was asked for.
    expect(await publish('observer-observer-01', 'x', 'x', '-k', '1300')).toEqual({ code: 0, out: '' });
  });
});

function witnessed(): void {
  appendFileSync(
    join(dir, 'mosquitto/access.acl'),
    '\nuser urn:pumprange:observer:witness-01\ntopic readwrite #\n',
  );
}
function exportAs(kind: Identity['kind'], id: string): string {
  exportCredential(pki.issue({ identity: { kind, id } }), join(dir, nameOf({ kind, id })));
  return nameOf({ kind, id });
}
