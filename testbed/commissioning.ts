import { type Clock, unsettled } from '../clock/index.ts';
import type { Credential, Pki } from '../pki/index.ts';
import { CONTROL_IDS, type LibraryCeiling, PumprangeError, verifySignatures } from '../protocol/index.ts';
import { signDocument } from '../pump-server/index.ts';
import { acceptCeiling } from '../simulator/drug-library/index.ts';
import { ceilingDocument } from './ceilings.ts';
import type { WardData } from './data.ts';

const VALID_MS = 30 * 24 * 3_600_000;
const CLINICAL_ENGINEER = { kind: 'clinical-engineer', id: 'clinical-engineer-01' } as const;

const signedBy = new WeakMap<
  Credential,
  {
    readonly data: WardData;
    readonly atMs: number;
    readonly ceilings: ReadonlyMap<string, LibraryCeiling>;
  }
>();

/**
 * The ceilings that pumps are commissioned with, by care area: those of the repository, signed by clinical engineering, and judged once for
 * all pumps of a floor as a pump judges one that comes over the network.
 *
 * @throws PumprangeError `PR_DOCUMENT_INVALID` if one does not hold
 */
export async function commissionedCeilings({
  pki,
  clock,
  data,
}: {
  readonly pki: Pki;
  readonly clock: Clock;
  readonly data: WardData;
}): Promise<ReadonlyMap<string, LibraryCeiling>> {
  const nowMs = clock.now();
  const signer = pki.credentialFor(CLINICAL_ENGINEER);
  // Floors that begin at one instant have one clinical engineer, and the same ceilings from her.
  const signed = signedBy.get(signer);
  if (signed?.data === data && signed.atMs === nowMs) return signed.ceilings;
  // Whoever commissions a pump has it on the bench and the authority at hand.
  const judge = pki.judge({ revocation: true });
  const ceilings = new Map<string, LibraryCeiling>();
  for (const file of data.ceilings) {
    const ceiling = await signDocument(ceilingDocument(file, nowMs + VALID_MS), [signer], unsettled);
    const signers = verifySignatures(ceiling, judge, 'message-signing', nowMs).flatMap((verdict) =>
      verdict.accepted ? [{ identity: verdict.identity }] : [],
    );
    for (const careArea of ceiling.careAreas) {
      const verdict = acceptCeiling({
        ...{ ceiling, signers, careArea, nowMs },
        sequence: null,
        controls: new Set(CONTROL_IDS),
        weaknesses: [],
      });
      if (!verdict.accepted) {
        throw new PumprangeError('PR_DOCUMENT_INVALID', `the ceiling of ${careArea}: ${verdict.reason}`);
      }
      ceilings.set(careArea, ceiling);
    }
  }
  signedBy.set(signer, { data, atMs: nowMs, ceilings });
  return ceilings;
}
