export type { IssuedCrl } from './authority/crl-issuer.ts';
export type { Credential, IssueRequest } from './authority/issue.ts';
export type { IssuedCertificate } from './authority/register.ts';
export { exportCredential } from './export.ts';
export {
  createMemoryPki,
  type JudgeOptions,
  openPki,
  type Pki,
  type PkiOptions,
  type Revocation,
} from './pki.ts';
export {
  type AuthorityRole,
  DEFAULT_PROFILES,
  type IssuingRole,
  PROFILE_NAMES,
  PROFILES,
  type Profile,
  type ProfileName,
} from './profiles.ts';
export { type StatusServer, serveStatus } from './status/http-server.ts';
export type { HttpHandler, HttpRequest, HttpResponse } from './status/status-handler.ts';
export { STATUS_PATHS } from './status/status-handler.ts';
export { makeFolder } from './store/files.ts';
export { type FetchedCrlsOptions, fetchedCrls } from './validation/fetched-crls.ts';
export { type FetchedOcspOptions, fetchedOcsp } from './validation/fetched-ocsp.ts';
export { createJudge, type Trust } from './validation/judge.ts';
export type { BlindDecision, Outages } from './validation/outages.ts';
export type { FetchingSource, RevocationSource } from './validation/revocation-source.ts';
export type { KeyAlgorithm } from './x509/algorithms.ts';
export { type Certificate, parseCertificate } from './x509/certificate.ts';
export { type Crl, parseCrl } from './x509/crl.ts';
export type { RevocationReason } from './x509/extensions.ts';
