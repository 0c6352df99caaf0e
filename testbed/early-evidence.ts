import type { EvidenceEntry, EvidenceSink } from '../protocol/index.ts';

/** Evidence of what has to be there before its log can be: the PKI tells of itself, and has the key that signs the log. */
export interface EarlyEvidence {
  /** Kept until there is a log; nothing is lost. */
  readonly record: EvidenceSink;
  /** Hands on what was kept, and from now on what comes. */
  flowTo(log: EvidenceSink): void;
}

export function earlyEvidence(): EarlyEvidence {
  const kept: EvidenceEntry[] = [];
  let sink: EvidenceSink = (entry) => void kept.push(entry);
  return {
    record: (entry) => sink(entry),
    flowTo: (log) => {
      sink = log;
      for (const entry of kept.splice(0)) log(entry);
    },
  };
}
