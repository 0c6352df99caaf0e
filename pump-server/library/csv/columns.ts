/** One column of the sheet of drugs, or one row above it. */
export interface Field {
  /** As pharmacists write it, with its unit. */
  readonly name: string;
  /** What it is in JSON, from the entry or from the library on. */
  readonly path: readonly [string, ...string[]];
  readonly kind: 'text' | 'number';
}

const BOUNDS = [
  ['hard min', 'hardMin'],
  ['soft min', 'softMin'],
  ['soft max', 'softMax'],
  ['hard max', 'hardMax'],
] as const;

function limits(before: string, after: string, ...path: [string, ...string[]]): readonly Field[] {
  return BOUNDS.map(([words, member]) => ({
    name: [before, words, after].filter((part) => part !== '').join(' '),
    path: [...path, member],
    kind: 'number' as const,
  }));
}

/** What stands above the drugs, a name and its value in each row. */
export const LABELS: readonly Field[] = [
  { name: 'banner', path: ['banner'], kind: 'text' },
  { name: 'library', path: ['id'], kind: 'text' },
  { name: 'version', path: ['version'], kind: 'text' },
  { name: 'sequence', path: ['sequence'], kind: 'number' },
  { name: 'care area', path: ['careArea'], kind: 'text' },
  { name: 'status', path: ['status'], kind: 'text' },
  { name: 'maximum rate mL/h', path: ['maximumRateMlPerH'], kind: 'number' },
  { name: 'maximum keep vein open mL/h', path: ['maximumKeepVeinOpenMlPerH'], kind: 'number' },
  { name: 'air limit microL', path: ['airLimitMicroL'], kind: 'number' },
  ...limits('weight', 'kg', 'weightLimitsKg'),
];

/** The columns that make a row a drug in a concentration. */
export const CONCENTRATION_COLUMNS: readonly Field[] = [
  { name: 'concentration amount', path: ['concentration', 'amount'], kind: 'number' },
  { name: 'concentration unit', path: ['concentration', 'amountUnit'], kind: 'text' },
  { name: 'concentration volume mL', path: ['concentration', 'volumeMl'], kind: 'number' },
];

export const DRUG_COLUMN: Field = { name: 'drug', path: ['drug'], kind: 'text' };

export const COLUMNS: readonly Field[] = [
  DRUG_COLUMN,
  ...CONCENTRATION_COLUMNS,
  { name: 'dose unit', path: ['doseUnit'], kind: 'text' },
  ...limits('', '', 'limits'),
  ...limits('rate', 'mL/h', 'rateLimitsMlPerH'),
  ...limits('duration', 'minutes', 'durationLimitsMinutes'),
  ...limits('weight', 'kg', 'weightLimitsKg'),
  { name: 'bolus max mL', path: ['bolusMaxMl'], kind: 'number' },
  { name: 'bolus unit', path: ['bolusLimits', 'unit'], kind: 'text' },
  ...limits('bolus', '', 'bolusLimits', 'limits'),
  { name: 'loading max mL', path: ['loadingMaxMl'], kind: 'number' },
  { name: 'pca unit', path: ['pca', 'amountUnit'], kind: 'text' },
  ...limits('pca demand', '', 'pca', 'demand'),
  ...limits('pca lockout', 'minutes', 'pca', 'lockoutMinutes'),
  ...limits('pca continuous', 'per h', 'pca', 'continuousPerH'),
  ...limits('pca accumulated', '', 'pca', 'accumulated'),
  { name: 'pca accumulated window hours', path: ['pca', 'accumulatedWindowHours'], kind: 'number' },
];

/** What else a field may be called. */
const ALIASES: Readonly<Record<string, string>> = {
  unit: 'concentration unit',
  'volume ml': 'concentration volume mL',
  id: 'library',
  'maximum kvo ml h': 'maximum keep vein open mL/h',
  'air limit μl': 'air limit microL',
};

/** The field of a name, however it is capitalised, bracketed or hyphenated. */
export function fieldNamed(name: string, fields: readonly Field[]): Field | undefined {
  const plain = plainName(name);
  const wanted = plainName(ALIASES[plain] ?? plain);
  return fields.find((field) => plainName(field.name) === wanted);
}

function plainName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_()[\]/,-]+/g, ' ')
    .trim();
}
