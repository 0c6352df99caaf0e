export {
  acceptLibrary,
  type LibraryOffer,
  type LibraryVerdict,
  type OfferedLibrary,
  refuseLibraryManifest,
} from './acceptance.ts';
export {
  acceptCeiling,
  beyondCeiling,
  cappedByCeiling,
  knowsCeilings,
  ruledOutByCeiling,
} from './ceiling.ts';
