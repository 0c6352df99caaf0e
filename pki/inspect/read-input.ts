import { X509Certificate } from 'node:crypto';
import { PumprangeError } from '../../protocol/index.ts';
import { DerError, decode, isContext, isTag, sequenceElements, TAG } from '../x509/der.ts';
import { pemBlocks } from '../x509/pem.ts';

export type InputKind = 'certificate' | 'request' | 'crl';

export interface Input {
  readonly kind: InputKind;
  readonly der: Buffer;
}

const LABELS: readonly (readonly [label: string, kind: InputKind])[] = [
  ['CERTIFICATE', 'certificate'],
  ['TRUSTED CERTIFICATE', 'certificate'],
  ['CERTIFICATE REQUEST', 'request'],
  ['NEW CERTIFICATE REQUEST', 'request'],
  ['X509 CRL', 'crl'],
];

/** Far above any chain, and above any CRL of a hospital. */
const MAX_BYTES = 1_048_576;

/**
 * Finds out what somebody gives us to look at: PEM with any number of blocks, or one thing in DER.
 * Throws PR_PKI_NO_CERTIFICATE for anything else.
 */
export function readInput(bytes: Buffer): readonly Input[] {
  if (bytes.length > MAX_BYTES) throw nothing(`It is larger than ${MAX_BYTES} bytes`);
  const text = bytes.toString('latin1');
  const found = LABELS.flatMap(([label, kind]) => pemBlocks(text, label).map((der) => ({ kind, der })));
  if (found.length > 0) return found;
  if (/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(text)) {
    throw nothing('There is a private key in it and no certificate; keep it to yourself');
  }
  return [{ kind: kindOf(bytes), der: bytes }];
}

function kindOf(der: Buffer): InputKind {
  try {
    new X509Certificate(der);
    return 'certificate';
  } catch {
    // The other two, then.
  }
  try {
    const [content] = sequenceElements(decode(der), 'signed structure');
    const [first, second, third] = sequenceElements(content, 'content');
    // A request: version, name, key; a list: version, algorithm, name, time; both are sequences at second place.
    if (isTag(first, TAG.integer) && isTag(second, TAG.sequence) && isTag(third, TAG.sequence)) {
      const rest = sequenceElements(content, 'content').slice(3);
      return rest.every((one) => isContext(one, 0)) ? 'request' : 'crl';
    }
    throw new DerError('neither');
  } catch (error) {
    throw nothing('It cannot be read', error);
  }
}

function nothing(detail: string, cause?: unknown): PumprangeError {
  return new PumprangeError('PR_PKI_NO_CERTIFICATE', detail, { cause });
}
