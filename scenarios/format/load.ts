import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { type ErrorCode, type Posture, PumprangeError } from '../../protocol/index.ts';
import type { PriceList } from '../report/prices.ts';
import type { KnownNames } from './cross-check.ts';
import { byPosition, type LocatedProblem, problemLine } from './diagnostics/problem.ts';
import { LARGEST_FILE_BYTES } from './diagnostics/yaml-source.ts';
import { type Parsed, parsePlaybook, parsePosture, parsePrices, parseScenario } from './parse.ts';
import type { Playbook } from './playbook.ts';
import { FAMILIES, type Scenario } from './scenario.ts';

type File<T> = Parsed<T> & { readonly file: string };

/**
 * Reads one scenario file.
 * @throws PumprangeError PR_SCENARIO_INVALID with every problem on a line of its own, as
 * `file:line:column: message (hint)`; PR_FILE_UNREADABLE if it cannot be read.
 */
export function loadScenario(file: string, known: KnownNames = {}): Scenario {
  const parsed = read(file, (text) => parseScenario(text, file, known));
  if ('problems' in parsed) throw invalid('PR_SCENARIO_INVALID', parsed.problems);
  return parsed.value;
}

/**
 * Reads every `*.yaml` below the folders, at any depth, sorted by path. A file is named after the scenario in it, and
 * a folder that bears the name of a family holds scenarios of that family only.
 * @throws PumprangeError as `loadScenario`, with the problems of all files.
 */
export function loadCatalog(folders: readonly string[], known: KnownNames = {}): readonly Scenario[] {
  return collect(
    folders,
    'PR_SCENARIO_INVALID',
    (text, file) => parseScenario(text, file, known),
    familyProblems,
  );
}

/**
 * Reads every posture below the folders, as `loadCatalog` does.
 * @throws PumprangeError PR_POSTURE_INVALID with the problems of all files; PR_FILE_UNREADABLE.
 */
export function loadPostures(folders: readonly string[]): readonly Posture[] {
  return collect(folders, 'PR_POSTURE_INVALID', parsePosture, () => []);
}

/**
 * Reads every playbook below the folders, as `loadCatalog` does.
 * @throws PumprangeError PR_PLAYBOOK_INVALID with the problems of all files; PR_FILE_UNREADABLE.
 */
export function loadPlaybooks(folders: readonly string[], known: KnownNames = {}): readonly Playbook[] {
  return collect(
    folders,
    'PR_PLAYBOOK_INVALID',
    (text, file) => parsePlaybook(text, file, known),
    () => [],
  );
}

/** Reads one posture. @throws PumprangeError PR_POSTURE_INVALID with every problem; PR_FILE_UNREADABLE. */
export function loadPosture(file: string): Posture {
  const parsed = read(file, (text) => parsePosture(text, file));
  if ('problems' in parsed) throw invalid('PR_POSTURE_INVALID', parsed.problems);
  return parsed.value;
}

/** Reads a price list. @throws PumprangeError PR_PRICES_INVALID with every problem; PR_FILE_UNREADABLE. */
export function loadPrices(file: string): PriceList {
  const parsed = read(file, (text) => parsePrices(text, file));
  if ('problems' in parsed) throw invalid('PR_PRICES_INVALID', parsed.problems);
  return parsed.value;
}

function collect<T extends { readonly id: string }>(
  folders: readonly string[],
  code: ErrorCode,
  parse: (text: string, file: string) => Parsed<T>,
  check: (value: T, file: string) => readonly string[],
): readonly T[] {
  const files = folders.flatMap(yamlFilesBelow).map((file) => read(file, (text) => parse(text, file)));
  const firstFile = new Map<string, string>();
  const values: T[] = [];
  const problems: LocatedProblem[] = [];
  for (const parsed of files) {
    if ('problems' in parsed) {
      problems.push(...parsed.problems);
      continue;
    }
    const { value, idAt, file } = parsed;
    const other = firstFile.get(value.id);
    const name = basename(file, extname(file));
    const faults = [
      ...(other === undefined ? [] : [`id "${value.id}" is in ${other} already`]),
      ...(name === value.id ? [] : [`id "${value.id}" stands in a file named "${name}"`]),
      ...check(value, file),
    ];
    problems.push(...faults.map((message) => ({ file, ...idAt, message })));
    firstFile.set(value.id, other ?? file);
    values.push(value);
  }
  if (problems.length > 0) throw invalid(code, problems);
  return values;
}

function familyProblems({ family }: Scenario, file: string): readonly string[] {
  const folder = basename(dirname(file));
  return (FAMILIES as readonly string[]).includes(folder) && folder !== family
    ? [`family "${family}" stands in the folder "${folder}"`]
    : [];
}

function read<T>(file: string, parse: (text: string) => Parsed<T>): File<T> {
  const refused = (message: string): File<T> => ({ file, problems: [{ file, line: 1, column: 1, message }] });
  let bytes: Buffer;
  try {
    const sizeBytes = statSync(file).size;
    if (sizeBytes > LARGEST_FILE_BYTES) {
      return refused(`a file of ${sizeBytes} bytes is too large; ${LARGEST_FILE_BYTES} are allowed`);
    }
    bytes = readFileSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refused('the file is not UTF-8 text');
  }
  return { file, ...parse(text) };
}

function yamlFilesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    throw unreadable(folder, error);
  }
}

function invalid(code: ErrorCode, problems: readonly LocatedProblem[]): PumprangeError {
  const files = [...new Set(problems.map(({ file }) => file))];
  const lines = files.flatMap((file) =>
    problems
      .filter((one) => one.file === file)
      .sort(byPosition)
      .map(problemLine),
  );
  return new PumprangeError(code, lines.join('\n'));
}

function unreadable(path: string, cause: unknown): PumprangeError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
  return new PumprangeError('PR_FILE_UNREADABLE', `${path} cannot be read (${reason}).`, { cause });
}
