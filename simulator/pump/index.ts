export { ALARM_KINDS, type AlarmName, SILENCE_MS } from './alarms.ts';
export {
  BEDSIDE_ROLES,
  type BedsideAction,
  type BedsideResult,
  type BedsideRole,
  type PhysicalEvent,
  type Programme,
} from './bedside.ts';
export type { Fact } from './facts.ts';
export { deliverableRateMlPerH, judgeBolus, judgeProgramme, judgeRate, type LimitVerdict } from './limits.ts';
export { Pump, type PumpOptions, type Refusal } from './pump.ts';
export type { ActiveAlarm, ChannelReading, FlowSegment, PumpReading } from './reading.ts';
