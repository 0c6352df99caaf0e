import { z } from 'zod';
import { LIBRARY_BANNER } from '../protocol/drug-library/index.ts';
import type { IdentityUrn } from '../protocol/index.ts';
import type { SignedDocument } from '../pump-server/index.ts';
import { connectControl } from './control-client.ts';
import { type ConfigurationRow, configurationRowSchema } from './document-desk.ts';

const pageSchema = z.object({ pumps: z.array(configurationRowSchema), pumpsInAll: z.int() });

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

/**
 * Which pump of the ward that runs on a folder has which device configuration.
 *
 * @throws PumprangeError `PR_WARD_NOT_RUNNING`
 */
export async function configurationAdoption(dir: string): Promise<{
  readonly version: 1;
  readonly banner: string;
  readonly behind: number;
  readonly pumps: readonly ConfigurationRow[];
}> {
  const client = await connectControl(dir, () => undefined);
  try {
    const pumps: ConfigurationRow[] = [];
    for (;;) {
      const page = pageSchema.parse(await client.call('document.adoption', { from: pumps.length }));
      pumps.push(...page.pumps);
      if (page.pumps.length === 0 || pumps.length >= page.pumpsInAll) break;
    }
    const behind = pumps.filter(({ standing }) => standing === 'behind').length;
    return { version: 1, banner: LIBRARY_BANNER, behind, pumps };
  } finally {
    client.close();
  }
}
