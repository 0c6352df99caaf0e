import papaparse from 'papaparse';
import { type Finding, findingAt, type Position } from '../findings.ts';

/** More lines than any library needs: 10,000 drugs in 17 concentrations each, and what stands above them. */
const MOST_LINES = 200_000;

export interface Row {
  readonly line: number;
  /** Without the blanks around them. */
  readonly cells: readonly string[];
}

export interface Sheet {
  readonly separator: ',' | ';' | '\t';
  /** Rows that say anything. */
  readonly rows: readonly Row[];
}

/** Rows and cells of a text, or why it has none. What separates cells is what stands behind `drug` in the row of names. */
export function readSheet(text: string): Sheet | { readonly findings: readonly Finding[] } {
  const separator = /^[ ]*"?drug"?[ ]*([,;\t])/im.exec(text)?.[1];
  if (separator !== ',' && separator !== ';' && separator !== '\t') {
    return refuse('csv-header', 'no row of column names that begins with "drug"', 1);
  }
  if (linesOf(text) > MOST_LINES) return refuse('too-many', `more than ${MOST_LINES} lines`, MOST_LINES);
  // Spreadsheets write what separates cells into a first line of its own.
  const body = text.replace(/\r\n?/g, '\n').replace(/^sep=.(?=\n)/, '');
  const { data, errors } = papaparse.parse<string[]>(body, { delimiter: separator, newline: '\n' });
  const lines = data.reduce<{ rows: Row[]; line: number }>(
    ({ rows, line }, record) => {
      rows.push({ line, cells: record.map((cell) => cell.trim()) });
      return { rows, line: line + 1 + breaksIn(record) };
    },
    { rows: [], line: 1 },
  );
  const fault = errors.find(({ type }) => type === 'Quotes');
  if (fault !== undefined) {
    const message =
      fault.code === 'MissingQuotes' ? 'quotes that are closed nowhere' : 'quotes within a cell';
    return refuse('csv-syntax', message, lines.rows[fault.row ?? 0]?.line ?? 1);
  }
  return { separator, rows: lines.rows.filter(({ cells }) => cells.some((cell) => cell !== '')) };
}

/** Cells may have several lines. */
function breaksIn(record: readonly string[]): number {
  return record.reduce((sum, cell) => (cell.includes('\n') ? sum + cell.split('\n').length - 1 : sum), 0);
}

/** A cell of a row, by the number of its column from 0. */
export function cellAt(line: number, index: number): Position {
  return { line, column: index + 1, cell: `${columnLetters(index)}${line}` };
}

/** A, B … Z, AA, AB … */
function columnLetters(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : columnLetters(Math.floor(index / 26) - 1) + last;
}

function linesOf(text: string): number {
  let count = 1;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 10 || (code === 13 && text.charCodeAt(index + 1) !== 10)) count += 1;
  }
  return count;
}

function refuse(
  rule: 'csv-header' | 'csv-syntax' | 'too-many',
  message: string,
  line: number,
): { findings: readonly Finding[] } {
  return { findings: [findingAt({ rule, path: [], message }, cellAt(line, 0))] };
}
