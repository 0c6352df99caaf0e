const LONGEST = 60;

/** What a file says, as a message quotes it: cut short, with nothing in it that a terminal would obey or hide. */
export function quoted(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  const short = value.length > LONGEST ? `${value.slice(0, LONGEST - 1)}…` : value;
  return JSON.stringify(short).replace(/[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu, (char) =>
    char === ' ' ? char : `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
