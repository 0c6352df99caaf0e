import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DrugLibrary, type LibraryEntry, parseLibrary } from '../../protocol/drug-library/index.ts';
import { compareLibraries, writeCsv } from '../../pump-server/index.ts';
import { examineLibraries } from '../../pump-server/library/examine.ts';
import { HOUSE } from '../../tools/house.ts';
import { figure, median } from './figure.ts';

const DRUGS = 10_000;

/** Looking through and comparing the largest library there may be, against reading the same bytes as JSON. */
export function libraries(isShort: boolean): void {
  const before = largest();
  const after: DrugLibrary = { ...before, entries: before.entries.map(raised) };
  const text = JSON.stringify(before, null, 2);
  const csv = Buffer.from(writeCsv(before));
  const rounds = isShort ? 3 : 9;
  const parse = cpuMs(rounds, () => JSON.parse(text));
  const note = 'against JSON.parse of the same library, 10,000 drugs';
  const bytes = Buffer.from(text);
  const checkJson = cpuMs(rounds, () => sound(examineLibraries([{ file: 'x.json', bytes }])));
  figure('library check, JSON', checkJson, 'ms CPU', parse, note);
  const checkCsv = cpuMs(rounds, () => sound(examineLibraries([{ file: 'x.csv', bytes: csv }])));
  figure('library check, CSV', checkCsv, 'ms CPU', parse, note);
  const diff = cpuMs(rounds, () => {
    const changes = compareLibraries(before, after).length;
    if (changes !== DRUGS) throw new Error(`${changes} changes, not ${DRUGS}`);
  });
  figure('library diff', diff, 'ms CPU', parse, note);
}

/** The drugs of a ward's library again and again, under names that differ as real ones do. */
function largest(): DrugLibrary {
  const path = join(HOUSE, 'simulator', 'drug-library', 'samples', 'adult-icu.json');
  const sample = parseLibrary(readFileSync(path), path);
  const entries = Array.from({ length: DRUGS }, (_, index): LibraryEntry => {
    const { otherConcentrations: _one, ...entry } = sample.entries[index % sample.entries.length] ?? never();
    return { ...entry, drug: nameOf(index) };
  });
  return { ...sample, entries };
}

function raised(entry: LibraryEntry): LibraryEntry {
  return { ...entry, limits: { ...entry.limits, hardMax: 1_000_000 } };
}

const SYLLABLES = 'ba ce di fo gu pra zol mi ne xa tri lo ver ke sul am in ol thi ro qui dex phen val'.split(
  ' ',
);

/** A name of six syllables, no two the same. */
function nameOf(index: number): string {
  let state = index + 1;
  const syllables = Array.from({ length: 6 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return SYLLABLES[(state >>> 8) % SYLLABLES.length];
  });
  return `${syllables.join('')} ${index}`;
}

function sound(examined: ReturnType<typeof examineLibraries>): void {
  if (examined[0]?.library == null) throw new Error(`refused: ${examined[0]?.findings[0]?.message}`);
}

/** Of processor time, collecting garbage included: what else runs on the machine does not count. */
function cpuMs(rounds: number, work: () => unknown): number {
  work();
  return median(
    Array.from({ length: rounds }, () => {
      const before = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    }),
  );
}

function never(): never {
  throw new Error('the sample has drugs');
}
