/** Milliseconds in an hour: rates are per hour, the clock counts milliseconds. */
export const MS_PER_H = 3_600_000;

/** How a line answers, per pump model. */
export interface LineParameters {
  /** Volume that the tubing takes up per pressure, in mL/mmHg. */
  readonly complianceMlPerMmHg: number;
  /** Pressure of the vein, in mmHg. */
  readonly backPressureMmHg: number;
  /** Pressure that an open line adds per flow, in mmHg per mL/h. */
  readonly resistanceMmHgPerMlPerH: number;
  /** Pressure against which the motor moves nothing more, in mmHg; an alarm should come long before. */
  readonly stallMmHg: number;
}

/** How fast a clamped-up line empties itself into the patient once it is opened, in mL/h: 0.5 mL in a second. */
export const RELEASE_ML_PER_H = 1_800;

/** One channel at one instant. It holds until something changes it: between changes all is piecewise linear. */
export interface ChannelPhysics {
  /** From when on this holds. */
  readonly sinceMs: number;
  /** What the motor is told to drive. */
  readonly driveMlPerH: number;
  /** What the motor still drives before it stops of itself; `null` without end. */
  readonly budgetMl: number | null;
  readonly clamped: boolean;
  readonly reservoirMl: number;
  /** Pushed into a clamped line and not yet in the patient. */
  readonly trappedMl: number;
  /** All that the motor ever drove. */
  readonly drivenMl: number;
  /** All that ever went into the patient. */
  readonly deliveredMl: number;
}

/** A channel that stands still, with a full reservoir of that volume. */
export function restingChannel(sinceMs: number, reservoirMl: number): ChannelPhysics {
  return {
    sinceMs,
    driveMlPerH: 0,
    budgetMl: null,
    clamped: false,
    reservoirMl,
    trappedMl: 0,
    drivenMl: 0,
    deliveredMl: 0,
  };
}

/** What the motor can still drive before something stops it: budget, reservoir or pressure. In mL. */
export function drivableMl(physics: ChannelPhysics, line: LineParameters): number {
  const untilStallMl = physics.clamped
    ? Math.max(0, trappedAtMl(line, line.stallMmHg) - physics.trappedMl)
    : Number.POSITIVE_INFINITY;
  return Math.min(physics.reservoirMl, physics.budgetMl ?? Number.POSITIVE_INFINITY, untilStallMl);
}

/** The volume in a clamped line at which the pressure reaches `pressureMmHg`. In mL. */
export function trappedAtMl(line: LineParameters, pressureMmHg: number): number {
  return (pressureMmHg - line.backPressureMmHg) * line.complianceMlPerMmHg;
}

/**
 * The channel as it is at `atMs`, exact for any distance in time. A time before `sinceMs` gives the state unchanged:
 * the past is in the flow history.
 */
export function advance(physics: ChannelPhysics, line: LineParameters, atMs: number): ChannelPhysics {
  const hours = (atMs - physics.sinceMs) / MS_PER_H;
  if (!(hours > 0)) return physics;
  const drivenMl = Math.min(physics.driveMlPerH * hours, drivableMl(physics, line));
  const releasedMl = physics.clamped ? 0 : Math.min(physics.trappedMl, RELEASE_ML_PER_H * hours);
  return {
    sinceMs: atMs,
    driveMlPerH: physics.driveMlPerH,
    budgetMl: physics.budgetMl === null ? null : Math.max(0, physics.budgetMl - drivenMl),
    clamped: physics.clamped,
    reservoirMl: Math.max(0, physics.reservoirMl - drivenMl),
    trappedMl: physics.clamped ? physics.trappedMl + drivenMl : physics.trappedMl - releasedMl,
    drivenMl: physics.drivenMl + drivenMl,
    deliveredMl: physics.deliveredMl + (physics.clamped ? 0 : drivenMl) + releasedMl,
  };
}

/** What flows into the patient from the instant of this state on, in mL/h. */
export function flowMlPerH(physics: ChannelPhysics, line: LineParameters): number {
  if (physics.clamped) return 0;
  const drivenMlPerH = drivableMl(physics, line) > 0 ? physics.driveMlPerH : 0;
  return drivenMlPerH + (physics.trappedMl > 0 ? RELEASE_ML_PER_H : 0);
}

/**
 * The pressure downstream of the pump at the instant of this state, in mmHg. Known limit: the share that comes from
 * the flow vanishes the moment the line is clamped, a few mmHg at usual rates.
 */
export function pressureMmHg(physics: ChannelPhysics, line: LineParameters): number {
  const elasticMmHg = physics.trappedMl / line.complianceMlPerMmHg;
  const movingMlPerH = !physics.clamped && drivableMl(physics, line) > 0 ? physics.driveMlPerH : 0;
  return line.backPressureMmHg + elasticMmHg + movingMlPerH * line.resistanceMmHgPerMlPerH;
}
