export { createDetector, type Detector } from './detection/detector.ts';
export { loadRuleFiles, loadRules, parseRule } from './detection/load-rules.ts';
export { type DetectionRule, detectionRuleJsonSchema } from './detection/rule.ts';
export {
  type Checkpoint,
  chainHash,
  checkpointSchema,
  type EvidenceLine,
  evidenceLineSchema,
  GENESIS,
} from './evidence/chain.ts';
export { checkpointKeeper } from './evidence/checkpoint-keeper.ts';
export {
  createEvidenceLog,
  type EvidenceLog,
  type EvidenceLogOptions,
  type EvidenceLosses,
} from './evidence/evidence-log.ts';
export { openLineFile } from './evidence/line-file.ts';
export { type LineStore, type MemoryLines, memoryLines } from './evidence/line-store.ts';
export { sealEvidence } from './evidence/seal.ts';
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
