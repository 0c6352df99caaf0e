import { closest, distance } from 'fastest-levenshtein';

/**
 * The candidate that was probably meant, or `undefined` if none is near.
 *
 * @param mostLetters how many may differ; a third, and two at least, unless told
 */
export function nearest(
  text: string,
  candidates: readonly string[],
  mostLetters = Math.max(2, Math.floor(text.length / 3)),
): string | undefined {
  if (candidates.length === 0) return undefined;
  const found = closest(
    text.toLowerCase(),
    candidates.map((candidate) => candidate.toLowerCase()),
  );
  const candidate = candidates.find((one) => one.toLowerCase() === found);
  if (candidate === undefined) return undefined;
  return distance(text.toLowerCase(), found) <= mostLetters ? candidate : undefined;
}

/** `did you mean "x"?`, or else the choices if they are few, or else `undefined`. */
export function suggestion(text: string, candidates: readonly string[]): string | undefined {
  const meant = nearest(text, candidates);
  if (meant !== undefined) return `did you mean ${JSON.stringify(meant)}?`;
  return candidates.length > 0 && candidates.length <= 20 ? `one of ${candidates.join(', ')}` : undefined;
}
