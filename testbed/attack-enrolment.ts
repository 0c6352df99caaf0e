import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Clock, Settling } from '../clock/index.ts';
import { type Identity, urnOf } from '../protocol/index.ts';
import type { EnrolmentAnswer } from '../scenarios/index.ts';
import { exchange } from '../simulator/enrolment/index.ts';
import { ENROLMENT_CODEC } from './enrolment.ts';

interface AskOptions {
  /** The site's authorities below its root, which are public. */
  readonly authorityPems: readonly string[];
  readonly clock: Clock;
  readonly settling: Settling;
}

/**
 * A request for a certificate [RFC 7030 §4.2], by somebody who looks at nothing but whether one comes.
 *
 * @throws DialRefusedError if no answer comes
 */
export async function askForCertificate(
  socket: Socket,
  operation: 'simpleenroll' | 'simplereenroll',
  name: Identity,
  { authorityPems, clock, settling }: AskOptions,
): Promise<EnrolmentAnswer> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spkiDer = publicKey.export({ format: 'der', type: 'spki' });
  const answer = await exchange(socket, clock, settling, {
    method: 'POST',
    path: `/.well-known/est/${operation}`,
    contentType: 'application/pkcs10',
    body: ENROLMENT_CODEC.request(urnOf(name), { privateKey, spkiDer }).toString('base64'),
  });
  if (answer.status !== 200) return { granted: false, reason: `${answer.status}: ${answer.body.trim()}` };
  const [leafDer] = ENROLMENT_CODEC.certificates(Buffer.from(answer.body, 'base64'));
  if (leafDer === undefined) return { granted: false, reason: 'the answer has no certificate' };
  const leaf = new X509Certificate(leafDer);
  const issuers = authorityPems.filter((pem) => leaf.checkIssued(new X509Certificate(pem)));
  return {
    granted: true,
    credential: {
      chainPem: [leaf, ...issuers].join(''),
      privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    },
  };
}
