import { readFileSync } from 'node:fs';
import type { DrugLibrary, LibraryEntry } from '../../../protocol/drug-library/index.ts';
import { examineLibraries } from '../../../pump-server/library/examine.ts';

/** A library of an adult ward with one sound drug, and what is told of it. */
export const PLAIN: DrugLibrary = {
  id: 'plain',
  version: '1.0.0',
  sequence: 1,
  careArea: 'adult-ward',
  status: 'draft',
  banner: 'TRAINING, NOT FOR HUMAN USE',
  entries: [entry('propofol')],
};

/** Nothing is wrong with it. */
export function entry(drug: string, more: Partial<LibraryEntry> = {}): LibraryEntry {
  return {
    drug,
    concentration: { amount: 100, amountUnit: 'mg', volumeMl: 100 },
    doseUnit: 'mg/h',
    limits: { softMin: 1, softMax: 50, hardMax: 95 },
    ...more,
  };
}

export function withEntries(...entries: readonly LibraryEntry[]): DrugLibrary {
  return { ...PLAIN, entries: [...entries] };
}

export const SAMPLES = ['adult-icu', 'adult-ward', 'nursery', 'paediatrics'];

export function sample(name: string): DrugLibrary {
  return JSON.parse(readFileSync(`simulator/drug-library/samples/${name}.json`, 'utf8'));
}

/** The findings of one file, as `rule line:column message`. */
export function found(text: string | Uint8Array, file = 'x.csv'): readonly string[] {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const [examined] = examineLibraries([{ file, bytes }]);
  return (examined?.findings ?? []).map(
    ({ rule, line, column, message }) => `${rule} ${line}:${column} ${message}`,
  );
}

export function foundIn(value: unknown): readonly string[] {
  return found(JSON.stringify(value, null, 1), 'x.json');
}
