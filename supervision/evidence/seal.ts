import type { EvidenceEvent } from '../../protocol/index.ts';
import { type Checkpoint, chainHash, checkpointBytes, type EvidenceLine, GENESIS } from './chain.ts';

/**
 * The events of a run as the log that it kept, line for line, with one signed checkpoint over its end: a chain follows from its events
 * alone, so this is the same one.
 *
 * @param sign signs the bytes of the checkpoint
 */
export function sealEvidence(
  events: readonly EvidenceEvent[],
  timeMs: number,
  sign: (bytes: Uint8Array) => Uint8Array,
): { readonly lines: readonly string[]; readonly checkpoint: Checkpoint } {
  let head = GENESIS;
  const lines = events.map((event, index): string => {
    const previous = head;
    head = chainHash(previous, event);
    const line: EvidenceLine = { n: index + 1, hash: head, previous, event };
    return JSON.stringify(line);
  });
  const unsigned = { n: events.length, head, timeMs };
  const signature = Buffer.from(sign(checkpointBytes(unsigned))).toString('base64');
  return { lines, checkpoint: { ...unsigned, signature } };
}
