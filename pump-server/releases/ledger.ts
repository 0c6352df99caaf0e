import {
  type ReleaseStore,
  type ReleaseTarget,
  type StoredRelease,
  targetOf,
  versionOf,
} from './release-store.ts';

/** One release, as it was made. */
export interface ReleaseRecord {
  readonly target: ReleaseTarget;
  readonly version: string;
  readonly sequence: number;
  readonly digest: string;
  readonly sizeBytes: number;
  /** How many signatures it carries; whether they hold is for pumps to judge. */
  readonly signatures: number;
  readonly releasedAtMs: number;
}

/** What was released when, and which sequence numbers are taken: as long as the store remembers. */
export class ReleaseLedger {
  readonly #store: ReleaseStore;

  constructor(store: ReleaseStore) {
    this.#store = store;
  }

  records(): readonly ReleaseRecord[] {
    return this.#store.releases().map(recordOf);
  }

  /** Takes the next free sequence number of a target, at least `least`. @throws PumprangeError `PR_DISK` */
  nextSequence(target: ReleaseTarget, least = 1): number {
    const sequence = Math.max(least, this.#store.highestSequence(target) + 1);
    this.#store.take(target, sequence);
    return sequence;
  }
}

function recordOf(release: StoredRelease): ReleaseRecord {
  const { sequence, digest, sizeBytes, signatures = [] } = release.manifest;
  return {
    target: targetOf(release),
    version: versionOf(release),
    ...{ sequence, digest, sizeBytes },
    signatures: signatures.length,
    releasedAtMs: release.releasedAtMs,
  };
}
