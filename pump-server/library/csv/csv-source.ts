import { type DataPath, type Finding, findingAt, type LibraryRule, type ReadSource } from '../findings.ts';
import { quoted } from '../quoted.ts';
import { CONCENTRATION_COLUMNS, DRUG_COLUMN, type Field } from './columns.ts';
import { decimalMark, type NumberCell, numberOf } from './decimals.ts';
import { readHead, type SheetHead } from './head.ts';
import { cellAt, type Row, readSheet } from './sheet.ts';

/** What a spreadsheet computes, or could not: a text that begins so is no value. */
const FORMULA =
  /^(?:[=@]|[+-](?!\d+(?:[.,]\d+)?(?:e[+-]?\d+)?$)|#(?:REF|NAME|VALUE|DIV\/0|N\/A|NUM|NULL)|#+$)/i;

type Complain = (rule: LibraryRule, line: number, index: number, message: string) => void;

/**
 * Reads a library from CSV: names and values in rows of two above, then one row for each drug in each concentration. The first
 * row of a drug has its usual concentration and its limits; in further rows these may be left out, and may not differ.
 */
export function readCsv(text: string): ReadSource {
  const sheet = readSheet(text);
  if ('findings' in sheet) return sheet;
  const findings: Finding[] = [];
  const complain: Complain = (rule, line, index, message) => {
    findings.push(findingAt({ rule, path: [], message }, cellAt(line, index)));
  };
  for (const { line, cells } of sheet.rows) {
    cells.forEach((cell, index) => {
      if (FORMULA.test(cell))
        complain('csv-formula', line, index, `${quoted(cell)} is no value but a formula`);
    });
  }
  const head = readHead(sheet.rows, complain);
  if (findings.length > 0) return { findings };

  const columnOf = new Map(head.columns.map((field, index) => [field?.name, index]));
  const rows = head.rows.filter((row) =>
    isComplete(row, head, columnOf.get(DRUG_COLUMN.name) ?? 0, complain),
  );
  const { mark, doubts } = decimalMark(sheet.separator, markedCells(head, rows));
  for (const { cell, message } of doubts) complain('csv-number', cell.line, cell.index, message);
  if (findings.length > 0) return { findings };

  const readCell = (field: Field, text: string, line: number, index: number): unknown => {
    if (field.kind === 'text') return text;
    const value = numberOf(text, mark);
    if (value === undefined)
      complain('csv-number', line, index, `${field.name}: ${quoted(text)} is no number`);
    return value;
  };
  const data: Record<string, unknown> = {};
  for (const { field, text: value, line } of head.labels)
    put(data, field.path, readCell(field, value, line, 1));
  const entries: Record<string, unknown>[] = [];
  const rowsOf: Row[][] = [];
  for (const row of rows) {
    const read: Record<string, unknown> = {};
    head.columns.forEach((field, index) => {
      const cell = row.cells[index] ?? '';
      if (field !== undefined && cell !== '') put(read, field.path, readCell(field, cell, row.line, index));
    });
    const [entry, before] = [entries.at(-1), rowsOf.at(-1)];
    if (entry !== undefined && before !== undefined && entry['drug'] === read['drug']) {
      addConcentration(entry, read, row, before, head, complain);
      before.push(row);
    } else {
      entries.push(read);
      rowsOf.push([row]);
    }
  }
  if (findings.length > 0) return { findings };
  data['entries'] = entries.map(withBolusLimits);
  return { data, locate: (path) => locate(path, head, rowsOf) };
}

function isComplete({ line, cells }: Row, head: SheetHead, drugIndex: number, complain: Complain): boolean {
  const width = head.columns.length;
  const beyond = cells.findIndex((cell, index) => index >= width && cell !== '');
  if (beyond !== -1 || cells.length < head.fewestCells) {
    const message = `${cells.length} cells, and ${width} columns; a decimal comma makes one cell two`;
    complain('csv-cells', line, beyond === -1 ? Math.max(0, cells.length - 1) : beyond, message);
    return false;
  }
  if (cells[drugIndex] === '') complain('csv-drug-missing', line, drugIndex, 'a row without a drug');
  return cells[drugIndex] !== '';
}

/** Those with a mark in them, by which the sheet shows what it means by one. */
function markedCells(head: SheetHead, rows: readonly Row[]): NumberCell[] {
  const numeric = head.columns.flatMap((field, index) => (field?.kind === 'number' ? [index] : []));
  const marked = (text: string | undefined): text is string => text !== undefined && /[.,]/.test(text);
  return [
    ...head.labels
      .filter(({ field, text }) => field.kind === 'number' && marked(text))
      .map(({ text, line }) => ({ text, line, index: 1 })),
    ...rows.flatMap(({ line, cells }) =>
      numeric.flatMap((index) => {
        const text = cells[index];
        return marked(text) ? [{ text, line, index }] : [];
      }),
    ),
  ];
}

/** A further row of a drug: its concentration counts, and all else says what the first one says, or nothing. */
function addConcentration(
  entry: Record<string, unknown>,
  read: Record<string, unknown>,
  row: Row,
  [first]: readonly Row[],
  head: SheetHead,
  complain: Complain,
): void {
  const others = entry['otherConcentrations'];
  entry['otherConcentrations'] = [...(Array.isArray(others) ? others : []), read['concentration'] ?? {}];
  head.columns.forEach((field, index) => {
    if (field === undefined || CONCENTRATION_COLUMNS.includes(field)) return;
    const [cell = '', earlier = ''] = [row.cells[index], first?.cells[index]];
    if (cell === '' || cell === earlier) return;
    const message = `${quoted(entry['drug'])} has ${field.name} ${quoted(cell)} here, and ${earlier === '' ? 'none' : quoted(earlier)} in line ${first?.line}`;
    complain('duplicate-drug', row.line, index, message);
  });
}

/** A unit of the bolus without limits says that there is a bolus. */
function withBolusLimits(entry: Record<string, unknown>): Record<string, unknown> {
  const bolus = entry['bolusLimits'];
  return typeof bolus === 'object' && bolus !== null && !('limits' in bolus)
    ? { ...entry, bolusLimits: { ...bolus, limits: {} } }
    : entry;
}

/** Sets a member of what may not be there yet; the table of columns has no member within a text. */
function put(into: Record<string, unknown>, [member, ...rest]: readonly string[], value: unknown): void {
  if (member === undefined) return;
  const [next] = rest;
  if (next === undefined) {
    into[member] = value;
    return;
  }
  const inner = into[member];
  if (isRecord(inner)) return put(inner, rest, value);
  const fresh: Record<string, unknown> = {};
  into[member] = fresh;
  put(fresh, rest, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function locate(
  path: DataPath,
  head: SheetHead,
  rowsOf: readonly (readonly Row[])[],
): ReturnType<typeof cellAt> {
  const [top, entry, ...members] = path;
  if (top === 'entries' && typeof entry === 'number') {
    const [member, other, ...rest] = members;
    const isOther = member === 'otherConcentrations' && typeof other === 'number';
    const row = rowsOf[entry]?.[isOther ? other + 1 : 0];
    const index = columnIndex(isOther ? ['concentration', ...rest] : members, head);
    if (row !== undefined) return cellAt(row.line, Math.max(0, index));
  }
  const label = head.labels.find(({ field }) => beginsWith(field.path, path) || beginsWith(path, field.path));
  return label === undefined ? cellAt(top === 'entries' ? head.line : 1, 0) : cellAt(label.line, 1);
}

/** The column of a member, of the first member within it, or of what is nearest around it; -1: none. */
function columnIndex(members: DataPath, { columns }: SheetHead): number {
  for (let length = members.length; length > 0; length -= 1) {
    const part = members.slice(0, length);
    const found = columns.findIndex((field) => field !== undefined && beginsWith(field.path, part));
    if (found !== -1) return found;
  }
  return columns.indexOf(DRUG_COLUMN);
}

function beginsWith(path: DataPath, start: DataPath): boolean {
  return start.length > 0 && start.every((part, index) => path[index] === part);
}
