import { distance } from 'fastest-levenshtein';
import type { DrugLibrary } from '../../../protocol/drug-library/index.ts';
import type { Remark } from '../findings.ts';
import { quoted } from '../quoted.ts';
import { CONFUSED_PAIRS } from './confused-pairs.ts';

/** Names shorter than this differ by chance. */
const SHORTEST = 5;
/** From so many letters on, two may differ. */
const LONG = 8;
const MOST_EDITS = 2;
/** A budget, so that ten thousand names made to look alike cost no more than real ones. */
const MOST_COMPARISONS = 300_000;
const MOST_REMARKS = 1_000;

interface Named {
  readonly drug: string;
  readonly letters: string;
  readonly index: number;
}

/**
 * Names that are taken for each other: one or two letters apart, or known to be confused. Digits do not count, since 5% and
 * 10% are told apart by them; nor do pairs whose differing letters are in capitals already.
 */
export function lookAlikes({ entries }: DrugLibrary): readonly Remark[] {
  const names = entries.map(({ drug }, index): Named => ({ drug, letters: lettersOf(drug), index }));
  const near = nearPairs(names);
  const remarks = [...near.pairs, ...confusedPairs(names)]
    .filter(([one, other]) => !(isTallMan(one.drug) && isTallMan(other.drug)))
    .slice(0, MOST_REMARKS)
    .map(([one, other]): Remark => {
      const [first, later] = one.index < other.index ? [one, other] : [other, one];
      const message = `${quoted(later.drug)} looks like ${quoted(first.drug)}`;
      const pathOf = ({ index }: Named): Remark['path'] => ['entries', index, 'drug'];
      return { rule: 'look-alike', path: pathOf(later), message, other: pathOf(first) };
    });
  if (near.all) return remarks;
  const message = 'too many names begin or end alike: not all were compared';
  return [...remarks, { rule: 'names-not-compared', path: ['entries'], message }];
}

type Pair = readonly [Named, Named];

/**
 * Of two texts at most two edits apart, cut one into three: at least one part is whole in the other, at a place that the edits
 * before and behind it can have moved it to (Pass-Join: Li, Deng, Wang and Feng, VLDB 2011). So only names that share a part are
 * compared.
 */
function nearPairs(names: readonly Named[]): { readonly pairs: readonly Pair[]; readonly all: boolean } {
  const withPart = new PartIndex();
  const pairs: Pair[] = [];
  let comparisons = 0;
  const sorted = [...distinct(names)].sort((a, b) => a.letters.length - b.letters.length);
  for (const one of sorted) {
    for (const other of withPart.near(one.letters)) {
      comparisons += 1;
      if (comparisons > MOST_COMPARISONS || pairs.length >= MOST_REMARKS) return { pairs, all: false };
      const apart = distance(one.letters, other.letters);
      if (apart <= (other.letters.length >= LONG ? MOST_EDITS : 1)) pairs.push([other, one]);
    }
    withPart.add(one);
  }
  return { pairs, all: true };
}

/** Names by their length and by what stands in each of their parts. */
class PartIndex {
  readonly #byLength = new Map<number, readonly Map<string, Named[]>[]>();

  add(one: Named): void {
    const { length } = one.letters;
    const maps = this.#byLength.get(length) ?? partsOf(length).map(() => new Map<string, Named[]>());
    this.#byLength.set(length, maps);
    partsOf(length).forEach(({ from, to }, number) => {
      const part = one.letters.slice(from, to);
      const list = maps[number]?.get(part);
      if (list === undefined) maps[number]?.set(part, [one]);
      else list.push(one);
    });
  }

  /** Those at most as long that share a part where two edits leave it. */
  near(letters: string): ReadonlySet<Named> {
    const found = new Set<Named>();
    for (let longer = 0; longer <= MOST_EDITS; longer += 1) {
      const length = letters.length - longer;
      const maps = this.#byLength.get(length);
      if (maps === undefined) continue;
      partsOf(length).forEach(({ from, to }, number) => {
        const behind = MOST_EDITS - number;
        const first = Math.max(0, from - number, from + longer - behind);
        const last = Math.min(letters.length - (to - from), from + number, from + longer + behind);
        for (let start = first; start <= last; start += 1) {
          for (const one of maps[number]?.get(letters.slice(start, start + to - from)) ?? []) found.add(one);
        }
      });
    }
    return found;
  }
}

function partsOf(length: number): readonly { from: number; to: number }[] {
  const [a, b] = [Math.floor(length / 3), Math.floor((2 * length) / 3)];
  return [
    { from: 0, to: a },
    { from: a, to: b },
    { from: b, to: length },
  ];
}

function distinct(names: readonly Named[]): Iterable<Named> {
  const first = new Map<string, Named>();
  for (const one of names) {
    if (one.letters.length >= SHORTEST && !first.has(one.letters)) first.set(one.letters, one);
  }
  return first.values();
}

function confusedPairs(names: readonly Named[]): readonly Pair[] {
  const byWord = new Map<string, Named>();
  for (const one of names) {
    for (const word of one.drug.toLowerCase().match(/\p{L}+/gu) ?? []) {
      if (!byWord.has(word)) byWord.set(word, one);
    }
  }
  return CONFUSED_PAIRS.flatMap(([left, right]): readonly Pair[] => {
    const [one, other] = [byWord.get(left), byWord.get(right)];
    return one === undefined || other === undefined || one === other ? [] : [[one, other]];
  });
}

function lettersOf(name: string): string {
  return name.normalize('NFKC').toLowerCase().replace(/\P{L}/gu, '');
}

/** DOBUTamine and EPINEPHrine are; Dopamine is not. */
function isTallMan(name: string): boolean {
  return /\p{Ll}\p{Lu}{2}|\p{Lu}{2}\p{Ll}/u.test(name);
}
