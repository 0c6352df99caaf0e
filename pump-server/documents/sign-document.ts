import type { Settling } from '../../clock/index.ts';
import type { Signer } from '../../protocol/index.ts';
import { signAll } from '../releases/manifests.ts';
import type { SignedDocument } from './document-store.ts';

/**
 * What a rehearsal has wrong with a document. `unsigned`: nobody signed; `bad-signature`: made by the right people over another document;
 * `single-approver`: only the first signer signs.
 */
export type DocumentFlaw = 'none' | 'unsigned' | 'bad-signature' | 'single-approver';

/** A document as a rehearsal wants it signed. */
export async function signDocument<D extends SignedDocument>(
  document: D,
  signers: readonly Signer[],
  settling: Settling,
  flaw: DocumentFlaw = 'none',
): Promise<D> {
  switch (flaw) {
    case 'unsigned':
      return document;
    case 'single-approver':
      return signAll(document, signers.slice(0, 1), settling);
    case 'bad-signature': {
      const { signatures } = await signAll(
        { ...document, sequence: document.sequence + 1 },
        signers,
        settling,
      );
      return { ...document, signatures };
    }
    case 'none':
      return signAll(document, signers, settling);
  }
}
