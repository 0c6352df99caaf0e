import type { HeapClock, Random, Settling } from '../../clock/index.ts';
import type { EvidenceEvent, Intent, Link, LinkHandlers, Posture } from '../../protocol/index.ts';
import type { Action, ActionOf } from '../format/actions.ts';
import type { FleetPump } from '../format/fleet.ts';
import type { StepOutcomeKind } from '../format/steps.ts';
import type { Wire } from './lockstep.ts';
import type { Detection, PumpObservation, PumpSnapshot, StoredRecord } from './observation.ts';

/** By which a rehearsal knows that everything has come to rest. */
export type RehearsalWire = Settling & Wire;

/** What one rehearsal is built from. */
export interface StageSetup {
  readonly clock: HeapClock;
  readonly settling: Settling;
  readonly random: Random;
  readonly posture: Posture;
  readonly fleet: readonly FleetPump[];
  /** Period of telemetry. */
  readonly telemetryEveryMs: number;
  /** Pumps enrol for certificates that hold so long; absent: they have theirs from the start. */
  readonly certificateLifetimeMs?: number | undefined;
  /** Which pump's pressures to keep, and how often; absent: none are. */
  readonly sampling?: Sampling | undefined;
}

export interface Sampling {
  readonly serial: string;
  readonly everyMs: number;
}

/** How a step ended for whoever took it. */
export interface StepResult {
  readonly outcome: StepOutcomeKind;
  /** In words, without keys, dates or ports. */
  readonly detail: string;
}

/** What hands do, and what the hospital's systems do: everything but the adversary's own connections. */
export type StageAction = Exclude<
  Action,
  ActionOf<'connect'> | ActionOf<'publish-command'> | ActionOf<'subscribe'> | ActionOf<'disconnect'>
>;

/** What an adversary connects with. */
export interface Foothold {
  readonly as: ActionOf<'connect'>['as'];
  readonly listener: 'tls' | 'plaintext';
}

/** A ward that was set up for one rehearsal. Implemented by the composition root. */
export interface Stage {
  /** Listeners that are open now. */
  listeners(): readonly ('tls' | 'plaintext')[];
  perform(action: StageAction): Promise<StepResult>;
  /**
   * Opens a session of the adversary's own over a real socket.
   *
   * @throws DialRefusedError if it gets none
   */
  connect(foothold: Foothold, clientId: string, handlers: LinkHandlers): Promise<Link>;
  /** What a pump is and does now. */
  snapshot(serial: string): PumpSnapshot;
  alarmActive(serial: string, alarm: string | undefined): boolean;
  evidence(): readonly EvidenceEvent[];
  /** All that was seen, without the steps, which the engine knows itself. */
  observe(): {
    readonly pumps: readonly Omit<PumpObservation, 'snapshots'>[];
    readonly intents: readonly Intent[];
    readonly evidence: readonly EvidenceEvent[];
    readonly storedRecords: readonly StoredRecord[];
    readonly detections: readonly Detection[];
  };
  /** Takes everything down: no socket, timer or file stays. */
  stop(): Promise<void>;
}

export type BuildStage = (setup: StageSetup) => Promise<Stage>;
