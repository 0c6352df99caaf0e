/**
 * A stranger's text on one line, as it may be shown: without what a terminal would obey (controls), break a line at, or turn
 * round (direction and other format characters).
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}
