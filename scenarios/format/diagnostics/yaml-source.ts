import {
  type Alias,
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import type { DataPath, Position, Problem } from './problem.ts';

/** Larger files are refused before they are parsed; the largest scenario of the catalogue has a twentieth of it. */
export const LARGEST_FILE_BYTES = 256 * 1024;

/** How far aliases may multiply what they stand for: enough to share a therapy, too few to laugh a billion times. */
const MOST_ALIASES = 100;

/** One slip in the syntax can be followed by thousands of faults that all come from it. */
const MOST_FAULTS = 20;

/** A parsed document that still knows where everything stood. */
export interface YamlSource {
  readonly data: unknown;
  /** Where a key or a value stands; the nearest thing around it if it is not there. */
  positionOf(path: DataPath, at: Problem['at']): Position;
}

/** What is wrong with the YAML itself, at its place. */
export type YamlFault = Position & { readonly message: string; readonly hint?: string };

/**
 * Parses one YAML 1.2 document, with merge keys. Keys are strings and unique, aliases are bounded, tags beyond the core schema and
 * a second document are faults. Never throws.
 */
export function parseYaml(text: string): { source: YamlSource } | { faults: readonly YamlFault[] } {
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  let document: Document.Parsed;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      uniqueKeys: true,
      merge: true,
      // 'silent' would keep quiet about a second document.
      logLevel: 'error',
    });
  } catch (error) {
    // Deep nesting exhausts the stack of the parser.
    return { faults: [{ line: 1, column: 1, message: `not readable as YAML: ${messageOf(error)}` }] };
  }
  const troubles = [...document.errors, ...document.warnings].slice(0, MOST_FAULTS);
  if (troubles.length > 0) {
    return {
      faults: troubles.map(({ code, pos, message }) => ({
        ...position(pos[0]),
        ...faultText(code, message, text, pos[0]),
      })),
    };
  }
  const circle = circularAlias(document);
  if (circle !== undefined) {
    return { faults: [{ ...position(circle), message: 'an alias stands inside what it stands for' }] };
  }
  try {
    const data: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    return { source: { data, positionOf: (path, at) => position(offsetOf(document, path, at)) } };
  } catch (error) {
    const hint = 'write out what the aliases stand for';
    return { faults: [{ ...position(firstAlias(document)), message: `aliases: ${messageOf(error)}`, hint }] };
  }
}

function faultText(
  code: ErrorCode,
  message: string,
  text: string,
  offset: number,
): { message: string; hint?: string } {
  switch (code) {
    case 'DUPLICATE_KEY':
      return { message: `duplicate key ${keyAt(text, offset)}`, hint: 'a key may stand once in a mapping' };
    case 'MULTIPLE_DOCS':
      return { message: 'a second document begins', hint: 'one file holds one document' };
    default:
      return { message: `not valid YAML: ${message}` };
  }
}

function offsetOf(document: Document.Parsed, path: DataPath, at: Problem['at']): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, part] of path.entries()) {
    const resolved: unknown = isAlias(node) ? resolve(node, document) : node;
    if (isSeq(resolved) && typeof part === 'number') {
      node = resolved.items[part];
    } else if (isMap(resolved)) {
      const pair: Pair | undefined = resolved.items.find(
        (item) => isScalar(item.key) && item.key.value === part,
      );
      if (pair === undefined) return offset;
      const keyOffset = startOf(pair.key) ?? offset;
      if (index === path.length - 1 && at === 'key') return keyOffset;
      offset = keyOffset;
      node = pair.value;
    } else {
      return offset;
    }
    offset = startOf(node) ?? offset;
  }
  return offset;
}

function resolve(alias: Alias, document: Document.Parsed): Node | undefined {
  return alias.resolve(document);
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}

function circularAlias(document: Document.Parsed): number | undefined {
  let offset: number | undefined;
  visit(document, {
    Alias(_key, node, ancestors) {
      const target = node.resolve(document);
      if (!ancestors.some((ancestor) => ancestor === target)) return undefined;
      offset = node.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

function firstAlias(document: Document.Parsed): number {
  let offset = 0;
  visit(document, {
    Alias(_key, node) {
      offset = node.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

function keyAt(text: string, offset: number): string {
  const end = text.slice(offset).search(/[:\n]/);
  return JSON.stringify(text.slice(offset, end < 0 ? undefined : offset + end).trim());
}

function messageOf(error: unknown): string {
  return error instanceof RangeError && /stack/i.test(error.message)
    ? 'nested too deeply'
    : error instanceof Error
      ? error.message
      : String(error);
}
