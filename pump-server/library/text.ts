import { type Finding, findingAt } from './findings.ts';

/** The text of a file, or why it is none. A byte order mark is taken off. */
export function textOf(
  bytes: Uint8Array,
): { readonly text: string } | { readonly findings: readonly Finding[] } {
  const wrong = (message: string, line = 1): { findings: readonly Finding[] } => ({
    findings: [findingAt({ rule: 'not-text', path: [], message }, { line, column: 1, cell: null })],
  });
  if (startsWith(bytes, [0x50, 0x4b, 3, 4])) return wrong('a workbook or an archive, not a CSV file');
  if (startsWith(bytes, [0xff, 0xfe]) || startsWith(bytes, [0xfe, 0xff])) return wrong('UTF-16, not UTF-8');
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return wrong('not UTF-8 in this line', lineOfBadByte(bytes));
  }
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

/** No sequence of UTF-8 has a line feed in it, so each line is whole. */
function lineOfBadByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let start = 0; start <= bytes.length; line += 1) {
    const end = bytes.indexOf(0x0a, start);
    try {
      decoder.decode(bytes.subarray(start, end === -1 ? bytes.length : end));
    } catch {
      return line;
    }
    if (end === -1) break;
    start = end + 1;
  }
  return line;
}
