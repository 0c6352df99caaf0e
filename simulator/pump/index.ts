export { type AlarmName, SILENCE_MS } from './alarms.ts';
export type {
  BedsideAction,
  BedsideResult,
  BedsideRole,
  PhysicalEvent,
  Programme,
} from './bedside.ts';
export type { Fact } from './facts.ts';
export { deliverableRateMlPerH, judgeProgramme, judgeRate, type LimitVerdict } from './limits.ts';
export { Pump, type PumpOptions, type Refusal } from './pump.ts';
export type { ActiveAlarm, ChannelReading, FlowSegment, PumpReading } from './reading.ts';
