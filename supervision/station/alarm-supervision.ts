import type { Clock, Timer } from '../../clock/index.ts';
import { type ControlId, type EvidenceSink, type Serial, urnOf } from '../../protocol/index.ts';

/** Somebody is to go and look at a pump. */
export interface SilenceNotice {
  readonly atMs: number;
  readonly serial: Serial;
  readonly cause: string;
}

export interface AlarmSupervisionOptions {
  readonly clock: Clock;
  readonly controls: ReadonlySet<ControlId>;
  readonly evidence: EvidenceSink;
  readonly noticed: (notice: SilenceNotice) => void;
}

/** So many periods of telemetry may be missing, but a pump is never called silent sooner than `SHORTEST_MS`. */
const PERIODS = 3;
const SHORTEST_MS = 15_000;
/** A pump whose last will came may be walking from one access point to the next. */
const LINK_GRACE_MS = 15_000;
/** A missing record comes again within 30 s if the pump still has it. */
const GAP_GRACE_MS = 60_000;

interface Watched {
  heardAtMs: number;
  timer: Timer | undefined;
  /** A notice stands until the pump is heard again. */
  silent: boolean;
  /** Taken off the list: nobody waits for it until it is heard again. */
  dismissed: boolean;
  lostLinkAtMs: number | undefined;
  /** The highest number of its log so far, and those below it that did not come. */
  highestSeq: number | undefined;
  readonly missing: Set<number>;
}

/** Numbers that are waited for; a pump that was away for long has more, and is told of once anyway. */
const MOST_MISSING = 1_000;

/**
 * The one place of `alarm-supervision`: a pump that was heard and is heard no more is noticed, and somebody goes to look at it. Silent is
 * a pump without telemetry for three periods (at least 15 s), one whose last will came and that is not back after 15 s, and one of whose
 * log a number is missing for 60 s. The alarm at the bedside sounds all the while; what is lost with the network is that anybody hears of
 * it elsewhere.
 */
export class AlarmSupervision {
  readonly #options: AlarmSupervisionOptions;
  readonly #pumps = new Map<Serial, Watched>();
  #silentAfterMs = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(options: AlarmSupervisionOptions) {
    this.#options = options;
  }

  /** How often telemetry is due from now on; `Infinity`: none is. */
  expectTelemetryEvery(periodMs: number): void {
    this.#silentAfterMs = Math.max(SHORTEST_MS, PERIODS * periodMs);
    for (const [serial, pump] of this.#pumps) this.#arm(serial, pump);
  }

  /** Something was heard of a pump that only a pump that is there can say. */
  heard(serial: Serial): void {
    const pump = this.#watched(serial);
    pump.heardAtMs = this.#options.clock.now();
    pump.lostLinkAtMs = undefined;
    pump.dismissed = false;
    if (pump.silent) {
      pump.silent = false;
      this.#tell('supervision.pump-heard', serial, 'it is heard again');
    }
    if (pump.timer === undefined) this.#arm(serial, pump);
  }

  /** It leaves service: nobody waits for it any more. Should it speak all the same, it is watched as any other. */
  dismiss(serial: Serial): void {
    this.#watched(serial).dismissed = true;
  }

  /** The broker has given out its last will. */
  lostLink(serial: Serial): void {
    const pump = this.#watched(serial);
    const { clock } = this.#options;
    pump.lostLinkAtMs = clock.now();
    clock.after(LINK_GRACE_MS, () => {
      if (pump.lostLinkAtMs !== undefined && clock.now() - pump.lostLinkAtMs >= LINK_GRACE_MS) {
        this.#notice(serial, pump, 'its session was cut');
      }
    });
  }

  /** A record of its log came. `oldestSeq`: what is older the pump has no more, and nobody waits for it. */
  numbered(serial: Serial, seq: number, oldestSeq: number): void {
    const pump = this.#watched(serial);
    const { missing, highestSeq } = pump;
    for (const one of missing) if (one === seq || one < oldestSeq) missing.delete(one);
    const fromSeq = Math.max(highestSeq === undefined ? seq : highestSeq + 1, oldestSeq);
    const skipped = seq - fromSeq;
    if (skipped > 0) {
      for (let one = fromSeq; one < seq && missing.size < MOST_MISSING; one += 1) missing.add(one);
      this.#options.clock.after(GAP_GRACE_MS, () => {
        if (!missing.has(fromSeq)) return;
        missing.clear();
        this.#notice(serial, pump, 'records of its log do not come');
      });
    }
    pump.highestSeq = Math.max(highestSeq ?? seq, seq);
  }

  /** The station itself was away: what came meanwhile is not missing. */
  forgetNumbers(): void {
    for (const pump of this.#pumps.values()) {
      pump.highestSeq = undefined;
      pump.missing.clear();
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#pumps.values()) timer?.cancel();
  }

  /** One timer a pump, looked at only when it is due: most of the time the pump was heard since. */
  #arm(serial: Serial, pump: Watched): void {
    const { clock } = this.#options;
    pump.timer?.cancel();
    pump.timer = undefined;
    const dueMs = pump.heardAtMs + this.#silentAfterMs;
    if (this.#stopped || !Number.isFinite(dueMs)) return;
    pump.timer = clock.at(Math.max(dueMs, clock.now()), () => {
      pump.timer = undefined;
      const silentForMs = clock.now() - pump.heardAtMs;
      if (silentForMs < this.#silentAfterMs) return this.#arm(serial, pump);
      this.#notice(serial, pump, `nothing was heard of it for ${Math.round(silentForMs / 1_000)} s`);
    });
  }

  #notice(serial: Serial, pump: Watched, cause: string): void {
    const { controls, clock, noticed } = this.#options;
    if (this.#stopped || pump.silent || pump.dismissed || !controls.has('alarm-supervision')) return;
    pump.silent = true;
    this.#tell('supervision.pump-silent', serial, cause);
    noticed({ atMs: clock.now(), serial, cause });
  }

  #tell(event: string, serial: Serial, cause: string): void {
    this.#options.evidence({
      source: 'nurse-station',
      event,
      outcome: 'observed',
      visibility: 'blue',
      deviceTimeMs: this.#options.clock.now(),
      subject: urnOf({ kind: 'pump', id: serial }),
      control: 'alarm-supervision',
      cause,
    });
  }

  #watched(serial: Serial): Watched {
    const before = this.#pumps.get(serial);
    if (before !== undefined) return before;
    const pump: Watched = {
      heardAtMs: this.#options.clock.now(),
      timer: undefined,
      silent: false,
      dismissed: false,
      lostLinkAtMs: undefined,
      highestSeq: undefined,
      missing: new Set(),
    };
    this.#pumps.set(serial, pump);
    return pump;
  }
}
