import { concentrationsOf, type DrugLibrary } from '../../../protocol/drug-library/index.ts';
import type { Remark } from '../findings.ts';

/** What a pump holds, as vendors have it. */
const MOST_SET_UPS = 10_000;

/** A drug in a concentration is one set-up. */
export function tooManySetUps({ entries }: DrugLibrary): readonly Remark[] {
  const count = entries.reduce((sum, entry) => sum + concentrationsOf(entry).length, 0);
  if (count <= MOST_SET_UPS) return [];
  const message = `${count} drugs in a concentration, and pumps hold ${MOST_SET_UPS}`;
  return [{ rule: 'too-many', path: ['entries'], message }];
}
