import { findNodeAtLocation, parseTree, visit } from 'jsonc-parser';
import {
  type DataPath,
  type Finding,
  findingAt,
  type LibraryRule,
  type Position,
  type ReadSource,
} from './findings.ts';
import { quoted } from './quoted.ts';

/** JSON forbids comments and trailing commas. */
const STRICT = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false };

/**
 * Reads a library from JSON. Positions are found only when they are asked for: a tree with all of them costs ten times the
 * reading.
 */
export function readJson(text: string): ReadSource {
  const scan = scanned(text);
  const places = new Places(text, scan);
  const refuse = (rule: LibraryRule, message: string, offset: number): ReadSource => ({
    findings: [findingAt({ rule, path: [], message }, places.at(offset))],
  });
  if (scan.fault !== undefined) return refuse('json-syntax', scan.fault.message, scan.fault.offset);
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return refuse('json-syntax', 'not JSON', 0);
  }
  if (scan.duplicates.length > 0) {
    return {
      findings: scan.duplicates.map(
        ({ name, offset }): Finding =>
          findingAt(
            {
              rule: 'json-duplicate-member',
              path: [],
              message: `${quoted(name)} is there twice in one object`,
            },
            places.at(offset),
          ),
      ),
    };
  }
  return { data, locate: (path) => places.of(path) };
}

interface Scan {
  readonly fault: { readonly message: string; readonly offset: number } | undefined;
  readonly duplicates: readonly { readonly name: string; readonly offset: number }[];
  /** Where the value of each member of the library begins, and each of its entries. */
  readonly members: ReadonlyMap<string, number>;
  readonly entries: readonly number[];
}

/** The first thing that is no JSON, and members that are there twice, of which `JSON.parse` would keep the last in silence. */
function scanned(text: string): Scan {
  /** What is open around a place: the names in an object, `null` for a list. */
  const open: (Set<string> | null)[] = [];
  const duplicates: { name: string; offset: number }[] = [];
  const members = new Map<string, number>();
  const entries: number[] = [];
  let fault: Scan['fault'];
  let member: string | undefined;
  const begin = (offset: number): void => {
    if (open.length === 1 && open[0] !== null && member !== undefined) members.set(member, offset);
    if (open.length === 2 && open[1] === null && member === 'entries') entries.push(offset);
  };
  try {
    visit(
      text,
      {
        onObjectBegin: (offset) => {
          begin(offset);
          open.push(new Set());
        },
        onArrayBegin: (offset) => {
          begin(offset);
          open.push(null);
        },
        onLiteralValue: (_value, offset) => begin(offset),
        onObjectEnd: () => void open.pop(),
        onArrayEnd: () => void open.pop(),
        onObjectProperty: (name, offset) => {
          if (open.length === 1) member = name;
          const names = open.at(-1);
          if (names?.has(name)) duplicates.push({ name, offset });
          names?.add(name);
        },
        onError: (_code, offset) => {
          fault ??= { message: offset >= text.trimEnd().length ? 'the end is missing' : 'not JSON', offset };
        },
      },
      STRICT,
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    fault = { message: 'nested more deeply than any library', offset: 0 };
  }
  return { fault, duplicates, members, entries };
}

/** Lines and columns of a text, and of what the JSON in it has. */
class Places {
  readonly #text: string;
  readonly #scan: Scan;
  #lineStarts: number[] | undefined;

  constructor(text: string, scan: Scan) {
    this.#text = text;
    this.#scan = scan;
  }

  /** Only the member or the entry that the path leads into is parsed for it. */
  of([top, ...path]: DataPath): Position {
    const { members, entries } = this.#scan;
    const [index] = path;
    const isEntry = top === 'entries' && typeof index === 'number' && entries[index] !== undefined;
    const start = isEntry ? entries[index] : members.get(String(top));
    return start === undefined
      ? this.at(0)
      : this.at(start + this.#within(start, isEntry ? path.slice(1) : path));
  }

  /** How far behind the start of a value something in it begins. */
  #within(start: number, path: DataPath): number {
    if (path.length === 0) return 0;
    const tree = parseTree(this.#text.slice(start), [], STRICT);
    for (let length = path.length; tree !== undefined && length > 0; length -= 1) {
      const node = findNodeAtLocation(tree, path.slice(0, length));
      if (node !== undefined) return node.offset;
    }
    return 0;
  }

  at(offset: number): Position {
    this.#lineStarts ??= lineStarts(this.#text);
    let [low, high] = [0, this.#lineStarts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1, cell: null };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
