import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Credential, DEFECT_NAMES, DEFECTS, exportCredential } from '../../pki/index.ts';
import { type Floor, observer, openFloor } from '../helpers/floor.ts';
import { hasTool } from '../helpers/require-tool.ts';

/** Mosquitto's client holds each bad certificate and its key: it comes as far as the TLS handshake, and no further. */

const tools = hasTool('mosquitto_pub', 'mosquitto-clients');

let floor: Floor;
let dir: string;
beforeEach(async () => {
  floor = await openFloor({ startMs: Date.now(), lockstep: false });
  dir = mkdtempSync(join(tmpdir(), 'pumprange-mosquitto-defects-'));
});
afterEach(async () => {
  await floor.stop();
  rmSync(dir, { recursive: true, force: true });
});

function publishAs(credential: Credential): Promise<{ code: number | null; err: string }> {
  exportCredential(credential, dir, { overwrite: true });
  const args = [
    ...['-h', 'localhost', '-p', String(floor.broker.port), '--cafile', join(dir, 'ca.pem')],
    ...['--cert', join(dir, 'cert.pem'), '--key', join(dir, 'key.pem')],
    // An old device has an old TLS library: this one refuses to load an RSA-1024 certificate of its own otherwise.
    ...['--ciphers', 'DEFAULT@SECLEVEL=0'],
    ...['-t', 'pumps/LVP-0001/telemetry', '-m', 'x', '-q', '1'],
  ];
  return new Promise((resolve, reject) => {
    const child = spawn('mosquitto_pub', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const guard = setTimeout(() => child.kill('SIGKILL'), 20_000);
    let err = '';
    child.stderr.on('data', (bytes) => {
      err += bytes;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(guard);
      resolve({ code, err });
    });
  });
}

/** Asks again until there is an answer; a guard against hanging, not a time that anything should take. */
async function refusal() {
  for (let tries = 0; tries < 1_500; tries++) {
    const entry = floor.evidence.findLast(({ event }) => event === 'session.refused');
    if (entry !== undefined) return entry;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('no refusal came');
}

describe.skipIf(!tools)('mosquitto_pub', () => {
  test('with a good certificate is let in, so that the refusals below are refusals', async () => {
    const { err } = await publishAs(floor.pki.issue({ identity: observer() }));
    expect(err).not.toMatch(/Unable to load/);
    expect(floor.evidence.some(({ event }) => event === 'session.opened')).toBe(true);
  });

  test.each(DEFECT_NAMES)(
    'with one that is %s gets no session, and the evidence names the control',
    async (name) => {
      const { code, err } = await publishAs(floor.pki.issueDefective(name, observer()));
      expect([name, code]).not.toEqual([name, 0]);
      expect(err).not.toMatch(/Unable to load/);
      expect(await refusal()).toMatchObject({
        outcome: 'denied',
        control: name === 'revoked' ? 'certificate-revocation' : 'mutual-tls',
        cause: expect.stringMatching(new RegExp(`^${DEFECTS[name].refusal}`)),
      });
      expect(floor.evidence.some(({ event }) => event === 'session.opened')).toBe(false);
      expect(floor.broker.counts()).toMatchObject({ clients: 0, published: 0 });
    },
  );
});
