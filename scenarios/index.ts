export { RecordingControls } from './engine/consulted.ts';
export { type JudgedExpectation, judge } from './engine/expectations.ts';
export { flowAt, volumeMl } from './engine/flow.ts';
export {
  type ChannelHarm,
  DELIVERY_TOLERANCE,
  deliveredFlow,
  harmOf,
  minutesAboveRate,
  orderedFlow,
} from './engine/harm.ts';
export { runLockstep } from './engine/lockstep.ts';
export type {
  AlarmChange,
  BelievedForgery,
  EvidenceLogObservation,
  FlowSegment,
  FoundRecord,
  HardLimit,
  Observation,
  PressureSample,
  PumpObservation,
  PumpSnapshot,
  ReceivedMessage,
  ResponseAction,
  StationObservation,
  StepOutcome,
  StoredRecord,
  UndisturbedRun,
  UplinkRecord,
} from './engine/observation.ts';
export type {
  AttackCredential,
  AttackGround,
  BuildStage,
  Counterfeit,
  EnrolmentAnswer,
  FloorService,
  PumpInHands,
  PumpServicePlace,
  RehearsalWire,
  Sampling,
  Stage,
  StageAction,
  StageSetup,
  StepResult,
  SupplyAction,
} from './engine/port.ts';
export { isOfRed, redTouch } from './engine/red-touch.ts';
export { type Rehearsal, type RehearsalOptions, rehearse } from './engine/rehearse.ts';
export type { Action, ActionOf, Team, Verb } from './format/actions.ts';
export type { FirmwareState } from './format/attack.ts';
export { FIRMWARE_STATES } from './format/attack.ts';
export { commandBody } from './format/commands.ts';
export type { KnownNames } from './format/cross-check.ts';
export { PUMP_SERVICES, type PumpService } from './format/device-values.ts';
export { problemLine } from './format/diagnostics/problem.ts';
export { nearest } from './format/diagnostics/suggest.ts';
export { durationMs, parseDurationMs } from './format/duration.ts';
export { expandFleet, type FleetPump, type Model, type Therapy } from './format/fleet.ts';
export { loadCatalog, loadPlaybooks, loadPostures, loadPrices, loadScenario } from './format/load.ts';
export type { CountBounds, Expectation, ExpectationOf, Measure } from './format/measures.ts';
export { parseScenario, scenarioWarnings } from './format/parse.ts';
export type { Playbook } from './format/playbook.ts';
export {
  expectationsFor,
  FAMILIES,
  type Family,
  needsUndisturbedRun,
  posturesOf,
  type Scenario,
  samplingOffsetsMs,
  undisturbed,
} from './format/scenario.ts';
export { type PublishedSchemaName, publishedSchemas } from './format/schemas.ts';
export { selectPosture, selectScenarios } from './format/select.ts';
export type { Condition, Step, StepOutcomeKind, Trigger } from './format/steps.ts';
export { type Baseline, baselineOf, decidedBy, differences, parseBaseline } from './matrix/baseline.ts';
export type { CellOrder, CellRun } from './matrix/cell-run.ts';
export { orderName } from './matrix/cell-run.ts';
export { type Cell, cellCommand, cellPosture } from './matrix/cells.ts';
export { loadResiduals, type Residual } from './matrix/residuals.ts';
export { type MatrixOutcome, runMatrix } from './matrix/run-matrix.ts';
export { attackFacts, withoutOnlyLayer } from './report/attack-facts.ts';
export { junitDocument, junitXml } from './report/junit.ts';
export { reportMarkdown } from './report/markdown.ts';
export { matrixJunit } from './report/matrix-junit.ts';
export { type Effect, isUnreal, type MatrixAttack, type MatrixReport } from './report/matrix-report.ts';
export { navigatorLayer } from './report/navigator-layer.ts';
export { html, type Markup, trusted } from './report/page/markup.ts';
export type { PriceList } from './report/prices.ts';
export type {
  RehearsalReport,
  Rehearsed,
  RunCell,
  RunDetail,
} from './report/rehearsal-report.ts';
export { rehearsedOf } from './report/rehearsed.ts';
export { renderReport } from './report/render.ts';
export { runDetail } from './report/run-detail.ts';
export type { BrokerName, ExpectationResult, Harm, RunReport, RunResult } from './report/run-report.ts';
export { BROKERS, runReportSchema } from './report/run-report.ts';
export { denyingControls } from './report/summary.ts';
export { runText, totalText } from './report/text.ts';
export { listed } from './report/words.ts';
