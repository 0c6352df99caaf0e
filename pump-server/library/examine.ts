import { type DrugLibrary, drugLibrarySchema } from '../../protocol/drug-library/index.ts';
import { readCsv } from './csv/csv-source.ts';
import {
  byPlace,
  type Finding,
  findingIn,
  type LibrarySource,
  type ReadSource,
  type Remark,
} from './findings.ts';
import { readJson } from './json-source.ts';
import { ONE_LIBRARY, SEVERAL_LIBRARIES } from './rules/rules.ts';
import { schemaRemarks } from './schema-findings.ts';
import { textOf } from './text.ts';
import { tidied } from './tidied.ts';

/** What was found in the bytes of a library. */
export interface Examination {
  readonly file: string;
  /** `null`: an error was found, and nothing may be released. */
  readonly library: DrugLibrary | null;
  /** In the order of the file. */
  readonly findings: readonly Finding[];
}

interface LibraryBytes {
  /** Its name says whether it is CSV or JSON; where it does not, the first character does. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Looks through libraries that go out together: each by itself, and those that follow the schema against each other. */
export function examineLibraries(files: readonly LibraryBytes[]): readonly Examination[] {
  const looked = files.map(look);
  const sound = looked.flatMap((one) =>
    one.library === undefined || one.source === undefined
      ? []
      : [{ ...one, library: one.library, source: one.source }],
  );
  const libraries = sound.map(({ library }) => library);
  for (const rule of libraries.length > 1 ? SEVERAL_LIBRARIES : []) {
    for (const { library, remark } of rule(libraries)) {
      const on = sound[library];
      if (on !== undefined) on.findings.push(findingIn(on.source, remark));
    }
  }
  return looked.map(({ file, library, findings }) => {
    const refused = library === undefined || findings.some(({ severity }) => severity === 'error');
    return {
      file,
      library: refused ? null : library,
      findings: findings.sort(byPlace),
    };
  });
}

interface Looked {
  readonly file: string;
  readonly source: LibrarySource | undefined;
  /** Follows the schema; whether it may be released is another matter. */
  readonly library: DrugLibrary | undefined;
  readonly findings: Finding[];
}

function look({ file, bytes }: LibraryBytes): Looked {
  const source = readSource(file, bytes);
  if ('findings' in source)
    return { file, source: undefined, library: undefined, findings: [...source.findings] };
  const parsed = drugLibrarySchema.safeParse(source.data);
  if (parsed.success) {
    const library = tidied(parsed.data);
    const findings = ONE_LIBRARY.flatMap((rule) => rule(library)).map((remark) => findingIn(source, remark));
    return { file, source, library, findings };
  }
  const remarks = [
    ...schemaRemarks(parsed.error.issues, source.data),
    ...remarksOnTheRest(source.data, parsed.error.issues),
  ];
  return { file, source, library: undefined, findings: remarks.map((remark) => findingIn(source, remark)) };
}

function readSource(file: string, bytes: Uint8Array): ReadSource {
  const read = textOf(bytes);
  if ('findings' in read) return read;
  const isJson = /\.json$/i.test(file) || (!/\.csv$/i.test(file) && /^\s*[{[]/.test(read.text));
  return isJson ? readJson(read.text) : readCsv(read.text);
}

/** What the rules say of the entries that follow the schema, so that one wrong entry does not hide what else is to be mended. */
function remarksOnTheRest(
  data: unknown,
  issues: readonly { readonly path: readonly PropertyKey[] }[],
): readonly Remark[] {
  if (typeof data !== 'object' || data === null || !('entries' in data) || !Array.isArray(data.entries))
    return [];
  const wrong = new Set(issues.flatMap(({ path: [top, index] }) => (top === 'entries' ? [index] : [])));
  const indices = [...data.entries.keys()].filter((index) => !wrong.has(index));
  const all: readonly unknown[] = data.entries;
  const rest = drugLibrarySchema.safeParse({ ...data, entries: indices.map((index) => all[index]) });
  if (!rest.success) return [];
  const back = ([top, index, ...members]: Remark['path']): Remark['path'] =>
    top === 'entries' && typeof index === 'number'
      ? [top, indices[index] ?? 0, ...members]
      : [top ?? '', ...(index === undefined ? [] : [index]), ...members];
  return ONE_LIBRARY.flatMap((rule) => rule(rest.data)).map((remark) => ({
    ...remark,
    path: back(remark.path),
    ...(remark.other === undefined ? {} : { other: back(remark.other) }),
  }));
}
