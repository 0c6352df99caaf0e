import { describe, expect, test } from 'vitest';
import { HeapClock } from '../../clock/index.ts';
import { createMemoryPki } from '../../pki/index.ts';
import {
  type CertificateJudge,
  Composer,
  type ControlId,
  type Envelope,
  type EvidenceEntry,
  type Identity,
  MessageSigner,
  parseSerial,
  type Serial,
  uplinkVerifier,
  verifySignatures,
} from '../../protocol/index.ts';

const clock = new HeapClock(Date.parse('2026-03-02T06:00:00Z'));
const pki = createMemoryPki({ clock, evidence: () => undefined });
const SERIAL = parseSerial('LVP-0001') as Serial;
const PUMP = { kind: 'pump', id: SERIAL } as const;
const other = { kind: 'pump', id: 'LVP-0002' } as const;

function receiver(options: { controls?: ControlId[]; signs?: boolean; judge?: CertificateJudge } = {}) {
  const told: EvidenceEntry[] = [];
  const believes = uplinkVerifier({
    judge: options.judge ?? pki.judge({ revocation: true }),
    controls: new Set<ControlId>(options.controls ?? ['signed-uplink']),
    nowMs: () => clock.now(),
    evidence: (entry) => told.push(entry),
    source: 'pump-server',
    signs: () => options.signs ?? true,
  });
  return {
    told,
    hears: (message: Envelope) => believes(`pumps/${SERIAL}/${message.type}`, SERIAL, { ...message }),
  };
}

function plain(message: Envelope): Record<string, unknown> {
  return { ...message };
}

/** Says things as a pump and signs them as somebody. */
function speaker(signer: Identity = PUMP, boot = 'boot-1') {
  const composer = new Composer(PUMP, boot, () => clock.now());
  const key = new MessageSigner(pki.credentialFor(signer));
  const signed = <M extends Envelope>(message: M, hint: 'chain' | 'thumbprint'): M => ({
    ...message,
    signatures: [key.sign(plain(message), hint)],
  });
  return {
    status: (link: 'online' | 'offline' = 'online') => signed(composer.compose('status', { link }), 'chain'),
    telemetry: () => signed(composer.compose('telemetry', { channels: [] }), 'thumbprint'),
    unsigned: () => composer.compose('telemetry', { channels: [] }),
  };
}

describe('what a pump says', () => {
  test('is believed with its own signature; telemetry names a certificate that its status has shown', () => {
    const { told, hears } = receiver();
    const pump = speaker();
    expect(hears(pump.telemetry())).toBe(false);
    expect([pump.status(), pump.telemetry(), pump.telemetry()].map(hears)).toEqual([true, true, true]);
    expect(told).toMatchObject([{ cause: expect.stringContaining('certificate is not known') }]);
  });

  test.each([
    ['nobody', () => speaker().unsigned(), 'it is not signed'],
    ['another pump', () => speaker(other).status(), 'pump LVP-0002 has signed it'],
    [
      'the pump server',
      () => speaker({ kind: 'pump-server', id: 'server-01' }).status(),
      expect.stringContaining('not for uplinkSigning'),
    ],
    [
      'the pump, something else',
      () => ({ ...speaker().status(), body: { link: 'offline' } }),
      'the signature does not fit the message',
    ],
  ])('is refused when %s signed it, and the evidence names the control', (_, say, cause) => {
    const { told, hears } = receiver();
    expect(hears(say())).toBe(false);
    expect(told).toMatchObject([
      { event: 'uplink.refused', outcome: 'denied', control: 'signed-uplink', visibility: 'blue', cause },
    ]);
  });

  test('is not believed a second time, nor after the next boot; the last will of this boot is', () => {
    const { told, hears } = receiver();
    const pump = speaker();
    const will = pump.status('offline');
    const [status, first, second] = [pump.status(), pump.telemetry(), pump.telemetry()];
    expect([status, second, first, second].map(hears)).toEqual([true, true, false, false]);
    expect(hears(status)).toBe(true); // the broker gives it out again
    expect(hears(will)).toBe(true);
    const next = speaker(PUMP, 'boot-2');
    expect([next.status(), pump.status(), will].map(hears)).toEqual([true, false, false]);
    expect(told.map(({ cause }) => cause)).toEqual(['it was said before']);
  });

  test('is believed of anybody where the control is off, and of a pump that cannot sign', () => {
    for (const options of [{ controls: [] }, { signs: false }]) {
      const { told, hears } = receiver(options);
      expect(hears(speaker(other).unsigned())).toBe(true);
      expect(told).toEqual([]);
    }
  });

  test('is not believed from a revoked certificate, and is through an outage once it was', () => {
    const fresh = createMemoryPki({ clock, evidence: () => undefined });
    const key = new MessageSigner(fresh.credentialFor(PUMP));
    const composer = new Composer(PUMP, 'boot-1', () => clock.now());
    const say = () => {
      const message = composer.compose('status', { link: 'online' });
      return { ...message, signatures: [key.sign(plain(message), 'chain')] };
    };
    let away = false;
    const live = fresh.judge({ revocation: true });
    const judge: CertificateJudge = (chain, use, atMs) => {
      const verdict = live(chain, use, atMs);
      if (!away || !verdict.accepted) return verdict;
      const { fingerprint } = verdict;
      return {
        ...{ accepted: false, control: 'certificate-revocation', refusal: 'revocation-unknown', fingerprint },
        detail: 'nobody answers',
      };
    };
    away = true;
    expect(receiver({ judge }).hears(say())).toBe(false);
    away = false;
    const { hears } = receiver({ judge });
    expect(hears(say())).toBe(true);
    away = true;
    expect(hears(say())).toBe(true);
    fresh.revoke(PUMP, 'keyCompromise');
    expect(hears(say())).toBe(false);
  });

  test('is told of once in ten seconds when it is refused', () => {
    const { told, hears } = receiver();
    for (let time = 0; time < 100; time += 1) hears(speaker().unsigned());
    clock.runTo(clock.now() + 10_000);
    hears(speaker().unsigned());
    expect(told).toHaveLength(2);
  });
});

test('a command that only names a certificate is not taken for signed', () => {
  const signature = new MessageSigner(pki.credentialFor({ kind: 'nurse', id: 'n-01' })).sign(
    { a: 1 },
    'thumbprint',
  );
  const judge = pki.judge({ revocation: true });
  const verdicts = verifySignatures({ a: 1, signatures: [signature] }, judge, 'message-signing', clock.now());
  expect(verdicts).toMatchObject([{ accepted: false, refusal: 'malformed-signature' }]);
});
