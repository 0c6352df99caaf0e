import type { BedsideAction } from '../simulator/pump/index.ts';
import { brief, NotUnderstood, suggestion, type Words } from './bedside-words.ts';

type ProgrammeEntry = Extract<BedsideAction, { readonly action: 'programme' }>['programme'];
type Concentration = NonNullable<ProgrammeEntry['concentration']>;
type Draft = { -readonly [K in keyof ProgrammeEntry]: ProgrammeEntry[K] };

const AMOUNT_UNITS = ['ng', 'mcg', 'mg', 'g', 'milliunits', 'units', 'mEq', 'mL'] as const;
const WINDOWS_HOURS = [1, 2, 4] as const;

/** What each word of a programme takes from the line. */
const FIELDS = {
  rate: (words: Words, entry: Draft) => {
    entry.rateMlPerH = words.number('the rate in mL/h');
  },
  volume: (words: Words, entry: Draft) => {
    entry.volumeToBeInfusedMl = words.number('the volume in mL');
  },
  time: (words: Words, entry: Draft) => {
    entry.durationMinutes = words.number('the time in minutes');
  },
  dose: (words: Words, entry: Draft) => {
    entry.dose = { value: words.number('the dose'), unit: words.take('the unit of the dose') };
  },
  weight: (words: Words, entry: Draft) => {
    entry.weightKg = words.number('the weight in kg');
  },
  concentration: (words: Words, entry: Draft) => {
    const amount = words.number('the amount');
    const amountUnit = unitOf(words.take('the unit of the amount'));
    between(words, 'in');
    entry.concentration = { amount, amountUnit, volumeMl: words.number('the volume in mL') };
  },
  loading: (words: Words, entry: Draft) => {
    const volumeMl = words.number('the loading volume in mL');
    between(words, 'at');
    entry.loading = { volumeMl, rateMlPerH: words.number('the loading rate in mL/h') };
  },
  pca: (words: Words, entry: Draft) => {
    const demandDoseMl = words.number('the demand dose in mL');
    between(words, 'lockout');
    const lockoutMinutes = words.number('the lockout in minutes');
    between(words, 'limit');
    const accumulatedLimitMl = words.number('the limit in mL');
    between(words, 'hours');
    const hours = words.number('the hours of the limit');
    const accumulatedWindowHours = WINDOWS_HOURS.find((window) => window === hours);
    if (accumulatedWindowHours === undefined)
      throw new NotUnderstood(`a limit over ${hours} h is not known`, 'over 1, 2 or 4 hours');
    entry.pca = { demandDoseMl, lockoutMinutes, accumulatedLimitMl, accumulatedWindowHours };
  },
  order: (words: Words, entry: Draft) => {
    entry.orderId = words.take('the id of the order');
  },
} as const;

type Field = keyof typeof FIELDS;

/** Words that end a programme without being part of it. */
const AFTERWARDS = 'override';

/**
 * Reads a drug and what follows it, in any order. The name of a drug may have spaces: it goes to the first word that a programme
 * knows. `-` stands for no drug, outside the library.
 *
 * @throws NotUnderstood
 */
export function programmeEntry(words: Words): ProgrammeEntry {
  const name: string[] = [];
  while (words.peek !== undefined && !isField(words.peek) && words.peek !== AFTERWARDS) {
    name.push(words.take('the drug'));
  }
  if (name.length === 0)
    throw new NotUnderstood('the drug is missing', 'its name as `drugs` lists it, or - for none');
  const drug = name.join(' ');
  const entry: Draft = { orderId: null, drug: drug === '-' ? null : drug };
  const seen = new Set<Field>();
  while (words.peek !== undefined && words.peek !== AFTERWARDS) {
    const word = words.take('a word');
    const field = word.toLowerCase();
    if (!isField(field))
      throw new NotUnderstood(
        `not part of a programme: ${brief(word)}`,
        suggestion(word, Object.keys(FIELDS)),
      );
    if (seen.has(field)) throw new NotUnderstood(`${field} is there twice`);
    seen.add(field);
    FIELDS[field](words, entry);
  }
  return entry;
}

function isField(word: string): word is Field {
  return Object.hasOwn(FIELDS, word.toLowerCase());
}

function unitOf(word: string): Concentration['amountUnit'] {
  const unit = AMOUNT_UNITS.find((one) => one.toLowerCase() === word.toLowerCase());
  if (unit === undefined)
    throw new NotUnderstood(`not an amount: ${brief(word)}`, `one of ${AMOUNT_UNITS.join(', ')}`);
  return unit;
}

function between(words: Words, wanted: string): void {
  if (words.takeIf(wanted)) return;
  const where = words.peek === undefined ? 'the end' : brief(words.peek);
  throw new NotUnderstood(`${wanted} is missing before ${where}`);
}
