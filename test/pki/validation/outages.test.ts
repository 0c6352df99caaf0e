import { expect, test } from 'vitest';
import type { BlindDecision, RevocationSource } from '../../../pki/index.ts';
import { RENEWAL_GRACE_MS } from '../../../pki/validation/outages.ts';
import type { OnOutage, StatusService } from '../../../protocol/index.ts';
import { bench, DAY_MS, PUMP, START_MS } from '../workbench.ts';

const NOBODY_KNOWS: RevocationSource = { status: () => ({ status: 'unknown', detail: 'nobody knows' }) };

function setUp(
  onOutage: OnOutage,
  down: readonly StatusService[],
  revocation: boolean | RevocationSource = true,
) {
  const site = bench();
  const decisions: BlindDecision[] = [];
  const judge = site.pki.judge({
    revocation,
    outages: {
      onOutage: { 'certificate-authority': onOutage, crl: onOutage, ocsp: onOutage, 'time-server': onOutage },
      revocationService: 'ocsp',
      isDown: (service) => down.includes(service),
      blind: (decision) => decisions.push(decision),
    },
  });
  const credential = site.pki.issue({ identity: PUMP });
  return { ...site, judge, credential, decisions };
}

test('where nobody knows whether it is revoked: open takes it and says so, closed refuses it and says so', () => {
  const open = setUp('fail-open', [], NOBODY_KNOWS);
  expect(open.judge(open.credential.chainDer, 'tls-client', START_MS)).toMatchObject({ accepted: true });
  const about = { identity: PUMP, control: 'certificate-revocation', cause: 'nobody knows' };
  expect(open.decisions).toMatchObject([{ ...about, accepted: true }]);
  const closed = setUp('fail-closed', [], NOBODY_KNOWS);
  expect(closed.judge(closed.credential.chainDer, 'tls-client', START_MS)).toMatchObject({
    refusal: 'revocation-unknown',
    control: 'certificate-revocation',
  });
  expect(closed.decisions).toMatchObject([{ ...about, accepted: false }]);
});

test('failing open forgives nothing else: neither a revocation that is known nor a wrong use', () => {
  const { judge, credential, pki, decisions } = setUp('fail-open', ['time-server', 'certificate-authority']);
  expect(judge(credential.chainDer, 'tls-server', START_MS)).toMatchObject({ refusal: 'wrong-usage' });
  pki.revoke(PUMP, 'keyCompromise');
  expect(judge(credential.chainDer, 'tls-client', START_MS)).toMatchObject({ refusal: 'revoked' });
  expect(decisions).toEqual([]);
});

test.each(['fail-open', 'fail-closed'] as const)('without a time server, %s', (onOutage) => {
  const { judge, credential, decisions } = setUp(onOutage, ['time-server']);
  const verdict = judge(credential.chainDer, 'tls-client', START_MS);
  expect(verdict.accepted).toBe(onOutage === 'fail-open');
  if (!verdict.accepted) expect(verdict).toMatchObject({ refusal: 'time-unknown', control: 'mutual-tls' });
  expect(decisions).toMatchObject([{ accepted: verdict.accepted, cause: 'no time server is there' }]);
});

test('without an authority, one that ran out is taken for a week where that fails open, and not a second longer', () => {
  const open = setUp('fail-open', ['certificate-authority'], false);
  const { notAfterMs, chainDer } = open.credential;
  const at = (atMs: number) => open.judge(chainDer, 'tls-client', atMs);
  expect(at(notAfterMs)).toMatchObject({ accepted: true, notAfterMs });
  expect(open.decisions).toEqual([]);
  expect(at(notAfterMs + DAY_MS)).toMatchObject({
    accepted: true,
    notAfterMs: notAfterMs + RENEWAL_GRACE_MS,
  });
  expect(open.decisions).toMatchObject([{ accepted: true, control: 'mutual-tls' }]);
  expect(at(notAfterMs + RENEWAL_GRACE_MS + 1)).toMatchObject({ refusal: 'expired' });
  const closed = setUp('fail-closed', ['certificate-authority'], false);
  expect(closed.judge(closed.credential.chainDer, 'tls-client', notAfterMs + DAY_MS)).toMatchObject({
    refusal: 'expired',
  });
  const there = setUp('fail-open', [], false);
  expect(there.judge(there.credential.chainDer, 'tls-client', notAfterMs + DAY_MS)).toMatchObject({
    refusal: 'expired',
  });
});

test.each([
  ['weak-key', 'weak-key'],
  ['mismatched-name', 'name-mismatch'],
] as const)('failing open forgives no certificate that is %s, run out or not', (defect, refusal) => {
  const { judge, pki, decisions } = setUp('fail-open', ['certificate-authority'], NOBODY_KNOWS);
  const { chainDer, notAfterMs } = pki.issueDefective(defect, PUMP);
  expect(judge(chainDer, 'tls-client', START_MS)).toMatchObject({ refusal });
  expect(judge(chainDer, 'tls-client', notAfterMs + DAY_MS)).toMatchObject({ refusal: 'expired' });
  expect(decisions).toEqual([]);
});
