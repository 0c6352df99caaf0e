import { readFileSync } from 'node:fs';
import type { LibraryCeiling } from '../../protocol/index.ts';
import { ceilingDocument, readCeiling } from '../../testbed/index.ts';

/** The shipped ceiling of a care area as clinical engineering would sign it, changed as told; nobody has signed it yet. */
export function ceilingOf(
  careArea: string,
  { hardMax = {}, ...change }: Partial<LibraryCeiling> & { readonly hardMax?: Record<string, number> } = {},
): LibraryCeiling {
  const notAfterMs = Date.parse('2026-04-01T00:00:00.000Z');
  const document = ceilingDocument(
    readCeiling(`simulator/drug-library/ceilings/${careArea}.json`),
    notAfterMs,
  );
  const limits = document.limits.map((limit) => ({
    ...limit,
    hardMax: hardMax[limit.drug] ?? limit.hardMax,
  }));
  return { ...document, limits, ...change };
}

/** A shipped library, as JSON has it. */
export function libraryJson(careArea: string) {
  return JSON.parse(readFileSync(`simulator/drug-library/samples/${careArea}.json`, 'utf8'));
}
