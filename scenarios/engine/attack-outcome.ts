import { isAlarming } from '../../protocol/index.ts';
import type { Attack, Bound } from '../format/attack.ts';
import { durationMs } from '../format/duration.ts';
import type { Expectation, Measure } from '../format/measures.ts';
import type { Step } from '../format/steps.ts';
import { consequencesOf } from './consequences.ts';
import { type JudgedExpectation, judge } from './expectations.ts';
import { harmOf } from './harm.ts';
import type { Observation } from './observation.ts';
import { isOfRed, redTouch } from './red-touch.ts';

/** Harm of one run, in the figures that an attack's bound names. */
export type HarmFigures = Readonly<Record<Exclude<keyof Bound, 'containWithin'>, number>>;

/** What an attack came to in one run, by what was seen of pumps, records and access. */
export interface AttackOutcome {
  readonly succeeded: boolean;
  readonly predicates: readonly JudgedExpectation[];
  readonly harm: HarmFigures;
  /** Harm is within the bound; where the attack succeeded, that counts only if the bound speaks of what it succeeded in. */
  readonly withinBound: boolean;
  /** Figures of that kind whose bound is not below what this run came to: a bare run shows by them that a bound lets all pass. */
  readonly looseBounds: readonly (keyof HarmFigures)[];
  /** Steps of the adversary that broke down by themselves: such a run shows nothing of what stood against it. */
  readonly brokenSteps: readonly string[];
  /** From the first red step to the first alert about what the adversary touched; `null`: nobody noticed. */
  readonly detectedAfterMs: number | null;
  /** From the first red step to the end of what the adversary could do; `null`: nobody ended it. */
  readonly containedAfterMs: number | null;
  /** Noticed and ended in the time that the attack's bound gives. */
  readonly contained: boolean;
}

/** The figures of harm that a bound names. */
export const HARM_FIGURES = [
  'overMl',
  'underMl',
  'recordsRead',
  'alarmsMissed',
  'offlinePumpMinutes',
] as const satisfies readonly (keyof HarmFigures)[];

/** Which figure of harm a measure of success speaks of. Others speak of none: reaching what they say is all of it, and no bound excuses it. */
const SPOKEN_OF: Readonly<Partial<Record<Measure, keyof HarmFigures>>> = {
  'delivered-over-order': 'overMl',
  'delivered-under-order': 'underMl',
  'records-read': 'recordsRead',
  'alarms-missed': 'alarmsMissed',
  'alarms-late': 'alarmsMissed',
  supervision: 'offlinePumpMinutes',
  'out-of-touch': 'offlinePumpMinutes',
};

/** Volumes below this are the noise of sums. */
const NOISE = 1e-6;

export function attackOutcome(
  attack: Attack,
  steps: readonly Step[],
  observation: Observation,
): AttackOutcome {
  const predicates = attack.success.map((predicate) => judge(predicate, observation));
  const harm = harmFigures(observation);
  const red = redTouch(steps, observation);
  const redTimesMs = red.touches.map(({ atMs }) => atMs);
  const firstRedMs = redTimesMs.length === 0 ? undefined : Math.min(...redTimesMs);
  const alertMs = observation.detections.find(
    (alert) => isAlarming(alert.level) && isOfRed(red, alert),
  )?.atMs;
  const detectedAfterMs = alertMs === undefined || firstRedMs === undefined ? null : alertMs - firstRedMs;
  const endedMs = observation.containedAtMs;
  const containedAfterMs =
    endedMs === null || endedMs === undefined || firstRedMs === undefined || detectedAfterMs === null
      ? null
      : endedMs - firstRedMs;
  const { containWithin } = attack.bound;
  const succeeded = predicates.every(({ held }) => held);
  const spoken = spokenOf(attack.success).filter((figure) => attack.bound[figure] > 0);
  return {
    succeeded,
    predicates,
    harm,
    // A bound on something else says nothing about an attack that reached what it wanted.
    withinBound: isWithin(harm, attack.bound) && (!succeeded || spoken.length > 0),
    looseBounds: succeeded ? spoken.filter((figure) => harm[figure] <= attack.bound[figure] + NOISE) : [],
    brokenSteps: brokenSteps(steps, observation),
    detectedAfterMs,
    containedAfterMs,
    contained:
      containWithin !== undefined &&
      containedAfterMs !== null &&
      containedAfterMs <= durationMs(containWithin),
  };
}

/** What is not over in the end was held up until then, as by a keypad that locks, and did not break down. */
function brokenSteps(steps: readonly Step[], { steps: outcomes, endMs }: Observation): readonly string[] {
  const red = new Set(steps.filter(({ team }) => team === 'red').map(({ id }) => id));
  return outcomes
    .filter(({ stepId, outcome, atMs }) => red.has(stepId) && outcome === 'failed' && atMs < endMs)
    .map(({ stepId }) => stepId);
}

/** Whether what is left of an attack is what its bound lets pass. */
export function isBounded({ withinBound, contained }: AttackOutcome): boolean {
  return contained || withinBound;
}

function spokenOf(success: readonly Expectation[]): readonly (keyof HarmFigures)[] {
  return [...new Set(success.flatMap(({ measure }) => SPOKEN_OF[measure] ?? []))];
}

function isWithin(harm: HarmFigures, bound: Bound): boolean {
  return HARM_FIGURES.every((figure) => harm[figure] <= bound[figure] + NOISE);
}

function harmFigures(observation: Observation): HarmFigures {
  const channels = harmOf(observation);
  const { recordsRead, alarmsMissed, offlinePumpMinutes } = consequencesOf(observation);
  return {
    overMl: Math.max(0, ...channels.map(({ overMl }) => overMl)),
    underMl: Math.max(0, ...channels.map(({ underMl }) => underMl)),
    recordsRead: recordsRead.persons,
    alarmsMissed,
    offlinePumpMinutes,
  };
}
