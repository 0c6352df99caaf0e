import { sign } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../clock/index.ts';
import type { Pki } from '../pki/index.ts';
import type { ControlId } from '../protocol/index.ts';
import { createEvidenceLog, type EvidenceLog, openLineFile } from '../supervision/index.ts';
import { lockIn } from './dir-lock.ts';

/** Whose key signs the checkpoints of the evidence. */
export const EVIDENCE_SIGNER = { kind: 'observer', id: 'evidence-01' } as const;

/** How many events are kept in memory. */
const KEPT_EVENTS = 1_000;

/**
 * Opens the evidence of a process: a chain in `NAME.jsonl` of a folder, its signed checkpoints in `NAME-checkpoints.jsonl`. A chain has one
 * writer, so each process has a name of its own; a second one of that name is refused, or the log would look as if somebody had changed it.
 *
 * @throws PumprangeError `PR_DIR_IN_USE`, `PR_DISK`
 */
export function openEvidenceFile(options: {
  readonly dir: string;
  readonly name?: string;
  readonly clock: Clock;
  readonly pki: Pki;
  readonly controls: ReadonlySet<ControlId>;
}): EvidenceLog {
  const { dir, name = 'evidence', clock, pki, controls } = options;
  const { privateKey } = pki.credentialFor(EVIDENCE_SIGNER);
  const unlock = lockIn(dir, name);
  try {
    const checkpoints = openLineFile(join(dir, `${name}-checkpoints.jsonl`));
    const log = createEvidenceLog({
      clock,
      stores: [openLineFile(join(dir, `${name}.jsonl`))],
      controls,
      keepEvents: KEPT_EVENTS,
      sign: (bytes) => sign('sha256', bytes, privateKey),
      keepElsewhere: (checkpoint) => checkpoints.append(JSON.stringify(checkpoint)),
    });
    return {
      ...log,
      close: () => {
        log.close();
        checkpoints.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
