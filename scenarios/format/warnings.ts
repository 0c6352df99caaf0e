import type { Problem } from './diagnostics/problem.ts';
import { fieldOf, listOf } from './diagnostics/raw.ts';

/** Smallest figures of a predicate: at 0 each holds whatever happens. */
const LEAST = ['atLeastMl', 'atLeast'] as const;

/** What a scenario may say, and its author will hardly have meant: predicates of success that always hold. It reads data that may not follow the schema. */
export function warningsOf(data: unknown): Problem[] {
  return listOf(fieldOf(fieldOf(data, 'attack'), 'success')).flatMap((predicate, index): Problem[] => {
    const own = { value: predicate, path: ['attack', 'success', index] };
    const count = { value: fieldOf(predicate, 'count'), path: [...own.path, 'count'] };
    return [own, count].flatMap(({ value, path }) =>
      LEAST.filter((key) => fieldOf(value, key) === 0 && fieldOf(value, 'atMost') === undefined).map(
        (key): Problem => ({
          path: [...path, key],
          at: 'value',
          message: `${key}: 0 holds whatever happens, so that the attack always succeeds in this`,
          hint: 'say how much there has to be',
        }),
      ),
    );
  });
}
