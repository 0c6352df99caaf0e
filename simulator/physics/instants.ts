import {
  type ChannelPhysics,
  type LineParameters,
  MS_PER_H,
  movableMl,
  reservoirRoomMl,
  supplyRoomMl,
  trappedAtMl,
} from './channel.ts';
import { drivenForMl, movedMl } from './mechanism.ts';

/**
 * When something physical happens next if nothing else changes, in milliseconds of the clock (with fractions), or
 * `null` if it never does. A time at or before `sinceMs` means that it is so already.
 */
type Instant = number | null;

/** When the motor has driven `byMl` more; whoever asks has seen that nothing stops it before. */
function afterDriving(physics: ChannelPhysics, byMl: number): Instant {
  if (byMl === Number.POSITIVE_INFINITY) return null;
  return physics.sinceMs + (byMl / physics.driveMlPerH) * MS_PER_H;
}

/** When the mechanism has really moved `volumeMl` more. */
function whenMoved(physics: ChannelPhysics, line: LineParameters, volumeMl: number): Instant {
  const { driveMlPerH, budgetMl } = physics;
  if (!(driveMlPerH > 0)) return null;
  if (!(volumeMl > 0)) return physics.sinceMs;
  if (volumeMl > movableMl(physics, line)) return null;
  if (budgetMl !== null && movedMl(physics, budgetMl) < volumeMl) return null;
  return afterDriving(physics, drivenForMl(physics, volumeMl));
}

/** When the budget (the volume to be infused, or a bolus) has been driven. */
export function whenBudgetSpent(physics: ChannelPhysics, line: LineParameters): Instant {
  const { budgetMl, driveMlPerH } = physics;
  if (budgetMl === null || !(driveMlPerH > 0)) return null;
  const roomMl = movableMl(physics, line);
  if (budgetMl > 0 && (roomMl === 0 || movedMl(physics, budgetMl) > roomMl)) return null;
  return afterDriving(physics, budgetMl);
}

/** `minutes` before the budget has been driven. */
export function whenNearBudget(physics: ChannelPhysics, line: LineParameters, minutes: number): Instant {
  const spentMs = whenBudgetSpent(physics, line);
  return spentMs === null ? null : spentMs - minutes * 60_000;
}

/** When the reservoir is empty. */
export function whenReservoirEmpty(physics: ChannelPhysics, line: LineParameters): Instant {
  return whenMoved(physics, line, reservoirRoomMl(physics));
}

/** `minutes` before the reservoir is empty. */
export function whenReservoirLow(physics: ChannelPhysics, line: LineParameters, minutes: number): Instant {
  const emptyMs = whenReservoirEmpty(physics, line);
  return emptyMs === null ? null : emptyMs - minutes * 60_000;
}

/** When the pressure in a clamped line reaches the limit: the time goes as 1/rate. */
export function whenOccluded(physics: ChannelPhysics, line: LineParameters, limitMmHg: number): Instant {
  if (!physics.clamped) return null;
  return whenMoved(physics, line, trappedAtMl(line, limitMmHg) - physics.trappedMl);
}

/** When all has been drawn out of a closed supply that comes out of it; never while it is open. */
export function whenSupplyDrawn(physics: ChannelPhysics, line: LineParameters): Instant {
  return whenMoved(physics, line, supplyRoomMl(physics, line));
}

/** When so much air has come to the detector. */
export function whenAirReaches(physics: ChannelPhysics, line: LineParameters, limitMicroL: number): Instant {
  const missingMicroL = limitMicroL - physics.airMicroL;
  if (missingMicroL > 0 && !(physics.airMicroLPerMl > 0)) return null;
  return whenMoved(physics, line, missingMicroL > 0 ? missingMicroL / physics.airMicroLPerMl : 0);
}
