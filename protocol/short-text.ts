/** As much of a text as a record, an answer or a line of evidence keeps, in UTF-16 code units. */
const LONGEST_TEXT = 200;

/**
 * A text for people that others may have had a hand in, such as a reason that names a key of theirs: cut at 200 UTF-16 code units, the last
 * of which then is an ellipsis, and never between the halves of a surrogate pair.
 */
export function shortText(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  const end = LONGEST_TEXT - 1;
  const last = text.charCodeAt(end - 1);
  const splits = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, splits ? end - 1 : end)}…`;
}
