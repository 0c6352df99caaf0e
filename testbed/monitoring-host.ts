import { generateKeyPairSync, type KeyPairKeyObjectResult, sign, verify } from 'node:crypto';
import type { Clock } from '../clock/index.ts';
import type { ControlId, EvidenceEvent } from '../protocol/index.ts';
import type { EvidenceLogObservation, StepResult } from '../scenarios/index.ts';
import {
  chainHash,
  checkpointKeeper,
  createEvidenceLog,
  type EvidenceLog,
  evidenceLineSchema,
  GENESIS,
  type MemoryLines,
  memoryLines,
  verifyEvidence,
} from '../supervision/index.ts';

/** A rehearsal is short: in the house's own evidence a checkpoint follows each hundred lines. */
const CHECKPOINT_EVERY = 5;

let keys: KeyPairKeyObjectResult | undefined;

/** Signs checkpoints of rehearsals, for as long as the process lives. */
function checkpointKeys(): KeyPairKeyObjectResult {
  keys ??= generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return keys;
}

/**
 * The machine on which a rehearsal's evidence is kept, and what somebody who has got onto it can do: change the log, compute its chain
 * anew and start the writer again. The checkpoints that `evidence-offload` keeps elsewhere are beyond that hand.
 */
export class MonitoringHost {
  readonly log: EvidenceLog;
  readonly #lines: MemoryLines;
  /** Every line as it was written. */
  readonly #written: string[] = [];
  readonly #keeper: ReturnType<typeof checkpointKeeper>;
  readonly #controls: ReadonlySet<ControlId>;
  #tampered = false;

  constructor(options: {
    readonly clock: Clock;
    readonly startMs: number;
    readonly controls: ReadonlySet<ControlId>;
  }) {
    const lines = memoryLines();
    this.#lines = lines;
    this.#controls = options.controls;
    this.#keeper = checkpointKeeper(
      (n) => lines.lines[n - 1],
      (entry) => this.log.record(entry),
    );
    this.log = createEvidenceLog({
      ...options,
      stores: [
        {
          ...lines,
          get lastLine() {
            return lines.lastLine;
          },
          append: (line) => {
            this.#written.push(line);
            return lines.append(line);
          },
        },
      ],
      checkpointEvery: CHECKPOINT_EVERY,
      sign: (bytes) => sign('sha256', bytes, checkpointKeys().privateKey),
      keepElsewhere: this.#keeper.keep,
    });
  }

  /** All that was written is gone. */
  wipe(): StepResult {
    return this.#change(() => []);
  }

  /** What was written about somebody is gone, or speaks of another. */
  forge(about: string, blame: string | undefined): StepResult {
    return this.#change((events) =>
      blame === undefined
        ? events.filter(({ subject }) => subject !== about)
        : events.map((event) => (event.subject === about ? { ...event, subject: blame } : event)),
    );
  }

  observe(): EvidenceLogObservation {
    if (!this.#tampered) return { lostLines: 0, noticed: false };
    const { lines } = this.#lines;
    // A chain that was computed anew has other hashes; what counts is what the lines say.
    const present = new Set(lines.map((line) => JSON.stringify(eventOf(line))));
    const written = this.#written.flatMap((line) => eventOf(line) ?? []);
    const lost = written.filter((event) => !present.has(JSON.stringify(event)));
    const verdict = verifyEvidence(lines, this.#keeper.kept, (bytes, signature) =>
      verify('sha256', bytes, checkpointKeys().publicKey, signature),
    );
    return {
      lostLines: lost.filter(({ visibility }) => visibility === 'blue').length,
      noticed: !verdict.intact,
    };
  }

  #change(changed: (events: readonly EvidenceEvent[]) => readonly EvidenceEvent[]): StepResult {
    if (!this.#controls.has('audit-trail')) return { outcome: 'refused', detail: 'nobody keeps a log' };
    const before = this.#lines.lines.flatMap((line) => eventOf(line) ?? []);
    let previous = GENESIS;
    const lines = changed(before).map((event, index) => {
      const hash = chainHash(previous, event);
      const line = JSON.stringify({ n: index + 1, hash, previous, event });
      previous = hash;
      return line;
    });
    this.#lines.rewrite(lines);
    this.log.takeUp();
    this.#tampered = true;
    return { outcome: 'succeeded', detail: `${lines.length} of ${before.length} lines are left` };
  }
}

function eventOf(line: string): EvidenceEvent | undefined {
  return evidenceLineSchema.safeParse(JSON.parse(line)).data?.event;
}
