import { connect } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { HeapClock, unsettled } from '../../clock/index.ts';
import { createMemoryPki, parseCertificate } from '../../pki/index.ts';
import { startPkiService } from '../../testbed/enrolment.ts';

const START_MS = Date.parse('2026-03-02T06:00:00Z');
const DAY_MS = 86_400_000;

let stop: () => Promise<void> = async () => undefined;
afterEach(() => stop());

/** The certificate that whoever connects is shown. */
function shown(port: number) {
  return new Promise<ReturnType<typeof parseCertificate>>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(parseCertificate(socket.getPeerCertificate().raw));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test('the EST server renews its own certificate while it runs, at two thirds of its life', async () => {
  const clock = new HeapClock(START_MS);
  const pki = createMemoryPki({ clock });
  const { manufacturer } = pki;
  const server = await startPkiService({
    ...{ clock, settling: unsettled, pki, manufacturer, controls: new Set(), host: '127.0.0.1', port: 0 },
    evidence: () => undefined,
  });
  stop = () => server.stop();
  const first = await shown(server.port);
  clock.runTo(START_MS + 18 * DAY_MS);
  expect((await shown(server.port)).fingerprint).toBe(first.fingerprint);
  clock.runTo(START_MS + 60 * DAY_MS);
  const later = await shown(server.port);
  expect(later.fingerprint).not.toBe(first.fingerprint);
  expect(later.notAfterMs).toBeGreaterThan(clock.now() + 9 * DAY_MS);
  expect(later.uris).toEqual(['urn:pumprange:est-server:est-01']);
});
