import { APPROVALS_NEEDED, approvalsOf, signLibrary } from '../pump-server/index.ts';
import type { LibraryFile } from './data.ts';
import type { Testbed } from './testbed.ts';

const VALID_MS = 30 * 24 * 3_600_000;
const APPROVERS = ['pharmacist-01', 'pharmacist-02'];

/**
 * Two pharmacists approve the libraries of the repository, and the pump server releases them: those for which the server has not kept a
 * release that pumps of this PKI would take.
 */
export async function releaseShippedLibraries(
  testbed: Testbed,
  presentMs: number,
  settle: () => Promise<void>,
): Promise<void> {
  const { data, settling, clock } = testbed.options;
  const approvers = APPROVERS.map((id) => testbed.signer('pharmacist', id));
  const signed = data.libraries
    .filter((file) => !hasRelease(testbed, file, presentMs))
    .map(({ bytes, library }) =>
      signLibrary(
        {
          libraryId: library.id,
          version: library.version,
          sequence: library.sequence,
          careArea: library.careArea,
          models: [...data.models.keys()],
          minimumFirmware: '1.0.0',
          contentBytes: bytes,
          notAfterMs: clock.now() + VALID_MS,
        },
        approvers,
        settling,
      ),
    );
  // Signatures are held work: they come back as the wire settles.
  await settle();
  for (const library of await Promise.all(signed)) testbed.server.releaseLibrary(library);
  await settle();
}

/** A PKI that was made anew knows none of those who signed before. */
function hasRelease(testbed: Testbed, { library }: LibraryFile, presentMs: number): boolean {
  const current = testbed.server.currentLibrary(library.careArea);
  return (
    current !== undefined &&
    current.sequence >= library.sequence &&
    Date.parse(current.notAfter) > presentMs &&
    approvalsOf(current, testbed.judge, testbed.options.clock.now()).approvers.length >= APPROVALS_NEEDED
  );
}
