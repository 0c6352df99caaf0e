import type { EvidenceSink } from '../../protocol/index.ts';
import { type Checkpoint, evidenceLineSchema } from './chain.ts';

/**
 * Keeps the checkpoints of a log out of reach of whoever can write it. With each new one it looks whether the log still has the line that
 * the one before vouched for; if not, somebody has changed it, and that goes into the evidence. What came after the last checkpoint
 * nobody vouches for.
 *
 * @param lineOf the line of a number as the log has it now
 */
export function checkpointKeeper(
  lineOf: (n: number) => string | undefined,
  evidence: EvidenceSink,
): { readonly keep: (checkpoint: Checkpoint) => void; readonly kept: readonly Checkpoint[] } {
  const kept: Checkpoint[] = [];
  return {
    kept,
    keep(checkpoint) {
      const last = kept.at(-1);
      kept.push(checkpoint);
      if (last === undefined) return;
      const cause = faultOf(last, checkpoint, lineOf(last.n));
      if (cause === undefined) return;
      evidence({
        source: 'evidence-keeper',
        event: 'evidence.tampered',
        outcome: 'observed',
        visibility: 'blue',
        control: 'evidence-offload',
        cause,
      });
    },
  };
}

function faultOf(last: Checkpoint, next: Checkpoint, line: string | undefined): string | undefined {
  if (next.n <= last.n || line === undefined) return `the log had ${last.n} lines and has fewer`;
  return hashOf(line) === last.head ? undefined : `line ${last.n} is not the one that was vouched for`;
}

function hashOf(line: string): string | undefined {
  try {
    return evidenceLineSchema.safeParse(JSON.parse(line)).data?.hash;
  } catch {
    return undefined;
  }
}
