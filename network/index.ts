export { compareTables, newlyReachable } from './diff/compare.ts';
export { type NetworkDiff, networkDiffJsonSchema, type SessionLine } from './diff/document.ts';
export { observedPolicy } from './diff/observed.ts';
export { askSessions, holdSessions, withoutRule } from './diff/sessions.ts';
export type { Supplicant } from './emulation/credentials.ts';
export { Network, type ZonePlans } from './emulation/network.ts';
export { findTools } from './lab/index.ts';
export { type Layout, layOut } from './plan/layout.ts';
export { loadZonePlan } from './plan/load.ts';
export { zonePlanJsonSchema } from './plan/plan.ts';
export type { ZonePolicy } from './plan/policy.ts';
export { bareConnectsMs } from './probe/bare-connects.ts';
export { HELLO_HTTP, HELLO_MQTT } from './probe/hello.ts';
export type { MqttRole, MqttStep, MqttWitness, ProbeCredential } from './probe/request.ts';
export { becomeRouter, type OwnInterface } from './router/become-router.ts';
export { compileRuleset } from './ruleset/compile.ts';
export { withInterfaces } from './ruleset/interfaces.ts';
export { readRuleset } from './ruleset/read.ts';
export {
  type Cell,
  LAYERS as TABLE_LAYERS,
  type TableLayer,
  type TruthTable,
  truthTable,
  truthTableJsonSchema,
} from './table/document.ts';
export type { MqttRule, MqttService, ProbedFloor, TlsService, TlsVisitor } from './table/floor.ts';
export type { StaticVerdict } from './table/judgement.ts';
export { cellName, matrixOf, type Summary } from './table/matrix.ts';
export { type ProbedPort, type Source, sourcesOf, type Target } from './table/places.ts';
export { openProbers, type Probers } from './table/probers.ts';
export type { Opening } from './table/reach-cells.ts';
export { rulesetJudge } from './table/ruleset-judge.ts';
export { runTable } from './table/run-table.ts';
