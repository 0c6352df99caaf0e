import unhomoglyph from 'unhomoglyph';
import type { DrugLibrary } from '../../../protocol/drug-library/index.ts';
import type { Remark } from '../findings.ts';
import { quoted } from '../quoted.ts';

/** Names that are one name to whoever reads them: but for case, blanks, hyphens, and letters and digits that look the same. */
export function sameNames({ entries }: DrugLibrary): readonly Remark[] {
  const first = new Map<string, number>();
  return entries.flatMap(({ drug }, index): readonly Remark[] => {
    const keys = foldings(drug);
    const earlier = keys.map((key) => first.get(key)).find((found) => found !== undefined);
    for (const key of keys) if (!first.has(key)) first.set(key, index);
    if (earlier === undefined) return [];
    const message = `${quoted(drug)} reads as ${quoted(entries[earlier]?.drug)}`;
    return [
      { rule: 'same-name', path: ['entries', index, 'drug'], message, other: ['entries', earlier, 'drug'] },
    ];
  });
}

/** Words with letters of two scripts, such as a Cyrillic а in heparin: they look right, and no search finds them. */
export function mixedLetters({ entries }: DrugLibrary): readonly Remark[] {
  return entries.flatMap(({ drug }, index): readonly Remark[] => {
    // The prefix of micrograms is Greek, and everybody knows it.
    const plain = drug.normalize('NFKC').replace(/μ(?=(?:g|l|mol)\b)/giu, 'u');
    const words = plain.match(/[\p{L}\p{M}]+/gu) ?? [];
    const mixed = words.find(
      (word) => /\p{Script=Latin}/u.test(word) && /(?!\p{Script=Latin})\p{L}/u.test(word),
    );
    if (mixed === undefined) return [];
    const strange = [...mixed].filter((char) => /(?!\p{Script=Latin})\p{L}/u.test(char));
    const points = strange.map(
      (char) => `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
    );
    const message = `${quoted(drug)} has letters of another script among Latin ones: ${points.join(', ')}`;
    return [{ rule: 'mixed-letters', path: ['entries', index, 'drug'], message }];
  });
}

/** Names that a spreadsheet would run. */
export function formulaNames({ entries }: DrugLibrary): readonly Remark[] {
  return entries.flatMap(({ drug }, index): readonly Remark[] =>
    /^[=+\-@#]/.test(drug)
      ? [
          {
            rule: 'formula-name',
            path: ['entries', index, 'drug'],
            message: `${quoted(drug)} begins as a formula does`,
          },
        ]
      : [],
  );
}

/**
 * Skeletons after [UTS #39 §4]. Case is taken off before and after: a capital I looks like a small l, which a small i does not.
 */
function foldings(name: string): readonly string[] {
  const plain = name.normalize('NFKC').replace(/[\s\p{Pd}]+/gu, '');
  return [unhomoglyph(plain.toLowerCase()), unhomoglyph(plain).toLowerCase()];
}
