/** For whom a release is: the pumps of a care area, or those of a model. */
export type ReleaseTarget = { readonly careArea: string } | { readonly model: string };

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

/** What was released when, and which sequence numbers are taken. In memory; a store that outlives the server is to come. */
export class ReleaseLedger {
  readonly #records: ReleaseRecord[] = [];
  readonly #highest = new Map<string, number>();

  records(): readonly ReleaseRecord[] {
    return this.#records;
  }

  /** Takes the next free sequence number of a target, at least `least`. */
  nextSequence(target: ReleaseTarget, least = 1): number {
    const sequence = Math.max(least, (this.#highest.get(keyOf(target)) ?? 0) + 1);
    this.taken(target, sequence);
    return sequence;
  }

  /** Somebody else chose a number. It may be an old one: a rehearsal may release what was there before. */
  taken(target: ReleaseTarget, sequence: number): void {
    const key = keyOf(target);
    this.#highest.set(key, Math.max(sequence, this.#highest.get(key) ?? 0));
  }

  released(record: ReleaseRecord): void {
    this.#records.push(record);
  }
}

function keyOf(target: ReleaseTarget): string {
  return 'careArea' in target ? `libraries/${target.careArea}` : `firmware/${target.model}`;
}
