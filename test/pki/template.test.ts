import { describe, expect, it } from 'vitest';
import { HeapClock } from '../../clock/index.ts';
import { type Pki, pkiTemplate } from '../../pki/index.ts';

const AT_MS = Date.parse('2026-03-02T06:00:00Z');
const PUMP = { kind: 'pump', id: 'LVP-0001' } as const;

const template = pkiTemplate(AT_MS);

function open(): { readonly pki: Pki; readonly clock: HeapClock; readonly events: string[] } {
  const clock = new HeapClock(AT_MS);
  const events: string[] = [];
  const pki = template.open({ clock, evidence: ({ event }) => events.push(event) });
  return { pki, clock, events };
}

function accepts({ pki, clock }: ReturnType<typeof open>, { chainDer }: { chainDer: readonly Buffer[] }) {
  return pki.judge({ revocation: true })(chainDer, 'tls-client', clock.now()).accepted;
}

describe('PKIs of one template', () => {
  it('share their authorities and what is issued at the first instant', () => {
    const [one, other] = [open(), open()];
    const credential = one.pki.credentialFor(PUMP);
    expect(other.pki.rootPem).toBe(one.pki.rootPem);
    expect(other.pki.credentialFor(PUMP).fingerprint).toBe(credential.fingerprint);
    expect(accepts(other, credential)).toBe(true);
  });

  it('register and note each for itself what they issue', () => {
    const [one, other] = [open(), open()];
    one.pki.credentialFor(PUMP);
    one.pki.credentialFor(PUMP);
    expect(one.events).toEqual(['certificate.issued']);
    expect(one.pki.list()).toHaveLength(1);
    expect(other.pki.list()).toEqual([]);
  });

  it('know of no revocation of another one', () => {
    const [one, other] = [open(), open()];
    const credential = one.pki.credentialFor(PUMP);
    other.pki.credentialFor(PUMP);
    one.pki.revoke(PUMP, 'keyCompromise');
    expect(accepts(one, credential)).toBe(false);
    expect(accepts(other, credential)).toBe(true);
    expect(accepts(open(), credential)).toBe(true);
  });

  it('give a new key to whoever was revoked at the first instant', () => {
    const one = open();
    const credential = one.pki.credentialFor(PUMP);
    one.pki.revoke(PUMP, 'keyCompromise');
    const next = one.pki.credentialFor(PUMP);
    expect(next.fingerprint).not.toBe(credential.fingerprint);
    expect(accepts(one, next)).toBe(true);
  });

  it('share nothing that is issued later', () => {
    const [one, other] = [open(), open()];
    for (const { clock } of [one, other]) clock.runTo(AT_MS + 1_000);
    const identity = { kind: 'pump', id: 'LVP-0002' } as const;
    const [first, second] = [one.pki.credentialFor(identity), other.pki.credentialFor(identity)];
    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect(open().pki.credentialFor(identity).fingerprint).not.toBe(first.fingerprint);
  });

  it('roll over each for itself, and nobody is issued the certificate of an authority of before', () => {
    const [one, other] = [open(), open()];
    const before = other.pki.credentialFor(PUMP);
    one.pki.rollOver('devices');
    const after = one.pki.credentialFor(PUMP);
    expect(after.fingerprint).not.toBe(before.fingerprint);
    expect(other.pki.authorities.map(({ id }) => id)).not.toContain('devices-2');
    expect(accepts(other, after)).toBe(false);
    expect(open().pki.credentialFor(PUMP).fingerprint).toBe(before.fingerprint);
  });
});
