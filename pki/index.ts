export type { IssuedCrl } from './authority/crl-issuer.ts';
export type { CertifyRequest, IssueRequest } from './authority/issue.ts';
export type { Manufacturer } from './authority/manufacturer.ts';
export type { Migration, MigrationProgress, Wave, WaveSelection } from './authority/migration.ts';
export type { CertifiedKey, Credential } from './authority/mint.ts';
export type { IssuedCertificate } from './authority/register.ts';
export type { Revocation } from './authority/revocations.ts';
export { DEFECT_NAMES, DEFECTS, type Defect, type DefectName } from './defects/registry.ts';
export { type EnrolmentAuthority, type EstOptions, estHandler } from './enrolment/est-handler.ts';
export { siteAuthority } from './enrolment/site-authority.ts';
export { checkExport, exportCredential } from './export.ts';
export type { CertificateFacts, CrlFacts, Facts } from './inspect/facts.ts';
export { type Inspection, inspect, type Judgement, type Standing } from './inspect/inspect.ts';
export type { RequestFacts } from './inspect/request-facts.ts';
export { inspectionJsonSchema } from './inspect/schema.ts';
export { createMemoryPki, openPki } from './open-pki.ts';
export { exportPkcs12 } from './pkcs12.ts';
export type { JudgeOptions, Pki, PkiOptions } from './pki.ts';
export {
  type AuthorityRole,
  BIRTH_PROFILE,
  type CertificateProfile,
  DEFAULT_PROFILES,
  ISSUING_ROLES,
  type IssuingRole,
  PROFILE_NAMES,
  PROFILES,
  type Profile,
  type ProfileName,
} from './profiles.ts';
export type {
  RequestHandler,
  ServiceRequest,
  ServiceResponse,
} from './service/handler.ts';
export { type ServiceServer, startServiceServer } from './service/service-server.ts';
export { STATUS_PATHS } from './status/status-handler.ts';
export { makeFolder } from './store/files.ts';
export { type PkiTemplate, pkiTemplate } from './template.ts';
export { type FetchedCrlsOptions, fetchedCrls } from './validation/fetched-crls.ts';
export { type FetchedOcspOptions, fetchedOcsp } from './validation/fetched-ocsp.ts';
export { createJudge, type Trust } from './validation/judge.ts';
export type { BlindDecision, Outages } from './validation/outages.ts';
export type { FetchingSource, RevocationSource } from './validation/revocation-source.ts';
export { KEY_ALGORITHMS, type KeyAlgorithm } from './x509/algorithms.ts';
export { type Certificate, parseCertificate } from './x509/certificate.ts';
export { buildCertificationRequest } from './x509/certification-request.ts';
export { readCertsOnly } from './x509/certs-only.ts';
export { type Crl, parseCrl } from './x509/crl.ts';
export { REVOCATION_REASONS, type RevocationReason } from './x509/extensions.ts';
export { pemBlocks } from './x509/pem.ts';
