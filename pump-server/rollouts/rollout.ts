import type { RolloutPlan, Serial } from '../../protocol/index.ts';

/**
 * How far one pump is. `waiting`: its wave has not begun, or it has not been reached; `offered`: it may take the update;
 * `staged`: it has it and waits for standby; `applying`: it is being updated, and its link is gone; `observed`: it runs the new version and
 * is watched; `passed`, `failed`: over; `reverted`: back on what it had, after a back-out.
 */
export const PUMP_STAGES = [
  'waiting',
  'offered',
  'staged',
  'applying',
  'observed',
  'passed',
  'failed',
  'reverted',
] as const;
export type PumpStage = (typeof PUMP_STAGES)[number];

/** One pump in a rollout. */
export interface RolloutPump {
  readonly serial: Serial;
  /** Index of its wave. */
  readonly wave: number;
  readonly stage: PumpStage;
  /** Since when it is in that stage. */
  readonly sinceMs: number;
  readonly link: 'online' | 'offline';
  /** What ran when the rollout began; `null`: nobody knew. */
  readonly from: string | null;
  /** What it said last. */
  readonly firmware: string | null;
  /** Alarms of medium or high priority that it raised since the update; `null`: its log has not come to the update yet. */
  readonly newAlarms: number | null;
  /** Why it failed, or why it does not take the update now. */
  readonly reason: string | null;
}

/**
 * `running`; `paused`: by somebody; `halted`: a gate failed; both offer nothing new, and what is under way is finished;
 * `aborted`: what is not applied yet is taken back; `backing-out`: those that have it are offered what ran before; `backed-out`,
 * `completed`: over.
 */
export const ROLLOUT_PHASES = [
  'running',
  'paused',
  'halted',
  'aborted',
  'backing-out',
  'backed-out',
  'completed',
] as const;
export type RolloutPhase = (typeof ROLLOUT_PHASES)[number];

/** Whether another one of the model may begin. */
export function isEnded(phase: RolloutPhase): boolean {
  return phase === 'aborted' || phase === 'backed-out' || phase === 'completed';
}

/**
 * Whether a pump has the update of this rollout, or is about to, and would have to go back. Whatever stage it is in, one that says that it
 * runs it has it; one that ran the version before the rollout has it from elsewhere.
 */
export function hasUpdate({ stage, firmware, from }: RolloutPump, { version }: RolloutPlan): boolean {
  if (from === version) return false;
  return stage === 'applying' || stage === 'observed' || firmware === version;
}

/** A rollout as it stands; what is stored, and all that is needed to go on. */
export interface Rollout {
  readonly plan: RolloutPlan;
  readonly phase: RolloutPhase;
  /** The wave that has begun last. */
  readonly wave: number;
  /** Why it is paused, halted or ended. */
  readonly reason: string | null;
  readonly startedAtMs: number;
  readonly changedAtMs: number;
  readonly pumps: readonly RolloutPump[];
}

/** A pump of the inventory, as a rollout begins with it. */
export interface KnownPump {
  readonly serial: Serial;
  readonly link: 'online' | 'offline';
  readonly firmware: string | null;
}

/**
 * A rollout at its beginning: every pump in its wave. Pumps that no wave takes are left out; pumps of the plan that nobody knows are in it,
 * offline, and catch up when they come.
 */
export function beginRollout(plan: RolloutPlan, known: readonly KnownPump[], atMs: number): Rollout {
  const bySerial = new Map(known.map((pump) => [pump.serial, pump]));
  const waveOf = new Map<Serial, number>();
  for (const [index, { pumps }] of plan.waves.entries()) {
    for (const serial of pumps ?? []) waveOf.set(serial, index);
  }
  const rest = known
    .map(({ serial }) => serial)
    .filter((serial) => !waveOf.has(serial))
    .sort();
  for (const [index, { share }] of plan.waves.entries()) {
    if (share === undefined) continue;
    for (const serial of rest.splice(0, Math.ceil(rest.length * share))) waveOf.set(serial, index);
  }
  const pumps = [...waveOf]
    .sort(([a, left], [b, right]) => left - right || (a < b ? -1 : 1))
    .map(([serial, wave]): RolloutPump => {
      const { link = 'offline', firmware = null } = bySerial.get(serial) ?? {};
      return {
        serial,
        wave,
        // Who has it already has nothing to do.
        stage: firmware === plan.version ? 'passed' : 'waiting',
        sinceMs: atMs,
        link,
        from: firmware,
        firmware,
        newAlarms: null,
        reason: null,
      };
    });
  return { plan, phase: 'running', wave: 0, reason: null, startedAtMs: atMs, changedAtMs: atMs, pumps };
}
