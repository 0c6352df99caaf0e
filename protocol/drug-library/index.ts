export {
  AMOUNT_UNITS,
  amountInVolume,
  type Concentration,
  concentrationText,
  doseFromRate,
  isSameStrength,
  parseDoseUnit,
  rateFromDose,
  unitFits,
  volumeOfAmount,
} from './dose.ts';
export {
  concentrationsOf,
  type DrugLibrary,
  entryOf,
  LIBRARY_BANNER,
  type LibraryEntry,
  type Limits,
  parseLibrary,
  readLibrary,
} from './library.ts';
