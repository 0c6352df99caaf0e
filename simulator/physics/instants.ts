import { type ChannelPhysics, drivableMl, type LineParameters, MS_PER_H, trappedAtMl } from './channel.ts';

/**
 * When something physical happens next if nothing else changes, in milliseconds of the clock (with fractions), or
 * `null` if it never does. A time at or before `sinceMs` means that it is so already.
 */
type Instant = number | null;

/** When the motor has driven `volumeMl` more. */
export function whenDriven(physics: ChannelPhysics, line: LineParameters, volumeMl: number): Instant {
  if (!(physics.driveMlPerH > 0) || volumeMl > drivableMl(physics, line)) return null;
  return physics.sinceMs + (Math.max(0, volumeMl) / physics.driveMlPerH) * MS_PER_H;
}

/** When the budget (the volume to be infused, or a bolus) has been driven. */
export function whenBudgetSpent(physics: ChannelPhysics, line: LineParameters): Instant {
  return physics.budgetMl === null ? null : whenDriven(physics, line, physics.budgetMl);
}

/** `minutes` before the budget has been driven. */
export function whenNearBudget(physics: ChannelPhysics, line: LineParameters, minutes: number): Instant {
  const spentMs = whenBudgetSpent(physics, line);
  return spentMs === null ? null : spentMs - minutes * 60_000;
}

/** When the reservoir is empty. */
export function whenReservoirEmpty(physics: ChannelPhysics, line: LineParameters): Instant {
  return whenDriven(physics, line, physics.reservoirMl);
}

/** `minutes` before the reservoir is empty. */
export function whenReservoirLow(physics: ChannelPhysics, line: LineParameters, minutes: number): Instant {
  const emptyMs = whenReservoirEmpty(physics, line);
  return emptyMs === null ? null : emptyMs - minutes * 60_000;
}

/** When the pressure in a clamped line reaches the limit: the time goes as 1/rate. */
export function whenOccluded(physics: ChannelPhysics, line: LineParameters, limitMmHg: number): Instant {
  if (!physics.clamped) return null;
  return whenDriven(physics, line, trappedAtMl(line, limitMmHg) - physics.trappedMl);
}
