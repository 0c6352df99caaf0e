import type { IdentityUrn } from '../protocol/index.ts';
import type { SignedDocument } from '../pump-server/index.ts';
import { connectControl } from './control-client.ts';

/**
 * Transfers a signed document to the ward that runs on a folder, whose server releases it.
 *
 * @throws PumprangeError what the server refuses with; `PR_WARD_NOT_RUNNING`
 */
export async function transferDocument(
  dir: string,
  document: SignedDocument,
  by: IdentityUrn,
): Promise<void> {
  const client = await connectControl(dir, () => undefined);
  try {
    await client.call('document.release', { document, by });
  } finally {
    client.close();
  }
}
