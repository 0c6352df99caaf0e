import { distance } from 'fastest-levenshtein';
import type { DrugLibrary } from '../../../protocol/drug-library/index.ts';
import type { Remark } from '../findings.ts';
import { quoted } from '../quoted.ts';
import { CONFUSED_PAIRS } from './confused-pairs.ts';

/** Names shorter than this differ by chance. */
const SHORTEST = 5;
/** From so many letters on, two may differ. */
const LONG = 8;
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
 * Of two texts at most two edits apart, cut one into three: at least one part is whole in the other, moved by two places at most. So
 * only names that share a part are compared.
 */
function nearPairs(names: readonly Named[]): { readonly pairs: readonly Pair[]; readonly all: boolean } {
  const byPart = new Map<string, Named[]>();
  const pairs: Pair[] = [];
  let comparisons = 0;
  const sorted = [...distinct(names)].sort((a, b) => a.letters.length - b.letters.length);
  for (const one of sorted) {
    const { letters } = one;
    const compared = new Set<Named>();
    for (let length = Math.max(SHORTEST, letters.length - 2); length <= letters.length; length += 1) {
      for (const { number, from, to } of partsOf(length)) {
        const end = Math.min(letters.length - (to - from), from + 2);
        for (let start = Math.max(0, from - 2); start <= end; start += 1) {
          const part = letters.slice(start, start + to - from);
          for (const other of byPart.get(`${length}:${number}:${part}`) ?? []) {
            if (compared.has(other)) continue;
            compared.add(other);
            comparisons += 1;
            if (comparisons > MOST_COMPARISONS || pairs.length >= MOST_REMARKS) return { pairs, all: false };
            const apart = distance(letters, other.letters);
            if (apart <= (other.letters.length >= LONG ? 2 : 1)) pairs.push([other, one]);
          }
        }
      }
    }
    for (const { number, from, to } of partsOf(letters.length)) {
      const key = `${letters.length}:${number}:${letters.slice(from, to)}`;
      const list = byPart.get(key);
      if (list === undefined) byPart.set(key, [one]);
      else list.push(one);
    }
  }
  return { pairs, all: true };
}

function partsOf(length: number): readonly { number: number; from: number; to: number }[] {
  const [a, b] = [Math.floor(length / 3), Math.floor((2 * length) / 3)];
  return [
    { number: 0, from: 0, to: a },
    { number: 1, from: a, to: b },
    { number: 2, from: b, to: length },
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
