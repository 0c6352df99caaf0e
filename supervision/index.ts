export { createDetector, type Detector } from './detection/detector.ts';
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
export { sealEvidence } from './evidence/seal.ts';
export {
  type CheckpointVerifier,
  type EvidenceFault,
  type EvidenceVerdict,
  verifyEvidence,
} from './evidence/verify.ts';
export { Presence, type PresenceState } from './presence/presence.ts';
