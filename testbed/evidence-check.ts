import { verify, X509Certificate } from 'node:crypto';
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
 * Verifies the text of an evidence log, and its checkpoints if there are any, against the key of the ward that signed them.
 *
 * @throws PumprangeError `PR_EVIDENCE_INVALID` for checkpoints that are none
 */
export function checkEvidence(options: {
  readonly lines: string;
  readonly checkpoints: string;
  readonly dir: string;
}): EvidenceVerdict {
  const checkpoints = linesOf(options.checkpoints).map(readCheckpoint);
  const pki =
    checkpoints.length === 0
      ? undefined
      : openPki({ dir: join(options.dir, 'pki'), clock: new HeapClock(Date.now()) });
  const signer = pki?.credentialFor(EVIDENCE_SIGNER);
  const key = signer === undefined ? undefined : new X509Certificate(signer.certificatePem).publicKey;
  return verifyEvidence(
    linesOf(options.lines),
    checkpoints,
    (bytes, signature) => key !== undefined && verify('sha256', bytes, key, signature),
  );
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
