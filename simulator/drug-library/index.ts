export {
  acceptLibrary,
  type LibraryOffer,
  type LibraryVerdict,
  type OfferedLibrary,
  refuseLibraryManifest,
} from './acceptance.ts';
