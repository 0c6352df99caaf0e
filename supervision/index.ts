export { type Alert, type Detector, detect } from './detection/detector.ts';
export { loadRules, parseRule } from './detection/load-rules.ts';
export { type DetectionRule, detectionRuleJsonSchema } from './detection/rule.ts';
export {
  type Checkpoint,
  checkpointSchema,
  type EvidenceLine,
} from './evidence/chain.ts';
export {
  createEvidenceLog,
  type EvidenceLog,
  type EvidenceLogOptions,
  type EvidenceLosses,
} from './evidence/evidence-log.ts';
export { openLineFile } from './evidence/line-file.ts';
export { type LineStore, type MemoryLines, memoryLines } from './evidence/line-store.ts';
export {
  type CheckpointVerifier,
  type EvidenceFault,
  type EvidenceVerdict,
  verifyEvidence,
} from './evidence/verify.ts';
export { Presence, type PresenceState } from './presence/presence.ts';
export type { SilenceNotice } from './station/alarm-supervision.ts';
export type { BoardChange, BoardPump } from './station/board.ts';
export { NurseStation } from './station/nurse-station.ts';
