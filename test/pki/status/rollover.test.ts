import { expect, test } from 'vitest';
import { parseCertificate, parseCrl, STATUS_PATHS } from '../../../pki/index.ts';
import { buildOcspRequest } from '../../../pki/status/build-ocsp-request.ts';
import { certIdOf } from '../../../pki/status/cert-id.ts';
import { readOcspResponse } from '../../../pki/status/read-ocsp-response.ts';
import { newKeyPair } from '../../../pki/x509/algorithms.ts';
import type { Certificate } from '../../../pki/x509/certificate.ts';
import { bench, PUMP, question } from '../workbench.ts';

const OTHER = { kind: 'pump', id: 'LVP-0002' } as const;
const URL = 'http://127.0.0.1:8880';

function setUp() {
  const { pki, clock } = bench({ statusUrl: URL });
  const read = (path: string): Buffer => Buffer.from(pki.status(question('GET', path))?.body ?? '');
  const statusOf = (serialNumber: string, issuer: Certificate) => {
    const asked = buildOcspRequest([certIdOf(serialNumber, issuer)]);
    const answer = pki.status(question('POST', STATUS_PATHS.ocsp, asked));
    const about = { serialNumber, issuer, atMs: clock.now() };
    return readOcspResponse(Buffer.from(answer?.body ?? ''), about).status;
  };
  const authority = (id: string): Certificate => {
    const found = pki.authorities.find((one) => one.id === id);
    if (found === undefined) throw new TypeError(`there is no authority ${id}`);
    return found.certificate;
  };
  return { pki, read, statusOf, authority };
}

test('after a rollover certificates name the places of the authority that issued them, and it answers there', () => {
  const { pki, read, statusOf, authority } = setUp();
  const before = pki.issue({ identity: PUMP });
  pki.rollOver('devices');
  const after = pki.issue({ identity: OTHER });
  const text = (der: Uint8Array | undefined): string => Buffer.from(der ?? []).toString('latin1');
  expect(text(before.chainDer[0])).toContain(`${URL}/crl/devices.crl`);
  for (const place of ['/crl/devices-2.crl', '/ca/devices-2.cer', '/ocsp']) {
    expect(text(after.chainDer[0])).toContain(`${URL}${place}`);
  }
  expect(read('/ca/devices-2.cer')).toEqual(authority('devices-2').der);
  pki.revoke(after.serialNumber, 'keyCompromise');
  expect(parseCrl(read('/crl/devices-2.crl')).revoked.has(after.serialNumber)).toBe(true);
  expect(parseCrl(read('/crl/devices.crl')).revoked.size).toBe(0);
  expect(statusOf(after.serialNumber, authority('devices-2')).status).toBe('revoked');
  expect(statusOf(before.serialNumber, authority('devices')).status).toBe('good');
  // Neither speaks of the other's.
  expect(statusOf(after.serialNumber, authority('devices')).status).toBe('unknown');
});

test('the key that a pump made itself is certified with the same places', () => {
  const { pki } = setUp();
  const { chainDer } = pki.certify({ identity: PUMP }, newKeyPair('p256').spkiDer);
  expect(chainDer[0]?.toString('latin1')).toContain(`${URL}/crl/devices.crl`);
});

test('a retired authority goes on telling that all of its certificates are revoked; the root tells that it is', () => {
  const { pki, read, statusOf, authority } = setUp();
  const before = pki.issue({ identity: PUMP });
  const retired = authority('devices');
  pki.rollOver('devices');
  expect(statusOf(retired.serialNumber, authority('root')).status).toBe('good');
  pki.retire('devices', { force: true });
  expect(pki.authorities.map(({ id }) => id)).not.toContain('devices');
  expect(statusOf(before.serialNumber, retired)).toMatchObject({ status: 'revoked', reason: 'superseded' });
  expect(parseCrl(read('/crl/devices.crl')).revoked.has(before.serialNumber)).toBe(true);
  expect(parseCertificate(read('/ca/devices.cer')).serialNumber).toBe(retired.serialNumber);
  expect(statusOf(retired.serialNumber, authority('root'))).toMatchObject({
    status: 'revoked',
    reason: 'superseded',
  });
  expect(statusOf(authority('devices-2').serialNumber, authority('root')).status).toBe('good');
  expect(statusOf('1234', authority('root')).status).toBe('unknown');
  expect(parseCrl(read('/crl/root.crl')).revoked.has(retired.serialNumber)).toBe(true);
});
