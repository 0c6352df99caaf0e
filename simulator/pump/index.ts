export { type AlarmName, alarmText, SILENCE_MS } from './alarms.ts';
export {
  type BedsideAction,
  type BedsideResult,
  type BedsideRole,
  BREAK_GLASS_REASONS,
  type PhysicalEvent,
  type PhysicalResult,
} from './bedside.ts';
export type { AccessCodes } from './context.ts';
export { ESSENTIAL_PERFORMANCE } from './essential.ts';
export type { Fact } from './facts.ts';
export type { ApplyWindow } from './firmware-slots.ts';
export type { LimitVerdict } from './limit-verdict.ts';
export { deliverableRateMlPerH, judgeProgramme, judgeRate, type LimitQuestion } from './limits.ts';
export type { LoadingDose, PcaSettings, Programme, ProgrammeEntry } from './programme.ts';
export { resolveProgramme } from './programming.ts';
export { Pump, type PumpOptions, type Refusal, type Written } from './pump.ts';
export type { ActiveAlarm, ChannelReading, FlowSegment, PumpReading, TelemetrySample } from './reading.ts';
export { endsFirst, type Running } from './running.ts';
export { type PumpSetting, whyNotSet } from './settings.ts';
export { showBack, shownAmount, shownDose, shownTime } from './show-back.ts';
