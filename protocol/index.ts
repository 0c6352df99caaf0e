export {
  ALERT_LEVELS,
  type Alert,
  type AlertDetails,
  type AlertLevel,
  isAlarming,
  isAtLeast,
} from './alert.ts';
export { type BrokerHost, limitsFor } from './broker-host.ts';
export type {
  CertificateJudge,
  CertificateRefusal,
  CertificateUse,
  CertificateVerdict,
} from './certificates.ts';
export type { ConnectionGate, GatedService, GateVerdict } from './connection-gate.ts';
export {
  CONTROL_IDS,
  CONTROLS,
  type Control,
  type ControlId,
  FAILURE_DOMAINS,
  type FailureDomain,
  isControlId,
  LAYERS,
  type Layer,
} from './controls.ts';
export { ERRORS, type ErrorCode, isErrorCode, PumprangeError } from './errors.ts';
export {
  type EvidenceEntry,
  type EvidenceEvent,
  type EvidenceSink,
  evidenceEventSchema,
} from './evidence.ts';
export { isLoopback, isOurs, isPrivate, standInOwnNetwork } from './guardrail.ts';
export {
  clientIdOf,
  type Identity,
  type IdentityUrn,
  isId,
  isKind,
  KINDS,
  type Kind,
  MACHINE_KINDS,
  PERSON_KINDS,
  parseClientId,
  parseSerial,
  parseUrn,
  type Serial,
  sameIdentity,
  serialSchema,
  urnOf,
  urnSchema,
} from './identity.ts';
export type { Intent, IntentSink } from './intent.ts';
export {
  DEFAULT_LIMITS,
  type IdentityLimits,
  type LimitCode,
  type Limits,
  limitsByKind,
  RATE_LIMIT_CODES,
  type Reached,
} from './limits.ts';
export { type Dial, type DialOptions, DialRefusedError, type Link, type LinkHandlers } from './link.ts';
export { listenBeside } from './listen-beside.ts';
export { type ComposeExtras, Composer } from './messages/compose.ts';
export {
  type CeilingReleaseMessage,
  type CommandMessage,
  type ConfigurationReleaseMessage,
  ceilingReleaseMessage,
  commandMessage,
  configurationReleaseMessage,
  type FirmwareReleaseMessage,
  firmwareReleaseMessage,
  type LibraryReleaseMessage,
  libraryReleaseMessage,
  type OrderMessage,
  orderMessage,
  type ReceiptMessage,
  receiptMessage,
  renewalMessage,
} from './messages/downlink.ts';
export { type Envelope, type Signature, timeSchema } from './messages/envelope.ts';
export { type Parsed, parseMessage } from './messages/parse.ts';
export {
  type AckMessage,
  ALARM_PRIORITIES,
  type AlarmMessage,
  type AlarmPriority,
  type ArtifactRequestMessage,
  ackMessage,
  alarmMessage,
  artifactRequestMessage,
  channelTelemetry,
  type EventMessage,
  eventMessage,
  type PatientIdentifiers,
  type PatientMessage,
  patientMessage,
  type StatusMessage,
  statusMessage,
  type TelemetryMessage,
  THERAPY_STATES,
  type TherapyState,
  telemetryMessage,
} from './messages/uplink.ts';
export {
  DEFAULT_SETTINGS,
  type OnOutage,
  type Posture,
  type PostureFile,
  type PostureSettings,
  postureOf,
  postureSchema,
  STATUS_SERVICES,
  type StatusService,
} from './posture.ts';
export { presentedChain } from './presented-chain.ts';
export {
  type CeilingFile,
  ceilingFileSchema,
  drugKey,
  type LibraryCeiling,
  libraryCeiling,
} from './releases/ceiling.ts';
export {
  type ConfigurationFile,
  type ConfiguredSettings,
  configurationFileSchema,
  type DeviceConfiguration,
  deviceConfiguration,
} from './releases/configuration.ts';
export {
  type FirmwareManifest,
  firmwareManifest,
  type LibraryManifest,
  libraryManifest,
} from './releases/manifests.ts';
export {
  type MaintenanceWindow,
  type RolloutPlan,
  rolloutPlanSchema,
} from './rollout-plan.ts';
export { shortText } from './short-text.ts';
export { canonicalBytes, signedBytes } from './signing/canonical.ts';
export { MessageSigner } from './signing/message-signer.ts';
export { type Signer, signMessage } from './signing/sign.ts';
export { type SignatureVerdict, verifySignatures } from './signing/verify.ts';
export { type BelieveUplink, uplinkVerifier } from './signing/verify-uplink.ts';
export {
  chunksFor,
  EVERY_ARTIFACT_REQUEST,
  everyPump,
  filterMatches,
  PUMP_TOPICS,
  type PumpTopic,
  parseTopic,
  pumpTopic,
  type Topic,
  type TopicClass,
  topicFilter,
  topicName,
} from './topics.ts';
export { readYamlText } from './yaml-text.ts';
