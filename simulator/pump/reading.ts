import type { AlarmPriority, TherapyState } from '../../protocol/index.ts';

/** What one channel is doing at an instant; read from the physics, at no cost to the machine. */
export interface ChannelReading {
  readonly channel: string;
  readonly therapy: TherapyState;
  readonly orderId: string | null;
  readonly drug: string | null;
  /** The programmed rate. */
  readonly programmedRateMlPerH: number;
  /** What flows into the patient now. */
  readonly flowMlPerH: number;
  /** All that went into the patient through this channel since the pump was made. */
  readonly totalDeliveredMl: number;
  /** Of the present programme. */
  readonly deliveredMl: number;
  readonly volumeToBeInfusedMl: number;
  readonly reservoirMl: number;
  readonly pressureMmHg: number;
}

export interface ActiveAlarm {
  readonly alarm: string;
  readonly channel: string | null;
  readonly priority: AlarmPriority;
  readonly raisedAtMs: number;
  /** Until when the sound is off; never more than 2 minutes ahead [GIP]. */
  readonly silencedUntilMs: number | null;
}

export interface PumpReading {
  readonly atMs: number;
  readonly on: boolean;
  readonly power: 'mains' | 'battery';
  readonly batteryPercent: number;
  readonly channels: readonly ChannelReading[];
  readonly alarms: readonly ActiveAlarm[];
  readonly library: { readonly inUse: string | null; readonly pending: string | null };
  readonly firmware: { readonly running: string; readonly staged: string | null };
  /** The line that the display shows. */
  readonly display: string;
}

/** A stretch of constant flow into the patient: the truth that harm is computed from. */
export interface FlowSegment {
  readonly channel: string;
  readonly fromMs: number;
  readonly flowMlPerH: number;
}
