import { signLibrary } from '../pump-server/index.ts';
import type { Testbed } from './testbed.ts';

const LIBRARY_VALID_MS = 30 * 24 * 3_600_000;
const APPROVERS = ['pharmacist-01', 'pharmacist-02'];

/** Two pharmacists approve the libraries of the repository, and the pump server releases them. */
export async function releaseLibraries(
  testbed: Testbed,
  atMs: number,
  settle: () => Promise<void>,
): Promise<void> {
  const { data, settling } = testbed.options;
  const approvers = APPROVERS.map((id) => testbed.signer('pharmacist', id));
  const signed = data.libraries.map(({ bytes, library }) =>
    signLibrary(
      {
        libraryId: library.id,
        version: library.version,
        sequence: library.sequence,
        careArea: library.careArea,
        models: [...data.models.keys()],
        minimumFirmware: '1.0.0',
        contentBytes: bytes,
        notAfterMs: atMs + LIBRARY_VALID_MS,
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
