import type { Clock } from '../../clock/index.ts';
import {
  type CertificateJudge,
  type ControlId,
  ceilingReleaseMessage,
  type EvidenceSink,
  type LibraryCeiling,
  parseMessage,
  urnOf,
  verifySignatures,
} from '../../protocol/index.ts';
import { acceptCeiling, cappedByCeiling, knowsCeilings, ruledOutByCeiling } from '../drug-library/index.ts';
import type { Pump } from '../pump/index.ts';

/** The ceiling that a pump has: from its commissioning, and then the newest that it took. It outlives a loss of power. */
export class CeilingMemory {
  current: LibraryCeiling | null;

  constructor(commissioned: LibraryCeiling | null) {
    this.current = commissioned;
  }
}

export interface CeilingIntakeOptions {
  readonly pump: Pump;
  readonly clock: Clock;
  readonly judge: CertificateJudge;
  readonly controls: ReadonlySet<ControlId>;
  readonly evidence: EvidenceSink;
  readonly memory: CeilingMemory;
  /** Called when the pump has another ceiling. */
  readonly changed: () => void;
}

/**
 * Takes ceilings that are newer than the pump's. A library that waits and is ruled out is dropped. One in use stays, since a therapy must
 * not lose its limits, and the log and the evidence say that it is beyond the ceiling.
 */
export class CeilingIntake {
  readonly #options: CeilingIntakeOptions;
  /** A broker sends the retained one at every connection. */
  #seen: string | undefined;

  constructor(options: CeilingIntakeOptions) {
    this.#options = options;
  }

  release(payload: Buffer): void {
    const { pump, controls, memory, judge, clock } = this.#options;
    const protection = { controls, weaknesses: pump.firmware.weaknesses };
    const text = payload.toString('base64');
    if (!knowsCeilings(protection) || this.#seen === text) return;
    this.#seen = text;
    const parsed = parseMessage(ceilingReleaseMessage, payload);
    if (!parsed.ok) return this.#refuse('unknown', null, parsed.reason);
    const { ceiling } = parsed.message.body;
    const { current } = memory;
    const isCurrent =
      current?.sequence === ceiling.sequence && current.ceilingVersion === ceiling.ceilingVersion;
    if (isCurrent) return;
    const nowMs = clock.now();
    const signers = verifySignatures(ceiling, judge, 'message-signing', nowMs).flatMap((verdict) =>
      verdict.accepted ? [{ identity: verdict.identity }] : [],
    );
    const verdict = acceptCeiling({
      ...protection,
      ...{ ceiling, signers, nowMs },
      careArea: pump.careArea,
      sequence: current?.sequence ?? null,
    });
    if (!verdict.accepted) return this.#refuse(ceiling.ceilingVersion, verdict.control, verdict.reason);
    memory.current = ceiling;
    pump.ceiling({ version: ceiling.ceilingVersion, sequence: ceiling.sequence });
    this.#record('ceiling.accepted', 'allowed', `ceiling ${ceiling.ceilingVersion}`, null, null);
    this.#lookThrough(ceiling, protection);
    this.#options.changed();
  }

  /** A new patient comes: however the library in use got there, its limits are cut down to the ceiling, and it stays. */
  newPatient(): void {
    const { pump, controls, memory } = this.#options;
    const { current } = memory;
    const { inUse } = pump.libraries;
    if (current === null || inUse === null) return;
    const reason = ruledOutByCeiling(inUse, current, { controls, weaknesses: pump.firmware.weaknesses });
    if (reason === undefined) return;
    pump.write({ type: 'library.written', library: cappedByCeiling(inUse, current), by: 'ceiling' });
    this.#record('library.capped', 'denied', `library ${inUse.version}`, 'library-ceiling', reason);
  }

  #lookThrough(ceiling: LibraryCeiling, protection: Parameters<typeof ruledOutByCeiling>[2]): void {
    const { pump } = this.#options;
    for (const place of ['pending', 'inUse'] as const) {
      const library = pump.libraries[place];
      const reason = library === null ? undefined : ruledOutByCeiling(library, ceiling, protection);
      if (library === null || reason === undefined) continue;
      pump.ruleOut(place, reason);
      const event = place === 'pending' ? 'library.dropped' : 'library.beyond-ceiling';
      const outcome = place === 'pending' ? 'denied' : 'observed';
      this.#record(event, outcome, `library ${library.version}`, 'library-ceiling', reason);
    }
  }

  #refuse(version: string, control: ControlId | null, reason: string): void {
    this.#options.pump.ceiling({ version, reason, control });
    this.#record('ceiling.refused', 'denied', `ceiling ${version}`, control, reason);
  }

  #record(
    event: string,
    outcome: 'allowed' | 'denied' | 'observed',
    object: string,
    control: ControlId | null,
    cause: string | null,
  ): void {
    const { pump, evidence, clock } = this.#options;
    evidence({
      ...{ source: `pump:${pump.serial}`, event, outcome, control, cause, object },
      visibility: 'blue',
      deviceTimeMs: clock.now(),
      subject: urnOf({ kind: 'pump', id: pump.serial }),
    });
  }
}
