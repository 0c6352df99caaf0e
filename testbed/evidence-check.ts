import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { HeapClock } from '../clock/index.ts';
import { openPki } from '../pki/index.ts';
import { PumprangeError } from '../protocol/index.ts';
import {
  type Checkpoint,
  checkpointSchema,
  type EvidenceVerdict,
  verifyEvidence,
} from '../supervision/index.ts';
import { EVIDENCE_SIGNER } from './evidence-file.ts';

/**
 * Verifies the text of an evidence log, and its checkpoints if there are any, against the key of the ward that signed them, or against
 * the public key that is given.
 *
 * @throws PumprangeError `PR_EVIDENCE_INVALID` for checkpoints or a key that are none
 */
export function checkEvidence(options: {
  readonly lines: string;
  readonly checkpoints: string;
  readonly dir: string;
  /** PEM, in place of the ward's. */
  readonly publicKey?: string | undefined;
}): EvidenceVerdict {
  const checkpoints = linesOf(options.checkpoints).map(readCheckpoint);
  const key =
    options.publicKey !== undefined
      ? readKey(options.publicKey)
      : checkpoints.length === 0
        ? undefined
        : keyOfWard(options.dir);
  return verifyEvidence(
    linesOf(options.lines),
    checkpoints,
    (bytes, signature) => key !== undefined && verify('sha256', bytes, key, signature),
  );
}

function keyOfWard(dir: string): KeyObject {
  const pki = openPki({ dir: join(dir, 'pki'), clock: new HeapClock(Date.now()) });
  return new X509Certificate(pki.credentialFor(EVIDENCE_SIGNER).certificatePem).publicKey;
}

function readKey(pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw new PumprangeError('PR_EVIDENCE_INVALID', 'the key is no public key in PEM', { cause });
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function readCheckpoint(line: string, index: number): Checkpoint {
  try {
    return checkpointSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new PumprangeError('PR_EVIDENCE_INVALID', `line ${index + 1} of the checkpoints is none`, {
      cause,
    });
  }
}
