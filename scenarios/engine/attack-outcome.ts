import { isAlarming } from '../../protocol/index.ts';
import type { Attack, Bound } from '../format/attack.ts';
import { durationMs } from '../format/duration.ts';
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
  readonly withinBound: boolean;
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
  return {
    succeeded: predicates.every(({ held }) => held),
    predicates,
    harm,
    withinBound: isWithin(harm, attack.bound),
    detectedAfterMs,
    containedAfterMs,
    contained:
      containWithin !== undefined &&
      containedAfterMs !== null &&
      containedAfterMs <= durationMs(containWithin),
  };
}

/** Whether what is left of an attack is what its bound lets pass. */
export function isBounded({ succeeded, withinBound, contained }: AttackOutcome, bound: Bound): boolean {
  if (contained) return true;
  // A bound that names no harm at all says nothing about an attack that reached what it wanted.
  return withinBound && (!succeeded || namesHarm(bound));
}

function isWithin(harm: HarmFigures, bound: Bound): boolean {
  return HARM_FIGURES.every((figure) => harm[figure] <= bound[figure] + NOISE);
}

function namesHarm(bound: Bound): boolean {
  return HARM_FIGURES.some((figure) => bound[figure] > 0);
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
