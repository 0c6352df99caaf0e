import type { AlarmPriority, TherapyState } from '../../protocol/index.ts';
import type { AccessMode, TherapyMode } from './context.ts';
import type { FirmwareSlot, SlotId } from './firmware-slots.ts';
import type { Programme } from './programme.ts';
import type { Running } from './running.ts';

/** What one channel is doing at an instant; read from the physics, at no cost to the machine. */
export interface ChannelReading {
  readonly channel: string;
  readonly therapy: TherapyState;
  /** The same, finer: what of an infusion runs. */
  readonly mode: TherapyMode;
  readonly programme: Programme | null;
  /** A piggyback programme, and what ran of it as the pump counts. */
  readonly secondary: {
    readonly programme: Programme;
    readonly runs: boolean;
    readonly infusedMl: number;
  } | null;
  /** Drug, rate, dose and volumes of what runs, is resumed or waits for its start; `null` if nothing is programmed. */
  readonly running: Running | null;
  /** A second bag that has not begun, or the first one while the second runs. */
  readonly next: Running | null;
  /** Of the programme, whatever runs. */
  readonly orderId: string | null;
  readonly drug: string | null;
  /** The programmed rate. */
  readonly programmedRateMlPerH: number;
  /** What the motor drives now, as the pump counts it. */
  readonly motorRateMlPerH: number;
  /** What truly flows into the patient now; no pump knows it. */
  readonly flowMlPerH: number;
  /** All that went into the patient through this channel since the pump was made. */
  readonly totalDeliveredMl: number;
  /** Of the present programme. */
  readonly deliveredMl: number;
  readonly volumeToBeInfusedMl: number;
  readonly reservoirMl: number;
  readonly pressureMmHg: number;
  readonly occlusionLimitMmHg: number;
  readonly airMicroL: number;
  /** The size that the barrel sensor sees; `null` for a model without syringes. */
  readonly syringeMl: number | null;
}

export interface ActiveAlarm {
  readonly alarm: string;
  /** What the display calls it. */
  readonly text: string;
  readonly channel: string | null;
  readonly priority: AlarmPriority;
  readonly raisedAtMs: number;
  /** Until when the sound is off; never more than 2 minutes ahead [GIP]. */
  readonly silencedUntilMs: number | null;
}

/** What telemetry tells: nothing here is worked out that it does not need. */
export interface TelemetrySample {
  readonly power: 'mains' | 'battery';
  readonly batteryPercent: number;
  readonly channels: readonly ChannelSample[];
}

export interface ChannelSample {
  readonly channel: string;
  readonly therapy: TherapyState;
  readonly drug: string | null;
  readonly motorRateMlPerH: number;
  readonly deliveredMl: number;
  readonly volumeToBeInfusedMl: number;
  readonly reservoirMl: number;
  readonly pressureMmHg: number;
}

export interface SlotReading {
  readonly state: FirmwareSlot['state'];
  /** `null` for an empty slot. */
  readonly version: string | null;
}

export interface PumpReading {
  readonly atMs: number;
  readonly on: boolean;
  readonly power: 'mains' | 'battery';
  readonly batteryPercent: number;
  readonly channels: readonly ChannelReading[];
  readonly alarms: readonly ActiveAlarm[];
  readonly access: AccessMode;
  /** Whether every programme runs within the limits of a library; the display always says when not. */
  readonly libraryInUse: boolean;
  readonly library: { readonly inUse: string | null; readonly pending: string | null };
  /** Version of the device configuration; `null`: as the model comes. */
  readonly configuration: string | null;
  readonly firmware: {
    readonly running: string;
    /** Whole in the other slot, and waiting for the therapy to end. */
    readonly staged: string | null;
    readonly active: SlotId;
    readonly slots: Readonly<Record<SlotId, SlotReading>>;
  };
  /** The line that the display shows. */
  readonly display: string;
}

/** A stretch of constant flow into the patient: the truth that harm is computed from. */
export interface FlowSegment {
  readonly channel: string;
  readonly fromMs: number;
  readonly flowMlPerH: number;
}
