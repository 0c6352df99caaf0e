import {
  drivenForMl,
  EXACT_MECHANISM,
  type Mechanism,
  type Movement,
  momentaryShare,
  movedMl,
} from './mechanism.ts';

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
  /** What the pump draws out of a closed supply before nothing more comes, in mL. */
  readonly supplyMl: number;
}

/** How fast a clamped-up line empties itself into the patient once it is opened, in mL/h: 0.5 mL in a second. */
export const RELEASE_ML_PER_H = 1_800;

/**
 * One channel at one instant. It holds until something changes it: between changes all are functions of time in
 * closed form. "Driven" is what the motor turned and the pump counts, "moved" what really went through.
 */
export interface ChannelPhysics extends Movement {
  /** From when on this holds. */
  readonly sinceMs: number;
  /** What the motor is told to drive. */
  readonly driveMlPerH: number;
  /** What the motor still drives before it stops of itself; `null` without end. */
  readonly budgetMl: number | null;
  /** Between pump and patient. */
  readonly clamped: boolean;
  /** Between bag and pump. */
  readonly supplyClamped: boolean;
  /** What the bag or syringe holds; drawn from a closed supply, it falls only once that is opened. */
  readonly reservoirMl: number;
  /** Drawn out of the closed supply and not yet refilled. */
  readonly drawnMl: number;
  /** Pushed into a clamped line and not yet in the patient. */
  readonly trappedMl: number;
  /** Air that has come to the detector since it was last cleared. */
  readonly airMicroL: number;
  /** Air in what is drawn from here on. */
  readonly airMicroLPerMl: number;
  /** All that ever went into the patient. */
  readonly deliveredMl: number;
}

/** A channel that stands still, with a full reservoir of that volume and a set just loaded. */
export function restingChannel(
  sinceMs: number,
  reservoirMl: number,
  mechanism: Mechanism = EXACT_MECHANISM,
): ChannelPhysics {
  return {
    sinceMs,
    driveMlPerH: 0,
    budgetMl: null,
    clamped: false,
    supplyClamped: false,
    share: 1,
    mechanism,
    reservoirMl,
    drawnMl: 0,
    trappedMl: 0,
    airMicroL: 0,
    airMicroLPerMl: 0,
    drivenMl: 0,
    settledMl: 0,
    deliveredMl: 0,
  };
}

/** The supply opened again: the bag refills what was drawn out of the closed part. */
export function openSupply(physics: ChannelPhysics): ChannelPhysics {
  if (!physics.supplyClamped) return physics;
  return {
    ...physics,
    supplyClamped: false,
    reservoirMl: Math.max(0, physics.reservoirMl - physics.drawnMl),
    drawnMl: 0,
  };
}

/** The volume in a clamped line at which the pressure reaches `pressureMmHg`. In mL. */
export function trappedAtMl(line: LineParameters, pressureMmHg: number): number {
  return (pressureMmHg - line.backPressureMmHg) * line.complianceMlPerMmHg;
}

/** Room smaller than this is the rounding of a sum, in mL. */
const NO_ROOM_ML = 1e-12;

/** What a bag still gives: in a closed supply the part of it that was not drawn yet. In mL moved. */
export function reservoirRoomMl(physics: ChannelPhysics): number {
  return physics.supplyClamped ? unlessRounding(physics.reservoirMl - physics.drawnMl) : physics.reservoirMl;
}

/** What a closed supply still gives, in mL moved. */
export function supplyRoomMl(physics: ChannelPhysics, line: LineParameters): number {
  return physics.supplyClamped ? unlessRounding(line.supplyMl - physics.drawnMl) : Number.POSITIVE_INFINITY;
}

/** What can still move before reservoir, supply or pressure stops the motor, in mL moved. */
export function movableMl(physics: ChannelPhysics, line: LineParameters): number {
  const untilStallMl = physics.clamped
    ? unlessRounding(trappedAtMl(line, line.stallMmHg) - physics.trappedMl)
    : Number.POSITIVE_INFINITY;
  return Math.min(reservoirRoomMl(physics), supplyRoomMl(physics, line), untilStallMl);
}

function unlessRounding(roomMl: number): number {
  return roomMl > NO_ROOM_ML ? roomMl : 0;
}

/** What the motor can still drive before something stops it: budget, reservoir, supply or pressure. In mL driven. */
export function drivableMl(physics: ChannelPhysics, line: LineParameters): number {
  const budgetMl = physics.budgetMl ?? Number.POSITIVE_INFINITY;
  const roomMl = movableMl(physics, line);
  return staysWithin(physics, budgetMl, roomMl) ? budgetMl : Math.min(budgetMl, drivenForMl(physics, roomMl));
}

/** Whether driving `byMl` more leaves room; without solving for the volume that would fill it. */
export function staysWithin(physics: ChannelPhysics, byMl: number, roomMl: number): boolean {
  if (!(roomMl > 0)) return false;
  return physics.share === 0 || (byMl < Number.POSITIVE_INFINITY && movedMl(physics, byMl) < roomMl);
}

/** Whether nothing stops the motor at this very instant. */
function canDrive(physics: ChannelPhysics, line: LineParameters): boolean {
  return (physics.budgetMl === null || physics.budgetMl > 0) && movableMl(physics, line) > 0;
}

/**
 * The channel as it is at `atMs`, exact for any distance in time. A time before `sinceMs` gives the state unchanged:
 * the past is in the flow history.
 */
export function advance(physics: ChannelPhysics, line: LineParameters, atMs: number): ChannelPhysics {
  const hours = (atMs - physics.sinceMs) / MS_PER_H;
  if (!(hours > 0)) return physics;
  const { clamped, supplyClamped, budgetMl, trappedMl } = physics;
  let byMl = physics.driveMlPerH * hours;
  if (budgetMl !== null && byMl > budgetMl) byMl = budgetMl;
  let moved = 0;
  if (byMl > 0) {
    moved = movedMl(physics, byMl);
    const roomMl = movableMl(physics, line);
    if (!(moved < roomMl)) {
      // The inverse costs a search: only here, where something really stops the motor.
      byMl = Math.min(byMl, drivenForMl(physics, roomMl));
      moved = roomMl;
    }
  }
  const releasedMl = clamped ? 0 : Math.min(trappedMl, RELEASE_ML_PER_H * hours);
  return {
    sinceMs: atMs,
    driveMlPerH: physics.driveMlPerH,
    budgetMl: budgetMl === null ? null : Math.max(0, budgetMl - byMl),
    clamped,
    supplyClamped,
    share: physics.share,
    mechanism: physics.mechanism,
    reservoirMl: supplyClamped ? physics.reservoirMl : Math.max(0, physics.reservoirMl - moved),
    drawnMl: supplyClamped ? physics.drawnMl + moved : physics.drawnMl,
    trappedMl: clamped ? trappedMl + moved : trappedMl - releasedMl,
    airMicroL: physics.airMicroL + physics.airMicroLPerMl * moved,
    airMicroLPerMl: physics.airMicroLPerMl,
    drivenMl: physics.drivenMl + byMl,
    settledMl: physics.settledMl + byMl,
    deliveredMl: physics.deliveredMl + (clamped ? 0 : moved) + releasedMl,
  };
}

/** What the motor drives from the instant of this state on, as the pump counts it: 0 once something stopped it. */
export function motorMlPerH(physics: ChannelPhysics, line: LineParameters): number {
  return physics.driveMlPerH > 0 && canDrive(physics, line) ? physics.driveMlPerH : 0;
}

/** What flows into the patient from the instant of this state on, in mL/h. */
export function flowMlPerH(physics: ChannelPhysics, line: LineParameters): number {
  if (physics.clamped) return 0;
  const movingMlPerH = motorMlPerH(physics, line) * momentaryShare(physics);
  return movingMlPerH + (physics.trappedMl > 0 ? RELEASE_ML_PER_H : 0);
}

/**
 * The pressure downstream of the pump at the instant of this state, in mmHg. Known limit: the share that comes from
 * the flow vanishes the moment the line is clamped, a few mmHg at usual rates.
 */
export function pressureMmHg(physics: ChannelPhysics, line: LineParameters): number {
  const elasticMmHg = physics.trappedMl / line.complianceMlPerMmHg;
  const movingMlPerH = physics.clamped ? 0 : motorMlPerH(physics, line) * momentaryShare(physics);
  return line.backPressureMmHg + elasticMmHg + movingMlPerH * line.resistanceMmHgPerMlPerH;
}
