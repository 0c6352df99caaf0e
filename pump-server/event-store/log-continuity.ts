import type { Serial } from '../../protocol/index.ts';
import type { LostRecords, StoredRecord } from './record-store.ts';

/** What a store has, in storing order. */
export type Entry =
  | { readonly kind: 'record'; readonly record: StoredRecord }
  | { readonly kind: 'lost'; readonly lost: LostRecords };

/**
 * What speaks against these entries being what was stored; `undefined`: nothing. The numbers of a pump go on from entry to entry; a record
 * below them was given up, and came after all.
 */
export function discontinuity(entries: readonly Entry[]): string | undefined {
  const next = new Map<Serial, number>();
  const given = new Map<Serial, LostRecords[]>();
  for (const entry of entries) {
    if (entry.kind === 'lost') {
      const { serial, fromSeq, toSeq } = entry.lost;
      const expected = next.get(serial) ?? 0;
      if (fromSeq !== expected || toSeq < fromSeq) {
        return `${fromSeq} to ${toSeq} of ${serial} lost where ${expected} is due`;
      }
      given.set(serial, [...(given.get(serial) ?? []), entry.lost]);
      next.set(serial, toSeq + 1);
      continue;
    }
    const { serial, seq } = entry.record;
    const expected = next.get(serial) ?? 0;
    const wasGivenUp =
      seq < expected && given.get(serial)?.some((each) => seq >= each.fromSeq && seq <= each.toSeq) === true;
    if (seq !== expected && !wasGivenUp) return `record ${seq} of ${serial} where ${expected} is due`;
    if (!wasGivenUp) next.set(serial, expected + 1);
  }
  return undefined;
}
