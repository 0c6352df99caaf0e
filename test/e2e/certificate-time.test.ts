import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Credential } from '../../pki/index.ts';
import { type Floor, observer, openFloor, pump } from '../helpers/floor.ts';
import { speakMqtt, TLS_VERSIONS, ticketFor, visit } from '../helpers/tls-client.ts';

/** Certificates on real TLS, judged at simulated time, which here runs days ahead of the host's. */

const DAY_MS = 86_400_000;
const WEEK_2_MS = 10 * DAY_MS;

let floor: Floor;
beforeEach(async () => {
  // These clients say nothing for days; the quota would end their sessions first.
  floor = await openFloor({ startMs: Date.now(), without: ['session-quota'] });
});
afterEach(() => floor.stop());

const lastRefusal = () => floor.evidence.findLast(({ event }) => event === 'session.refused');

/** What the host's clock would make of it. */
const goodForTheHost = ({ certificatePem }: Credential): boolean => {
  const { validFrom, validTo } = new X509Certificate(certificatePem);
  return Date.parse(validFrom) <= Date.now() && Date.now() <= Date.parse(validTo);
};

describe.each(TLS_VERSIONS)('on %s', (version) => {
  test('a certificate that is renewed in simulated week 2 is accepted, though the host’s clock is before its time', async () => {
    await floor.run(WEEK_2_MS);
    const renewed = floor.pki.issue({ identity: pump() });
    expect(goodForTheHost(renewed)).toBe(false);
    const connection = await visit(floor, renewed, version);
    expect(connection.socket.getProtocol()).toBe(version);
    await speakMqtt(floor, connection, renewed);
    expect(floor.broker.connected()).toEqual([pump()]);
    expect(floor.broker.counts().denied).toBe(0);
  });

  test('one that has expired by the Clock is refused, though the host’s clock would accept it', async () => {
    const shortLived = floor.pki.issue({ identity: pump(), lifetimeMs: 9 * DAY_MS });
    const live = await visit(floor, shortLived, version);
    await speakMqtt(floor, live, shortLived);
    await floor.run(WEEK_2_MS);
    expect(live.socket.closed).toBe(true);
    expect(floor.evidence.findLast(({ event }) => event === 'session.dropped')).toMatchObject({
      control: 'mutual-tls',
      cause: 'the certificate has expired',
    });
    expect(goodForTheHost(shortLived)).toBe(true);
    const { socket } = await visit(floor, shortLived, version);
    expect(socket.closed).toBe(true);
    expect(lastRefusal()).toMatchObject({
      control: 'mutual-tls',
      cause: expect.stringMatching(/^expired: /),
      certificateFingerprint: shortLived.fingerprint,
    });
  });

  test('a revocation in week 2 drops the live session, and the certificate does not come in again', async () => {
    const credential = floor.pki.issue({ identity: pump() });
    const connection = await visit(floor, credential, version);
    await speakMqtt(floor, connection, credential);
    await floor.run(WEEK_2_MS);
    expect(connection.socket.closed).toBe(false);

    floor.pki.revoke(pump(), 'keyCompromise');
    await floor.wire.settle();
    expect(connection.socket.closed).toBe(true);
    expect(floor.evidence.findLast(({ event }) => event === 'session.dropped')).toMatchObject({
      outcome: 'denied',
      control: 'certificate-revocation',
      subject: 'urn:pumprange:pump:LVP-0001',
      certificateFingerprint: credential.fingerprint,
    });
    const crl = floor.pki.crls().find(({ issuer }) => issuer === 'devices')!;
    // X.509 counts whole seconds.
    expect(crl.thisUpdateMs).toBe(Math.floor(floor.clock.now() / 1_000) * 1_000);

    const again = await visit(floor, credential, version);
    expect(again.socket.closed).toBe(true);
    expect(lastRefusal()).toMatchObject({
      control: 'certificate-revocation',
      cause: expect.stringMatching(/^revoked: /),
    });
    expect(floor.broker.counts().clients).toBe(0);
  });

  test('a resumed session of a good certificate is accepted, for the identity that it was begun with', async () => {
    const credential = floor.pki.issue({ identity: pump() });
    const ticket = await ticketFor(floor, credential, version);
    // Another certificate is offered now: the session still speaks for the first.
    const other = floor.pki.issue({ identity: observer() });
    const resumed = await visit(floor, other, version, ticket);
    expect(resumed.resumed).toBe(true);
    await speakMqtt(floor, resumed, credential);
    expect(floor.broker.connected()).toEqual([pump()]);
  });

  test('a resumed session of a revoked certificate is refused by `certificate-revocation`', async () => {
    const credential = floor.pki.issue({ identity: pump() });
    const ticket = await ticketFor(floor, credential, version);
    await floor.run(WEEK_2_MS);
    floor.pki.revoke(pump(), 'keyCompromise');
    const resumed = await visit(floor, credential, version, ticket);
    expect(resumed.resumed).toBe(true);
    expect(resumed.socket.closed).toBe(true);
    expect(lastRefusal()).toMatchObject({
      control: 'certificate-revocation',
      cause: expect.stringMatching(/^revoked: /),
      certificateFingerprint: credential.fingerprint,
    });
  });

  test('a resumed session of a certificate that has expired by the Clock is refused', async () => {
    const credential = floor.pki.issue({ identity: pump(), lifetimeMs: 9 * DAY_MS });
    const ticket = await ticketFor(floor, credential, version);
    await floor.run(WEEK_2_MS);
    const resumed = await visit(floor, credential, version, ticket);
    expect(resumed.resumed).toBe(true);
    expect(resumed.socket.closed).toBe(true);
    expect(lastRefusal()).toMatchObject({
      control: 'mutual-tls',
      cause: expect.stringMatching(/^expired: /),
    });
  });

  test('where `certificate-revocation` is off, a revoked certificate stays and comes back, resumed too', async () => {
    await floor.stop();
    floor = await openFloor({ startMs: Date.now(), without: ['certificate-revocation'] });
    const credential = floor.pki.issue({ identity: pump() });
    const ticket = await ticketFor(floor, credential, version);
    const connection = await visit(floor, credential, version);
    await speakMqtt(floor, connection, credential);
    floor.pki.revoke(pump(), 'keyCompromise');
    await floor.wire.settle();
    expect(connection.socket.closed).toBe(false);
    const resumed = await visit(floor, credential, version, ticket);
    expect([resumed.resumed, resumed.socket.closed]).toEqual([true, false]);
    await speakMqtt(floor, resumed, credential);
    expect(floor.broker.connected()).toEqual([pump()]);
  });
});

test('a broker whose certificate has expired by the Clock is refused by its clients', async () => {
  await floor.run(31 * DAY_MS);
  await expect(floor.seat(pump())).rejects.toMatchObject({
    control: 'server-identity',
    reason: expect.stringMatching(/expired/),
  });
});

test('a broker whose certificate was revoked is refused by its clients', async () => {
  floor.pki.revoke({ kind: 'broker', id: 'broker-01' }, 'keyCompromise');
  await expect(floor.seat(pump())).rejects.toMatchObject({ control: 'server-identity' });
});
