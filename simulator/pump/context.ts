import type { TherapyState } from '../../protocol/index.ts';
import type { DrugLibrary } from '../drug-library/index.ts';
import type { FirmwarePersonality } from '../firmware/index.ts';
import type { PumpModel } from '../models/index.ts';
import {
  advance,
  type BatteryPhysics,
  batteryAt,
  type ChannelPhysics,
  type Load,
  restingChannel,
  slopePercentPerH,
} from '../physics/index.ts';
import type { HeldAlarm } from './alarms.ts';
import type { Programme } from './bedside.ts';

/** Where a channel's therapy is; the reading shows `selfTest` for `off` while the pump tests itself. */
export type TherapyMode = Exclude<TherapyState, 'selfTest' | 'infusing'> | 'primary' | 'bolus' | 'pcaDose';

export type PowerMode = 'off' | 'selfTest' | 'updating' | 'on' | 'failed';

export interface ChannelContext {
  readonly id: string;
  /** A copy of the region's state, written on entry, for guards and functions that see only the context. */
  readonly mode: TherapyMode;
  readonly physics: ChannelPhysics;
  readonly programme: Programme | null;
  /** The motor's total when the programme started: what it drove since is the programme's. */
  readonly drivenAtStartMl: number;
  readonly doorOpen: boolean;
  readonly airMicroL: number;
  /** Said once per programme and container. */
  readonly toldNearEnd: boolean;
  readonly toldReservoirLow: boolean;
  /** Since when somebody is expected to press a key; `null` if nobody is. */
  readonly waitingSinceMs: number | null;
  readonly toldIdle: boolean;
  /** Demand doses within the accumulated window, oldest first. */
  readonly demandDoses: readonly { readonly atMs: number; readonly volumeMl: number }[];
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
  };
  readonly battery: BatteryPhysics;
  readonly channels: Readonly<Record<string, ChannelContext>>;
  readonly alarms: readonly HeldAlarm[];
  readonly library: { readonly inUse: DrugLibrary | null; readonly pending: DrugLibrary | null };
  readonly firmware: {
    readonly running: FirmwarePersonality;
    readonly staged: FirmwarePersonality | null;
    /** What a failed trial goes back to. */
    readonly previous: FirmwarePersonality | null;
    readonly highestEpoch: number;
  };
}

export interface PumpInput {
  readonly atMs: number;
  readonly model: PumpModel;
  readonly library: DrugLibrary | null;
  readonly firmware: FirmwarePersonality;
  readonly batteryPercent: number;
  readonly reservoirMl: number;
  readonly selfTestMs: number;
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
      },
      battery: { sinceMs: input.atMs, percent: input.batteryPercent, slopePercentPerH: 0 },
      channels,
      alarms: [],
      library: { inUse: input.library, pending: null },
      firmware: {
        running: input.firmware,
        staged: null,
        previous: null,
        highestEpoch: input.firmware.securityEpoch,
      },
    },
    input.atMs,
  );
}

function initialChannel(id: string, input: PumpInput): ChannelContext {
  return {
    id,
    mode: 'off',
    physics: restingChannel(input.atMs, input.reservoirMl),
    programme: null,
    drivenAtStartMl: 0,
    doorOpen: false,
    airMicroL: 0,
    toldNearEnd: false,
    toldReservoirLow: false,
    waitingSinceMs: null,
    toldIdle: false,
    demandDoses: [],
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

/** Changes the physics of a channel at an instant: what has happened until then is settled first. */
export function withPhysics(
  context: PumpContext,
  id: string,
  atMs: number,
  change: Partial<Omit<ChannelPhysics, 'sinceMs'>>,
): PumpContext {
  const physics = { ...advance(channelOf(context, id).physics, context.model.line, atMs), ...change };
  return withLoad(withChannel(context, id, { physics }), atMs);
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
  const slope = slopePercentPerH(battery, mains, loadOf(context));
  return { ...context, battery: { ...batteryAt(context.battery, atMs), slopePercentPerH: slope } };
}

function loadOf(context: PumpContext): Load {
  if (context.power.mode === 'off') return { load: 'off' };
  const drivenMlPerH = Object.values(context.channels).reduce(
    (sum, { physics }) => sum + physics.driveMlPerH,
    0,
  );
  if (drivenMlPerH === 0) return { load: 'idle' };
  return { load: 'delivering', effort: drivenMlPerH / context.model.rateMlPerH.max };
}

/** Whether no channel has anything programmed: the pump is in standby or off, and nobody waits for it. */
export function isIdle(context: PumpContext): boolean {
  return Object.values(context.channels).every(({ programme }) => programme === null);
}

/** Whether any motor is told to move. */
export function isDelivering(context: PumpContext): boolean {
  return Object.values(context.channels).some(({ physics }) => physics.driveMlPerH > 0);
}
