export {
  type BatteryParameters,
  type BatteryPhysics,
  batteryAt,
  type Load,
  slopePercentPerH,
  whenMinutesLeft,
} from './battery.ts';
export {
  advance,
  type ChannelPhysics,
  drivableMl,
  flowMlPerH,
  type LineParameters,
  MS_PER_H,
  pressureMmHg,
  RELEASE_ML_PER_H,
  restingChannel,
  trappedAtMl,
} from './channel.ts';
export { type FlowStretch, flowStretches, integrateMl } from './flow-history.ts';
export {
  whenBudgetSpent,
  whenDriven,
  whenNearBudget,
  whenOccluded,
  whenReservoirEmpty,
  whenReservoirLow,
} from './instants.ts';
