/** Why a program failed, with what it said last, if it said anything. */
export function withLastWords(why: string, lastWords: string): string {
  const words = lastWords.trim();
  return words === '' ? why : `${why}: ${words}`;
}
