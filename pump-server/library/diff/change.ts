/**
 * What a change does to the protection that a library gives. `unclear`: the two cannot be compared, and somebody has to
 * look.
 */
export const EFFECTS = ['loosened', 'tightened', 'unclear', 'none'] as const;
export type Effect = (typeof EFFECTS)[number];

/** One thing that is otherwise in the later library. */
export interface Change {
  /** `null`: the library as a whole. */
  readonly drug: string | null;
  /** In plain words, e.g. `hard maximum` or `bolus: soft maximum`. */
  readonly what: string;
  /** With its unit; `null`: not there. */
  readonly before: string | null;
  readonly after: string | null;
  readonly effect: Effect;
}

/** What one version says against the other, before anybody knows which drug it is about. */
export type Difference = Omit<Change, 'drug'>;

/** Two values that differ by less, relative to each other, are the same in different units. */
const SAME = 1e-9;

export function isSame(one: number, other: number): boolean {
  if (one === other) return true;
  if (!Number.isFinite(one - other)) return false;
  return Math.abs(one - other) <= Math.max(Math.abs(one), Math.abs(other)) * SAME;
}

/** A maximum that is raised or gone protects less. `null` is none. */
export function effectOnMaximum(before: number | null, after: number | null): Effect {
  const [left, right] = [before ?? Number.POSITIVE_INFINITY, after ?? Number.POSITIVE_INFINITY];
  if (isSame(left, right)) return 'none';
  return right > left ? 'loosened' : 'tightened';
}

/** A minimum that is lowered or gone protects less; one of nothing is none. */
export function effectOnMinimum(before: number | null, after: number | null): Effect {
  const [left, right] = [before ?? 0, after ?? 0];
  if (isSame(left, right)) return 'none';
  return right < left ? 'loosened' : 'tightened';
}

/** Something that is plainly one text or another, and no protection. */
export function textDifference(
  what: string,
  before: string | null,
  after: string | null,
  effect: Effect = 'none',
): readonly Difference[] {
  return before === after ? [] : [{ what, before, after, effect }];
}
