import papaparse from 'papaparse';
import type { DrugLibrary } from '../../../protocol/drug-library/index.ts';
import { COLUMNS, type Field, LABELS } from './columns.ts';

/** Columns that are there even where no drug has them, so that a sheet says what may be filled in. */
const ALWAYS = COLUMNS.slice(0, 9);

/** A library as a sheet, which `readCsv` reads back as the same library. Lines end as spreadsheets end them. */
export function writeCsv(library: DrugLibrary): string {
  const rows = library.entries.flatMap(({ otherConcentrations = [], ...entry }): unknown[] => [
    entry,
    ...otherConcentrations.map((concentration) => ({ drug: entry.drug, concentration })),
  ]);
  const columns = COLUMNS.filter(
    (column) => ALWAYS.includes(column) || rows.some((row) => textAt(row, column) !== ''),
  );
  const labels = LABELS.map((label) => [label.name, textAt(library, label)]).filter(
    ([, text]) => text !== '',
  );
  const names = columns.map(({ name }) => name);
  const cells = rows.map((row) => columns.map((column) => textAt(row, column)));
  return `${papaparse.unparse([...labels, names, ...cells], { newline: '\r\n' })}\r\n`;
}

function textAt(value: unknown, { path }: Field): string {
  const found = path.reduce<unknown>(
    (at, member) => (typeof at === 'object' && at !== null ? Reflect.get(at, member) : undefined),
    value,
  );
  return found === undefined ? '' : String(found);
}
