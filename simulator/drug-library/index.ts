export { acceptLibrary, type LibraryOffer, type LibraryVerdict } from './acceptance.ts';
