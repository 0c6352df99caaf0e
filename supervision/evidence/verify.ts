import {
  type Checkpoint,
  chainHash,
  checkpointBytes,
  type EvidenceLine,
  evidenceLineSchema,
  GENESIS,
} from './chain.ts';

/** What is wrong with a log. `n` is the number of the line, as it stands or should stand. */
export type EvidenceFault =
  /** A line that is no line of a log; `at` counts lines from 1. */
  | { readonly fault: 'unreadable'; readonly at: number }
  /** What a line says does not fit its hash. */
  | { readonly fault: 'changed'; readonly n: number }
  /** A line does not follow from the one before it, though its number does. */
  | { readonly fault: 'unlinked'; readonly n: number }
  | { readonly fault: 'missing'; readonly fromN: number; readonly toN: number }
  /** A line stands behind one of a higher number. */
  | { readonly fault: 'reordered'; readonly n: number }
  | { readonly fault: 'repeated'; readonly n: number }
  /** A checkpoint saw more lines than are there. */
  | { readonly fault: 'truncated'; readonly lastN: number; readonly checkpointN: number }
  /** The chain is sound in itself, but a checkpoint saw another one: it was written anew. */
  | { readonly fault: 'recomputed'; readonly n: number }
  /** A checkpoint is not signed by whom it should be, and proves nothing. */
  | { readonly fault: 'bad-checkpoint'; readonly n: number };

export interface EvidenceVerdict {
  readonly intact: boolean;
  readonly lines: number;
  /** The highest line that a sound checkpoint vouches for. Nothing is proved about those after it. */
  readonly vouchedToN: number;
  readonly faults: readonly EvidenceFault[];
}

/** Whether a signature is good and by whom it should be. */
export type CheckpointVerifier = (bytes: Uint8Array, signature: Uint8Array) => boolean;

/**
 * Examines a log against the checkpoints that were kept elsewhere. Known limit: a log that is cut off behind its last
 * checkpoint, or written anew from there on, cannot be told from one that ended there.
 */
export function verifyEvidence(
  lines: readonly string[],
  checkpoints: readonly Checkpoint[],
  verify: CheckpointVerifier,
): EvidenceVerdict {
  const parsed = lines.map(parseLine);
  const read = parsed.filter((line) => line !== undefined);
  const sound = checkpoints.filter((one) => isSigned(one, verify));
  const faults: EvidenceFault[] = [
    ...parsed.flatMap((line, index): EvidenceFault[] =>
      line === undefined ? [{ fault: 'unreadable', at: index + 1 }] : [],
    ),
    ...chainFaults(read),
    ...checkpointFaults(read, sound),
    ...checkpoints
      .filter((one) => !sound.includes(one))
      .map(({ n }): EvidenceFault => ({ fault: 'bad-checkpoint', n })),
  ];
  return {
    intact: faults.length === 0,
    lines: lines.length,
    vouchedToN: highestN(sound),
    faults,
  };
}

function parseLine(line: string): EvidenceLine | undefined {
  try {
    return evidenceLineSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function isSigned(checkpoint: Checkpoint, verify: CheckpointVerifier): boolean {
  try {
    return verify(checkpointBytes(checkpoint), Buffer.from(checkpoint.signature, 'base64'));
  } catch {
    return false;
  }
}

function chainFaults(lines: readonly EvidenceLine[]): EvidenceFault[] {
  const faults: EvidenceFault[] = [];
  const present = new Set(lines.map(({ n }) => n));
  const seen = new Set<number>();
  let highest = 0;
  let previous: EvidenceLine | undefined;
  for (const line of lines) {
    const { n } = line;
    if (chainHash(line.previous, line.event) !== line.hash) faults.push({ fault: 'changed', n });
    if (seen.has(n)) faults.push({ fault: 'repeated', n });
    else if (n < highest) faults.push({ fault: 'reordered', n });
    const follows = n === (previous?.n ?? 0) + 1;
    if (follows && line.previous !== (previous?.hash ?? GENESIS)) faults.push({ fault: 'unlinked', n });
    if (n > highest + 1) faults.push(...missingBetween(highest, n, present));
    seen.add(n);
    highest = Math.max(highest, n);
    previous = line;
  }
  return faults;
}

/** The stretches of numbers between two that stand nowhere in the log. */
function missingBetween(afterN: number, beforeN: number, present: ReadonlySet<number>): EvidenceFault[] {
  const inside = [...present].filter((n) => n > afterN && n < beforeN).sort((a, b) => a - b);
  return [...inside, beforeN].flatMap((n, index): EvidenceFault[] => {
    const fromN = (inside[index - 1] ?? afterN) + 1;
    return fromN < n ? [{ fault: 'missing', fromN, toN: n - 1 }] : [];
  });
}

function checkpointFaults(
  lines: readonly EvidenceLine[],
  checkpoints: readonly Checkpoint[],
): EvidenceFault[] {
  const lastN = highestN(lines);
  const hashes = new Map(lines.map(({ n, hash }) => [n, hash]));
  const recomputed = checkpoints.filter(({ n, head }) => {
    const hash = hashes.get(n);
    return hash !== undefined && hash !== head;
  });
  const beyond = highestN(checkpoints);
  return [
    ...recomputed.map(({ n }): EvidenceFault => ({ fault: 'recomputed', n })),
    ...(beyond > lastN ? [{ fault: 'truncated', lastN, checkpointN: beyond } as const] : []),
  ];
}

function highestN(numbered: readonly { readonly n: number }[]): number {
  return numbered.reduce((highest, { n }) => Math.max(highest, n), 0);
}
