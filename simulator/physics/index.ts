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
  flowMlPerH,
  type LineParameters,
  MS_PER_H,
  pressureMmHg,
  restingChannel,
  trappedAtMl,
} from './channel.ts';
export { type FlowStretch, flowStretches, integrateMl } from './flow-history.ts';
export {
  whenBudgetSpent,
  whenNearBudget,
  whenOccluded,
  whenReservoirEmpty,
  whenReservoirLow,
} from './instants.ts';
