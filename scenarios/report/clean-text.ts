/**
 * Text from a file that goes to a terminal or into XML 1.0: without control characters, which could move a cursor or
 * break a parser, and without lone surrogates and non-characters [XML §2.2]. Line breaks become spaces.
 */
export function cleanText(text: string): string {
  return text.replace(/[\t\n\r]+/g, ' ').replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '');
}
