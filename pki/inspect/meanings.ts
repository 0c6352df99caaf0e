import type { CertificateRefusal } from '../../protocol/index.ts';

/** Each refusal in plain words: what it means, and what to do. */
export const MEANINGS: Readonly<Record<CertificateRefusal, string>> = {
  'no-certificate': 'no certificate was shown; give the client its certificate and key',
  malformed: 'it is not written as RFC 5280 has it, or says something critical that is not understood here',
  'unknown-issuer':
    'no authority that is trusted here issued it; ask this PKI for one, or show its authority too',
  'bad-signature': 'its signature is not that of the authority it names: it was altered, or forged',
  'not-yet-valid': 'it begins later than it is now; look at the clocks, or wait',
  expired: 'it has run out; renew it',
  'weak-key': 'its key is too short to protect anything; make a P-256 key, or RSA of 2,048 bits or more',
  'weak-digest': 'it is signed over SHA-1, which can be forged; have it issued again',
  'wrong-usage': 'it is not for this use; ask for one of the right profile',
  'path-length-exceeded': 'an authority above it was not allowed to have authorities below it',
  'no-identity': 'it does not say, in a URI of its subject alternative name, which one holder it is for',
  'name-mismatch': 'its common name and its subject alternative name say two different holders',
  revoked: 'it was revoked, and stays so; find out why before a new one is issued',
  'revocation-unknown':
    'whether it was revoked cannot be looked up: a current CRL of its authority is missing',
  'time-unknown': 'nobody can say what time it is here; bring the time server back',
};

export const REFUSALS = Object.keys(MEANINGS) as [CertificateRefusal, ...CertificateRefusal[]];
