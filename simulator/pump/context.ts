import type { DrugLibrary } from '../../protocol/drug-library/index.ts';
import type { FirmwarePersonality } from '../../protocol/firmware/index.ts';
import type { ConfiguredSettings, TherapyState } from '../../protocol/index.ts';
import type { PumpModel } from '../models/index.ts';
import {
  advance,
  type BatteryPhysics,
  batteryAt,
  type ChannelPhysics,
  type Load,
  type Mechanism,
  restingChannel,
  slopePercentPerH,
} from '../physics/index.ts';
import type { AlarmName, HeldAlarm } from './alarms.ts';
import type { EssentialPerformance } from './essential.ts';
import type { Fault } from './faults.ts';
import { deliveredFirmware, type FirmwareContext } from './firmware-slots.ts';
import type { Programme } from './programme.ts';
import type { PumpSettings } from './settings.ts';

/** Where a channel's therapy is; the reading shows `selfTest` for `off` while the pump tests itself. */
export type TherapyMode =
  | Exclude<TherapyState, 'selfTest' | 'infusing'>
  | 'loading'
  | 'primary'
  | 'secondary'
  | 'bolus'
  | 'pcaDose';

export type PowerMode = 'off' | 'selfTest' | 'updating' | 'on' | 'failed';

export type AccessMode = 'unlocked' | 'locked' | 'lockedOut' | 'service';

/** What an infusion goes back to after a pause or an alarm. */
export type Phase = 'loading' | 'primary' | 'secondary' | 'keepVeinOpen';

/** A demand dose, a loading dose or a clinician's bolus of a PCA pump. */
export interface GivenDose {
  readonly atMs: number;
  readonly volumeMl: number;
  /** When the last of it has flowed if nothing interrupts it. */
  readonly untilMs: number;
}

/** Continuous rates of a PCA pump that ran before, and until when. */
export type EarlierRates = readonly { readonly untilMs: number; readonly rateMlPerH: number }[];

export interface ChannelContext {
  readonly id: string;
  /** A copy of the region's state, written on entry, for guards and functions that see only the context. */
  readonly mode: TherapyMode;
  readonly physics: ChannelPhysics;
  readonly programme: Programme | null;
  /** The motor's total when the programme started: what it drove since is the programme's. */
  readonly drivenAtStartMl: number;
  /** A piggyback programme; `beganAtMl` is the motor's total at its start, `null` while it waits. */
  readonly secondary: { readonly programme: Programme; readonly beganAtMl: number | null } | null;
  /** Content of the second bag while it hangs and does not run; `null`: none hangs. */
  readonly secondaryBagMl: number | null;
  /** Content of the first bag while the second one runs. */
  readonly primaryBagMl: number | null;
  /** What was interrupted, and what was left of a loading dose or a secondary then. */
  readonly interrupted: { readonly phase: Phase; readonly leftMl: number | null };
  /** The alarm that stopped the channel, and when; `null` if none did. */
  readonly stopped: { readonly by: AlarmName; readonly atMs: number } | null;
  /** When the channel last started again by itself. */
  readonly restartsMs: readonly number[];
  /** What is kept of a programme that a loss of power ended. */
  readonly retained: { readonly programme: Programme; readonly leftMl: number; readonly atMs: number } | null;
  readonly settings: PumpSettings;
  /** What the set is said to deliver of what is programmed: `next` from the next start on, `now` since the last one; 1 as it should. */
  readonly calibration: { readonly next: number; readonly now: number };
  readonly syringeMl: number | null;
  readonly faults: readonly Fault[];
  /** Since when the flow is off by more than a tenth; `null` if it is not. */
  readonly flowOffSinceMs: number | null;
  /** Said once per programme and container. */
  readonly toldNearEnd: boolean;
  readonly toldReservoirLow: boolean;
  /** Since when somebody is expected to press a key; `null` if nobody is. */
  readonly waitingSinceMs: number | null;
  readonly toldIdle: boolean;
  /** Within the accumulated window of a PCA pump, oldest first. */
  readonly doses: readonly GivenDose[];
  readonly earlierRates: EarlierRates;
}

/** What is wrong with the pump as a whole. */
export interface DeviceState {
  readonly keyStuckSinceMs: number | null;
  readonly hungSinceMs: number | null;
  readonly watchdogBarked: boolean;
  readonly celsius: number;
  readonly batteryFailed: boolean;
}

/** All that the machine knows. Plain data: nothing in it refers to the outside. */
export interface PumpContext {
  readonly model: PumpModel;
  readonly power: {
    /** A copy of the region's state, as for a channel. */
    readonly mode: PowerMode;
    /** When the self-test or the update under way ends. */
    readonly busyUntilMs: number | null;
    /** Where an update leads back to. */
    readonly afterTest: 'on' | 'off';
    readonly selfTestMs: number;
    readonly mains: boolean;
    readonly warning: 'ok' | 'low' | 'depleted';
    /** That there is no supply at all was said; mains or another battery takes it back. */
    readonly toldNoSupply: boolean;
  };
  readonly battery: BatteryPhysics;
  readonly device: DeviceState;
  readonly channels: Readonly<Record<string, ChannelContext>>;
  readonly alarms: readonly HeldAlarm[];
  readonly library: {
    readonly inUse: DrugLibrary | null;
    readonly pending: DrugLibrary | null;
    /** The memory of the limits has failed, and no other library has taken its place. */
    readonly failed: boolean;
  };
  readonly firmware: FirmwareContext;
  /** Essential performance that this pump lacks: none, but in a counterfactual. */
  readonly lacks: readonly EssentialPerformance[];
  /** In the settings memory, which needs no supply; `null`: as the model comes. */
  readonly configuration: HeldConfiguration | null;
  readonly access: {
    readonly mode: AccessMode;
    readonly codes: AccessCodes;
    readonly wrongCodes: number;
    /** When a lockout ends. */
    readonly untilMs: number | null;
    /** The control `keypad-lockout`. */
    readonly locksOut: boolean;
  };
}

/** The device configuration that a pump goes by. */
export interface HeldConfiguration {
  readonly id: string;
  readonly version: string;
  readonly sequence: number;
  /** Alarm settings are what channels begin with; the rest is kept for the communication subsystem. */
  readonly settings: ConfiguredSettings;
}

/** Fictitious, drawn for each pump. */
export interface AccessCodes {
  readonly nurse: string;
  readonly biomed: string;
}

export interface PumpInput {
  readonly atMs: number;
  readonly model: PumpModel;
  readonly library: DrugLibrary | null;
  readonly firmware: FirmwarePersonality;
  readonly batteryPercent: number;
  readonly reservoirMl: number;
  readonly selfTestMs: number;
  readonly codes: AccessCodes;
  readonly locksOut: boolean;
  readonly lacks?: readonly EssentialPerformance[];
  /** By channel. */
  readonly mechanisms: Readonly<Record<string, Mechanism>>;
}

export function initialContext(input: PumpInput): PumpContext {
  const channels: Record<string, ChannelContext> = {};
  for (const id of input.model.channels) channels[id] = initialChannel(id, input);
  return withLoad(
    {
      model: input.model,
      power: {
        mode: 'off',
        busyUntilMs: null,
        afterTest: 'on',
        selfTestMs: input.selfTestMs,
        mains: true,
        warning: 'ok',
        toldNoSupply: false,
      },
      battery: { sinceMs: input.atMs, percent: input.batteryPercent, slopePercentPerH: 0 },
      device: {
        keyStuckSinceMs: null,
        hungSinceMs: null,
        watchdogBarked: false,
        celsius: 22,
        batteryFailed: false,
      },
      channels,
      alarms: [],
      library: { inUse: input.library, pending: null, failed: false },
      firmware: deliveredFirmware(input.firmware),
      lacks: input.lacks ?? [],
      configuration: null,
      access: {
        mode: 'unlocked',
        codes: input.codes,
        wrongCodes: 0,
        untilMs: null,
        locksOut: input.locksOut,
      },
    },
    input.atMs,
  );
}

export const NOTHING_INTERRUPTED = { phase: 'primary', leftMl: null } as const;

function initialChannel(id: string, input: PumpInput): ChannelContext {
  const { model } = input;
  return {
    id,
    mode: 'off',
    physics: restingChannel(input.atMs, input.reservoirMl, input.mechanisms[id]),
    programme: null,
    drivenAtStartMl: 0,
    secondary: null,
    secondaryBagMl: null,
    primaryBagMl: null,
    interrupted: NOTHING_INTERRUPTED,
    stopped: null,
    restartsMs: [],
    retained: null,
    settings: presetSettings(model, null),
    calibration: { next: 1, now: 1 },
    syringeMl: model.syringes?.at(-1)?.sizeMl ?? null,
    faults: [],
    flowOffSinceMs: null,
    toldNearEnd: false,
    toldReservoirLow: false,
    waitingSinceMs: null,
    toldIdle: false,
    doses: [],
    earlierRates: [],
  };
}

/** What a channel is set to for a new patient: as the configuration has it, or else as the model comes. */
export function presetSettings(model: PumpModel, configuration: HeldConfiguration | null): PumpSettings {
  const alarms: ConfiguredSettings['alarms'] = configuration?.settings.alarms ?? {};
  return {
    occlusionLimitMmHg: alarms.occlusionLimitMmHg ?? model.occlusionMmHg.preset,
    airLimitMicroL: alarms.airLimitMicroL ?? model.airMicroL.preset,
    keepVeinOpenMlPerH: alarms.keepVeinOpenMlPerH ?? model.keepVeinOpenMlPerH,
    autoRestarts: alarms.autoRestarts ?? model.autoRestart.preset,
  };
}

/** The channel of that id; a missing one is a mistake of the programmer, not of a user. */
export function channelOf(context: PumpContext, id: string): ChannelContext {
  const channel = Object.hasOwn(context.channels, id) ? context.channels[id] : undefined;
  if (channel === undefined) throw new RangeError(`there is no channel ${id}`);
  return channel;
}

export function withChannel(
  context: PumpContext,
  id: string,
  change: Partial<Omit<ChannelContext, 'id'>>,
): PumpContext {
  const channel = { ...channelOf(context, id), ...change };
  return { ...context, channels: { ...context.channels, [id]: channel } };
}

const MOST_SHARE = 1.1;
const LEAST_SHARE = 0.9;

/** [GIP]: the flow is off when it is over by more than a tenth, or under nine tenths; `share` is of what the motor drives. */
export function isFlowOff(share: number): boolean {
  return share > MOST_SHARE || share < LEAST_SHARE;
}

/** Changes the physics of a channel at an instant: what has happened until then is settled first. */
export function withPhysics(
  context: PumpContext,
  id: string,
  atMs: number,
  change: Partial<Omit<ChannelPhysics, 'sinceMs'>>,
): PumpContext {
  const channel = channelOf(context, id);
  const physics = { ...advance(channel.physics, context.model.line, atMs), ...change };
  const isOff = physics.driveMlPerH > 0 && isFlowOff(physics.share);
  const flowOffSinceMs = isOff ? (channel.flowOffSinceMs ?? atMs) : null;
  return withLoad(withChannel(context, id, { physics, flowOffSinceMs }), atMs);
}

/** What starts now goes by the calibration that was written last. */
export function withCalibration(context: PumpContext, id: string, atMs: number): PumpContext {
  const { calibration, physics } = channelOf(context, id);
  if (calibration.next === calibration.now) return context;
  const share = (physics.share * calibration.next) / calibration.now;
  const calibrated = { next: calibration.next, now: calibration.next };
  return withPhysics(withChannel(context, id, { calibration: calibrated }), id, atMs, { share });
}

/** The motor drives `driveMlPerH` from `atMs` on, until `budgetMl` is driven (`null`: without end). */
export function withDrive(
  context: PumpContext,
  id: string,
  atMs: number,
  driveMlPerH: number,
  budgetMl: number | null,
): PumpContext {
  return withPhysics(context, id, atMs, { driveMlPerH, budgetMl });
}

/** Settles the battery until `atMs` and gives it the slope of the present load. */
export function withLoad(context: PumpContext, atMs: number): PumpContext {
  const { battery, mains } = { battery: context.model.battery, mains: context.power.mains };
  // A battery that has failed takes no charge; without mains it is empty at once.
  const charges = mains && !context.device.batteryFailed;
  const slope = mains && !charges ? 0 : slopePercentPerH(battery, mains, loadOf(context));
  return { ...context, battery: { ...batteryAt(context.battery, atMs), slopePercentPerH: slope } };
}

function loadOf(context: PumpContext): Load {
  if (context.power.mode === 'off') return { load: 'off' };
  let drivenMlPerH = 0;
  for (const id of context.model.channels) drivenMlPerH += channelOf(context, id).physics.driveMlPerH;
  if (drivenMlPerH === 0) return { load: 'idle' };
  return { load: 'delivering', effort: drivenMlPerH / context.model.rateMlPerH.max };
}

/** Whether no channel has anything programmed: the pump is in standby or off, and nobody waits for it. */
export function isIdle(context: PumpContext): boolean {
  return Object.values(context.channels).every(({ programme }) => programme === null);
}

const AT_REST: readonly TherapyMode[] = [
  'off',
  'standby',
  'programming',
  'ready',
  'paused',
  'stopped',
  'complete',
];

/** Whether any therapy runs, even one that waits for the patient's button with the motor at rest. */
export function isInfusing(context: PumpContext): boolean {
  return Object.values(context.channels).some(({ mode }) => !AT_REST.includes(mode));
}

/** Whether any motor is told to move. */
export function isDelivering(context: PumpContext): boolean {
  return Object.values(context.channels).some(({ physics }) => physics.driveMlPerH > 0);
}
