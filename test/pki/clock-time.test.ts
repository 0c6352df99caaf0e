import { expect, test } from 'vitest';
import { bench, DAY_MS, PUMP, START_MS } from './workbench.ts';

/** The dates in certificates are judged at the Clock's time, however far that is from the machine's. */

const WEEK_2_MS = START_MS + 10 * DAY_MS;

test('a certificate that is renewed in simulated week 2 is good then, and was not before', () => {
  const { clock, pki } = bench();
  const judge = pki.judge({ revocation: true });
  const first = pki.issue({ identity: PUMP, lifetimeMs: 9 * DAY_MS });
  clock.moveTo(WEEK_2_MS);
  expect(judge(first.chainDer, 'tls-client', clock.now())).toMatchObject({ refusal: 'expired' });
  const renewed = pki.issue({ identity: PUMP });
  expect(judge(renewed.chainDer, 'tls-client', clock.now())).toMatchObject({
    accepted: true,
    notAfterMs: WEEK_2_MS + 30 * DAY_MS,
  });
  expect(judge(renewed.chainDer, 'tls-client', START_MS)).toMatchObject({ refusal: 'not-yet-valid' });
  expect(judge(renewed.chainDer, 'tls-client', WEEK_2_MS + 31 * DAY_MS)).toMatchObject({
    refusal: 'expired',
  });
});

test('a CRL that is issued in simulated week 2 is current then, where the one of week 1 no longer is', () => {
  const { clock, pki } = bench();
  const weekOne = pki.crls();
  clock.moveTo(WEEK_2_MS);
  for (const [index, crl] of pki.crls().entries()) {
    expect(weekOne[index]!.nextUpdateMs).toBeLessThan(WEEK_2_MS);
    expect(crl).toMatchObject({ number: 2, thisUpdateMs: WEEK_2_MS, nextUpdateMs: WEEK_2_MS + 7 * DAY_MS });
  }
});

test('a certificate that is revoked in simulated week 2 is refused then, the leaf alone as well', () => {
  const { clock, pki } = bench();
  const judge = pki.judge({ revocation: true });
  const { chainDer } = pki.issue({ identity: PUMP });
  clock.moveTo(WEEK_2_MS);
  expect(judge(chainDer, 'tls-client', clock.now()).accepted).toBe(true);
  pki.revoke(PUMP, 'keyCompromise');
  expect(judge(chainDer, 'tls-client', clock.now())).toMatchObject({ refusal: 'revoked' });
  expect(judge(chainDer.slice(0, 1), 'tls-client', clock.now())).toMatchObject({ refusal: 'revoked' });
});

test('a time for which there is no CRL yet is not guessed at', () => {
  const { pki } = bench();
  const { chainDer } = pki.issue({ identity: PUMP });
  const verdict = pki.judge({ revocation: true })(chainDer, 'tls-client', START_MS + 8 * DAY_MS);
  expect(verdict).toMatchObject({ refusal: 'revocation-unknown' });
});
