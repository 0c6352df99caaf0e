import { closest, distance } from 'fastest-levenshtein';
import { LIBRARY_BANNER } from '../../../protocol/drug-library/index.ts';
import type { LibraryRule } from '../findings.ts';
import { quoted } from '../quoted.ts';
import { COLUMNS, DRUG_COLUMN, type Field, fieldNamed, LABELS } from './columns.ts';
import type { Row } from './sheet.ts';

type Complain = (rule: LibraryRule, line: number, index: number, message: string) => void;

/** What stands above the drugs, and the rows of drugs. */
export interface SheetHead {
  readonly labels: readonly { readonly field: Field; readonly text: string; readonly line: number }[];
  /** Of the row of names. */
  readonly line: number;
  /** The field of each column; `undefined` for one that no row uses. */
  readonly columns: readonly (Field | undefined)[];
  /** A row with fewer has lost some. */
  readonly fewestCells: number;
  readonly rows: readonly Row[];
}

/** Takes a sheet apart, and complains of what it cannot know. */
export function readHead(all: readonly Row[], complain: Complain): SheetHead {
  const at = all.findIndex(({ cells }) => fieldNamed(cells[0] ?? '', COLUMNS) === DRUG_COLUMN);
  if (at === -1) {
    complain('csv-header', 1, 0, 'no row of column names that begins with "drug"');
    return { labels: [], line: 1, columns: [], fewestCells: 0, rows: [] };
  }
  const [above, names, rows] = [all.slice(0, at), all[at], all.slice(at + 1)];
  const labels = above.flatMap((row) => readLabel(row, complain) ?? []);
  const seen = new Map<Field, number>();
  for (const { field, line } of labels) {
    if (seen.has(field))
      complain('csv-label', line, 0, `"${field.name}" stands in line ${seen.get(field)} already`);
    seen.set(field, line);
  }
  const line = names?.line ?? 1;
  const last = (names?.cells ?? []).findLastIndex((cell) => cell !== '');
  const named = (names?.cells ?? []).slice(0, last + 1);
  return {
    labels,
    line,
    columns: readColumns(named, line, complain),
    fewestCells: named.length,
    rows,
  };
}

function readColumns(names: readonly string[], line: number, complain: Complain): (Field | undefined)[] {
  const columns = names.map((name) => fieldNamed(name, COLUMNS));
  columns.forEach((field, index) => {
    const name = names[index] ?? '';
    if (name === '') {
      complain('csv-header', line, index, 'a column without a name, as merged cells leave it');
    } else if (field === undefined) {
      complain('csv-header', line, index, `no column is called ${quoted(name)}${meant(name, COLUMNS)}`);
    } else if (columns.indexOf(field) < index) {
      complain('csv-header', line, index, `two columns are called "${field.name}"`);
    }
  });
  return columns;
}

function readLabel({ line, cells }: Row, complain: Complain): SheetHead['labels'][number] | undefined {
  const [name = '', text = '', ...more] = cells;
  const [banner] = LABELS;
  // The banner may stand alone.
  if (name === LIBRARY_BANNER && text === '' && banner !== undefined)
    return { field: banner, text: name, line };
  const field = fieldNamed(name, LABELS);
  if (field === undefined) {
    complain('csv-label', line, 0, `no value of a library is called ${quoted(name)}${meant(name, LABELS)}`);
    return undefined;
  }
  const extra = more.findIndex((cell) => cell !== '');
  if (extra !== -1) {
    complain(
      'csv-label',
      line,
      extra + 2,
      `"${field.name}" has more than one value; quote one with a comma in it`,
    );
    return undefined;
  }
  return text === '' ? undefined : { field, text, line };
}

function meant(name: string, fields: readonly Field[]): string {
  const near = closest(
    name.toLowerCase(),
    fields.map((field) => field.name),
  );
  return distance(name.toLowerCase(), near) <= Math.max(2, name.length / 3) ? `; "${near}"?` : '';
}
