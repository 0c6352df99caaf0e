import { isNode, LineCounter, parseDocument } from 'yaml';

/** One slip in the syntax can be followed by thousands of faults that all come from it. */
const MOST_FAULTS = 20;

/** What a YAML text holds. `told` puts a message at the place of what it is about, as `file:line:column: path: message`. */
export interface YamlText {
  readonly data: unknown;
  readonly told: (path: readonly PropertyKey[], message: string) => string;
}

/** Reads the text of a small YAML file that people write; `file` is for the problems only. Never throws. */
export function readYamlText(
  text: string,
  file: string,
  largestCharacters: number,
): YamlText | { readonly problems: readonly string[] } {
  if (text.length > largestCharacters) return { problems: [`${file}:1:1: the file is too large`] };
  const lines = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
    const faults = [...document.errors, ...document.warnings].slice(0, MOST_FAULTS);
    if (faults.length > 0) {
      return { problems: faults.map(({ pos, message }) => `${place(pos[0])}: ${message}`) };
    }
    return {
      data: document.toJS({ maxAliasCount: 20 }),
      told: (path, message) => {
        const keys = path.map(String);
        return `${place(offsetOf(document, keys))}: ${keys.length === 0 ? '' : `${keys.join('.')}: `}${message}`;
      },
    };
  } catch (error) {
    // Exhausted by nesting or aliases.
    return { problems: [`${file}:1:1: ${error instanceof Error ? error.message : String(error)}`] };
  }
}

/** Where a value stands, or else the nearest one around it. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: readonly string[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node.range?.[0] ?? 0;
  }
  return document.contents?.range?.[0] ?? 0;
}
