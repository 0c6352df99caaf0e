export {
  type BatteryParameters,
  type BatteryPhysics,
  batteryAt,
  batteryPercentAt,
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
  motorMlPerH,
  openSupply,
  pressureMmHg,
  restingChannel,
  trappedAtMl,
} from './channel.ts';
export { type FlowStretch, flowStretches, integrateMl } from './flow-history.ts';
export {
  whenAirReaches,
  whenBudgetSpent,
  whenNearBudget,
  whenOccluded,
  whenReservoirEmpty,
  whenReservoirLow,
  whenSupplyDrawn,
} from './instants.ts';
export { type AccuracyParameters, drawMechanism, EXACT_MECHANISM, type Mechanism } from './mechanism.ts';
