export type { Layout as LabLayout, NetworkDiff, ZonePolicy } from '../network/index.ts';
export {
  type Cell,
  cellName,
  matrixOf,
  type Summary,
  TABLE_LAYERS,
  type TruthTable,
} from '../network/index.ts';
export { DEFAULT_LAB, type Impairment, impairmentText } from '../network/lab/index.ts';
export {
  type CertificateFacts,
  type Credential,
  checkExport,
  DEFECT_NAMES,
  DEFECTS,
  type DefectName,
  exportCredential,
  exportPkcs12,
  type Facts,
  type Inspection,
  ISSUING_ROLES,
  type IssuingRole,
  inspect,
  type Judgement,
  KEY_ALGORITHMS,
  type KeyAlgorithm,
  type MigrationProgress,
  openPki,
  type Pki,
  REVOCATION_REASONS,
  type RevocationReason,
  type Standing,
  type WaveSelection,
} from '../pki/index.ts';
export type { ExposureReport, RolloutProgress, SignedDocument } from '../pump-server/index.ts';
export {
  type AdoptionReport,
  APPROVALS_NEEDED,
  adoptionReportJsonSchema,
  type CheckReport,
  changeText,
  checkReport,
  compareLibraries,
  type DiffReport,
  DOCUMENT_SIGNERS,
  diffReport,
  examineLibraryFiles,
  findingLine,
  readLibrary,
  writeCsv,
} from '../pump-server/index.ts';
export {
  type AccuracyCurves,
  accuracyCsv,
  accuracySvg,
  highest,
  meanFlows,
  type Trace,
  traceCsv,
  traceSvg,
} from '../simulator/curves/index.ts';
export { beyondCeiling } from '../simulator/drug-library/index.ts';
export { alarmText } from '../simulator/pump/index.ts';
export { approverNamed, documentSignerNamed, engineerNamed } from './approver.ts';
export {
  type Bedside,
  type BedsideFact,
  type LibraryDrug,
  openBedside,
  type PressResult,
} from './bedside-client.ts';
export { bedsideHelp, parseBedsideCommand } from './bedside-commands.ts';
export { clean, type ScreenPaint } from './bedside-rows.ts';
export { bedsideScreen } from './bedside-screen.ts';
export type { BedsideState } from './bedside-state.ts';
export type { BedsideCommand } from './bedside-vocabulary.ts';
export { suggestion } from './bedside-words.ts';
export { CEILING_FORM, ceilingDocument, ceilingJsonSchema, readCeiling } from './ceilings.ts';
export { checkJunit } from './check-junit.ts';
export { checkPage } from './check-page.ts';
export { COMPONENTS, type ComponentName, startComponent } from './components.ts';
export { CONFIGURATION_FORM, configurationJsonSchema, readConfiguration } from './configurations.ts';
export { openControlPort } from './control-port.ts';
export { accuracyCurves } from './curves.ts';
export { loadShippedPostures, loadWardData, type WardData } from './data.ts';
export { type DetectionScore, detectionScoreJsonSchema } from './detection-score.ts';
export { diffPage } from './diff-page.ts';
export { approveDocument, type DocumentForm, readSigned, signedPath } from './document-approval.ts';
export { configurationAdoption, transferDocument } from './document-client.ts';
export { DEFAULT_DIR, environment, HOUSE } from './environment.ts';
export { checkEvidence } from './evidence-check.ts';
export { type Exercise, loadExercise } from './exercise.ts';
export { exposureOf } from './exposure.ts';
export { writeFileWhole } from './files.ts';
export {
  acceptFirmwareFile,
  buildFirmware,
  signFirmwareFile,
  verifyFirmwareFile,
} from './firmware-files.ts';
export { keepHealthFile } from './health-file.ts';
export { keyLogWarning } from './key-log.ts';
export { keepLab } from './lab-keeper.ts';
export { readLabPlan, SHIPPED_ZONES } from './lab-plan.ts';
export { type LabReport, labReportJsonSchema } from './lab-report.ts';
export { approvalPath, approveLibrary, libraryApprovalJsonSchema, readApproval } from './library-approval.ts';
export { libraryAdoption, nextLibrarySequence, transferLibrary } from './library-client.ts';
export { LOG_LEVELS, type LogLevel } from './log-file.ts';
export { examineMachine, type MachineFinding } from './machine.ts';
export { readBaseline, rehearseMatrix } from './matrix.ts';
export { writeMosquittoSetup } from './mosquitto-setup.ts';
export { checkNetwork } from './network-check.ts';
export { type DiffSide, diffNetworks } from './network-diff.ts';
export {
  bringUpLab,
  healLab,
  impairLab,
  labReport,
  takeDownEphemeral,
  takeDownLab,
  takeDownLeftOvers,
} from './network-lab.ts';
export { standingAt } from './own-networks.ts';
export { type RunOutcome, type RunSelection, runScenarios } from './rehearsals.ts';
export { probeReportFolder, type ReportFolder, writeReportFolder } from './report-folder.ts';
export {
  beginRollout,
  orderRollout,
  type RolloutStatus,
  readRolloutPlan,
  releaseFirmwareFile,
  rolloutPlanJsonSchema,
  rolloutStatus,
  rolloutStatusJsonSchema,
} from './rollout-client.ts';
export { startFleet } from './run-pumps.ts';
export { checkScenarios, SCENARIO_FAMILIES, writeNewScenario } from './scenario-files.ts';
export { checkDetections, scoreDetections } from './score-detections.ts';
export { parseShard, type Shard, WHOLE } from './shard.ts';
export { traceScenario } from './trace.ts';
export { startWard, type Ward, type WardOptions } from './ward.ts';
export type { WardRow } from './ward-rows.ts';
