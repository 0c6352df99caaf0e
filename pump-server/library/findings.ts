/** Where in a library something is: members and indices from the root, as its JSON form has them. */
export type DataPath = readonly (string | number)[];

/** Where in a file something is. */
export interface Position {
  /** Both count from 1; the column of a CSV file is that of its sheet, of a JSON file that of the character. */
  readonly line: number;
  readonly column: number;
  /** The cell as a spreadsheet names it, e.g. `G12`; `null` in a JSON file. */
  readonly cell: string | null;
}

type Severity = 'error' | 'warning';

interface RuleFacts {
  /** An error refuses the library, a warning informs. */
  readonly severity: Severity;
  readonly wayOut: string;
}

/** Everything that can be found in a library, and what to do about it. */
export const LIBRARY_RULES = {
  'not-text': {
    severity: 'error',
    wayOut: 'Save it as "CSV UTF-8", or as JSON in UTF-8.',
  },
  'json-syntax': { severity: 'error', wayOut: 'Mend the JSON at this place.' },
  'json-duplicate-member': {
    severity: 'error',
    wayOut: 'Keep one of them: programs disagree on which of the two counts.',
  },
  'csv-syntax': { severity: 'error', wayOut: 'Close the quotes, and write a quote within quotes twice.' },
  'csv-header': {
    severity: 'error',
    wayOut: 'Give each column one name of its own, in one row that begins with `drug`; unmerge merged cells.',
  },
  'csv-label': {
    severity: 'error',
    wayOut: 'Above the columns stand a name and its value in each row, such as `care area` and `adult-icu`.',
  },
  'csv-cells': {
    severity: 'error',
    wayOut: 'Give each row a cell for each column; in a file separated by commas write 1.5, not 1,5.',
  },
  'csv-drug-missing': {
    severity: 'error',
    wayOut: 'Repeat the drug in each of its rows; merged cells keep it in the first only.',
  },
  'csv-formula': { severity: 'error', wayOut: 'Paste the values instead of the formulas.' },
  'csv-number': {
    severity: 'error',
    wayOut: 'Write numbers without separators of thousands, with the same decimal mark throughout the file.',
  },
  schema: { severity: 'error', wayOut: 'The schema is pump-server/schemas/drug-library.schema.json.' },
  empty: { severity: 'error', wayOut: 'Add the drugs: pumps would refuse every drug by name.' },
  'too-many': {
    severity: 'error',
    wayOut: 'Drop drugs or concentrations that nobody uses; pumps hold 30 profiles and 10,000 drug set-ups.',
  },
  'bounds-order': {
    severity: 'error',
    wayOut: 'Hard limits lie outside soft ones: hard minimum ≤ soft minimum ≤ soft maximum ≤ hard maximum.',
  },
  units: { severity: 'error', wayOut: 'Use a unit that converts into that of each concentration.' },
  'no-limits': { severity: 'error', wayOut: 'Give a dose or a rate at least one limit.' },
  'duplicate-drug': { severity: 'error', wayOut: 'Keep one entry; concentrations of a drug go together.' },
  'duplicate-concentration': { severity: 'error', wayOut: 'Keep one of the two.' },
  'same-name': {
    severity: 'error',
    wayOut: 'Nobody can tell the two apart: keep one, or name what differs.',
  },
  'mixed-letters': { severity: 'error', wayOut: 'Type the word anew with the letters of one script.' },
  'formula-name': {
    severity: 'error',
    wayOut: 'Begin the name with a letter or a digit: spreadsheets take it for a formula.',
  },
  'care-area-name': {
    severity: 'error',
    wayOut: 'Use letters, digits, dots, dashes and underscores: it becomes part of a topic.',
  },
  'nursery-caps': {
    severity: 'error',
    wayOut: 'In a nursery at most 25 mL/h, 2 mL/h to keep a vein open, and an air alarm at 50 µL.',
  },
  'look-alike': {
    severity: 'warning',
    wayOut: 'Set the letters that differ in capitals (tall man), in both names.',
  },
  'names-not-compared': { severity: 'warning', wayOut: 'Compare the names of this library in parts.' },
  'strength-slip': {
    severity: 'warning',
    wayOut: 'Check for a slip of a digit, or of mcg for mg; drop a strength that nobody needs.',
  },
  'no-hard-maximum': {
    severity: 'warning',
    wayOut: 'Set a hard maximum: a soft one is passed with one key.',
  },
  'pca-lockout': {
    severity: 'warning',
    wayOut: 'Set a hard minimum of the lockout, and a hard maximum of the accumulated dose.',
  },
  'care-area-unknown': {
    severity: 'warning',
    wayOut: 'Check the spelling: no pump of another care area takes it.',
  },
  'above-care-area': { severity: 'warning', wayOut: 'Lower it: the maximum of the care area comes first.' },
  'out-of-reach': {
    severity: 'warning',
    wayOut: 'Check the dose unit and the concentration: no pump runs at such a rate.',
  },
  'care-areas-differ': {
    severity: 'warning',
    wayOut: 'Check both: care areas differ, but seldom so much.',
  },
} as const satisfies Record<string, RuleFacts>;

export type LibraryRule = keyof typeof LIBRARY_RULES;
export const LIBRARY_RULE_IDS = Object.keys(LIBRARY_RULES) as [LibraryRule, ...LibraryRule[]];

/** What is wrong at a place of a library; the place becomes a line once its source is at hand. */
export interface Remark {
  readonly rule: LibraryRule;
  readonly path: DataPath;
  /** What was found, with names and values, in one line. */
  readonly message: string;
  /** What else the message speaks of, whose line is added to it. */
  readonly other?: DataPath;
}

/** A remark at its place in the file. */
export interface Finding extends Position {
  readonly rule: LibraryRule;
  readonly severity: Severity;
  /** E.g. `entries[3].limits.hardMax`; empty for the library as a whole. */
  readonly member: string;
  readonly message: string;
  readonly wayOut: string;
}

/** A library as its file has it, and where in the file each part of it stands. */
export interface LibrarySource {
  /** As JSON has it, not judged yet. */
  readonly data: unknown;
  /** The place of a member, or of the nearest thing around it that the file has. */
  locate(path: DataPath): Position;
}

/** A source, or why there is none. */
export type ReadSource = LibrarySource | { readonly findings: readonly Finding[] };

export function findingAt({ rule, path, message }: Remark, { line, column, cell }: Position): Finding {
  const { severity, wayOut } = LIBRARY_RULES[rule];
  return { rule, severity, line, column, cell, member: memberText(path), message, wayOut };
}

/** A remark at its place in the source it was made on. */
export function findingIn(source: LibrarySource, remark: Remark): Finding {
  const message =
    remark.other === undefined
      ? remark.message
      : `${remark.message} in line ${source.locate(remark.other).line}`;
  return findingAt({ ...remark, message }, source.locate(remark.path));
}

/** In the order of the file, errors first within a line. */
export function byPlace(a: Finding, b: Finding): number {
  return a.line - b.line || a.severity.localeCompare(b.severity) || a.column - b.column;
}

/** `adult.csv:12:7 (G12): error: message` */
export function findingLine(file: string, { line, column, cell, severity, message }: Finding): string {
  return `${file}:${line}:${column}${cell === null ? '' : ` (${cell})`}: ${severity}: ${message}`;
}

function memberText(path: DataPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
