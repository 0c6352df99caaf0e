export { acceptLibrary, type LibraryOffer, type LibraryVerdict } from './acceptance.ts';
export { type Concentration, doseFromRate, parseDoseUnit, rateFromDose, unitFits } from './dose.ts';
export {
  type DrugLibrary,
  entryOf,
  LIBRARY_BANNER,
  type LibraryEntry,
  type Limits,
  parseLibrary,
  readLibrary,
} from './library.ts';
