import type { DrugLibrary } from '../../protocol/drug-library/index.ts';
import { canonicalBytes, PumprangeError } from '../../protocol/index.ts';
import { readBounded } from '../read-bounded.ts';
import { type Examination, examineLibraries } from './examine.ts';
import { type Finding, findingLine } from './findings.ts';

/** Larger than any library, small enough to read at once. */
const LARGEST_FILE_BYTES = 16 * 1024 * 1024;
/** As many findings as an error tells of; `library check` has all of them. */
const MOST_TOLD = 20;

/** A library that may be released. */
export interface LibraryFile {
  readonly library: DrugLibrary;
  /** The canonical JSON [RFC 8785] that is signed and released: the same for a CSV file and the JSON file made of it. */
  readonly contentBytes: Buffer;
  /** Warnings. */
  readonly findings: readonly Finding[];
}

/**
 * Reads a drug library, CSV or JSON, that is to be released.
 *
 * @throws PumprangeError as `readLibrary`
 */
export function readLibraryFile(path: string): LibraryFile {
  const { library, findings } = readLibrary(path);
  return { library, contentBytes: canonicalBytes(library), findings };
}

/**
 * Reads a drug library that is only to be looked at.
 *
 * @throws PumprangeError `PR_FILE_UNREADABLE`; `PR_LIBRARY_INVALID` with each error as `file:line:column: error: message`
 */
export function readLibrary(path: string): Omit<LibraryFile, 'contentBytes'> {
  const [examined] = examineLibraryFiles([path]);
  const { library = null, findings = [] } = examined ?? {};
  if (library !== null) return { library, findings };
  const errors = findings.filter(({ severity }) => severity === 'error');
  const told = errors.slice(0, MOST_TOLD).map((finding) => findingLine(path, finding));
  const more = errors.length - told.length;
  if (more > 0) told.push(`and ${more} more`);
  throw new PumprangeError('PR_LIBRARY_INVALID', told.join('\n'));
}

/**
 * Looks through the files of libraries that go out together.
 *
 * @throws PumprangeError `PR_FILE_UNREADABLE`; `PR_LIBRARY_INVALID` for one that is larger than any library, which is not read
 */
export function examineLibraryFiles(paths: readonly string[]): readonly Examination[] {
  return examineLibraries(
    paths.map((file) => ({
      file,
      bytes: readBounded(file, {
        what: 'a library',
        mostBytes: LARGEST_FILE_BYTES,
        code: 'PR_LIBRARY_INVALID',
      }),
    })),
  );
}
