import type { ControlId } from '../../protocol/index.ts';
import type { ProgrammeEntry } from './programme.ts';
import type { PumpSetting } from './settings.ts';

/** Who stands at the pump. */
export const BEDSIDE_ROLES = ['nurse', 'pharmacist', 'biomed', 'patient'] as const;
export type BedsideRole = (typeof BEDSIDE_ROLES)[number];

/** A press of a key by somebody. Every action names its channel where it has one. */
export type BedsideAction =
  | { readonly action: 'power-on'; readonly newPatient: boolean }
  | { readonly action: 'power-off' }
  | { readonly action: 'programme'; readonly channel: string; readonly programme: ProgrammeEntry }
  /** Takes up again what the pump kept of a programme that a loss of power ended; it has to be confirmed anew. */
  | { readonly action: 'recall'; readonly channel: string }
  /** Confirms what is shown; `overrideSoftLimit` says that a soft limit was read and is passed on purpose. */
  | { readonly action: 'confirm'; readonly channel: string; readonly overrideSoftLimit?: boolean }
  | { readonly action: 'start'; readonly channel: string }
  | { readonly action: 'pause'; readonly channel: string }
  | { readonly action: 'resume'; readonly channel: string }
  | { readonly action: 'stop'; readonly channel: string }
  /** Changes the rate of a running infusion at the keypad (titration); limits are checked again. */
  | {
      readonly action: 'change-rate';
      readonly channel: string;
      readonly rateMlPerH: number;
      readonly overrideSoftLimit?: boolean;
    }
  /** The same by dose, in the unit in which the programme states it. */
  | {
      readonly action: 'change-dose';
      readonly channel: string;
      readonly dose: number;
      readonly overrideSoftLimit?: boolean;
    }
  /** A second bag above the first one: it runs first, then the primary goes on. Shown back; `start-secondary` begins. */
  | {
      readonly action: 'programme-secondary';
      readonly channel: string;
      readonly programme: ProgrammeEntry;
      readonly overrideSoftLimit?: boolean;
    }
  | { readonly action: 'start-secondary'; readonly channel: string }
  /** Gives up the second bag: the primary is what goes on, at once if it was running. */
  | { readonly action: 'stop-secondary'; readonly channel: string }
  | {
      readonly action: 'bolus';
      readonly channel: string;
      readonly volumeMl: number;
      readonly overrideSoftLimit?: boolean;
    }
  /** The patient's button of a PCA pump. */
  | { readonly action: 'pca-demand'; readonly channel: string }
  | { readonly action: 'silence' }
  /** Clears the alarms whose cause is gone. */
  | { readonly action: 'clear' }
  | { readonly action: 'configure'; readonly channel: string; readonly setting: PumpSetting }
  | { readonly action: 'lock' }
  | { readonly action: 'unlock'; readonly code: string }
  /** The covered key beside the keypad: it opens without a code, wants a reason, and stands in the log. */
  | { readonly action: 'break-glass'; readonly reason: BreakGlassReason }
  | { readonly action: 'enter-service'; readonly code: string }
  | { readonly action: 'leave-service' };

/** Why somebody needs the keypad and has no code for it. */
export const BREAK_GLASS_REASONS = ['patient-in-danger', 'code-not-known', 'locked-out'] as const;
export type BreakGlassReason = (typeof BREAK_GLASS_REASONS)[number];

/** What happens to a pump without a key being pressed: hands on bags and lines, and things that fail. */
export type PhysicalEvent =
  | { readonly event: 'line-clamped'; readonly channel: string }
  | { readonly event: 'line-opened'; readonly channel: string }
  /** Between the container and the pump. */
  | { readonly event: 'supply-clamped'; readonly channel: string }
  | { readonly event: 'supply-opened'; readonly channel: string }
  /** A new bag, syringe or cassette with this content; `syringeMl` is the size that the barrel sensor sees. */
  | {
      readonly event: 'reservoir-changed';
      readonly channel: string;
      readonly volumeMl: number;
      readonly syringeMl?: number;
    }
  /** The second bag of a piggyback set-up is hung. */
  | { readonly event: 'secondary-hung'; readonly channel: string; readonly volumeMl: number }
  | { readonly event: 'air-entered'; readonly channel: string; readonly volumeMicroL: number }
  /** A loose connection draws in so much air with each millilitre; 0: tight again. */
  | { readonly event: 'air-leaking'; readonly channel: string; readonly microLPerMl: number }
  | { readonly event: 'air-purged'; readonly channel: string }
  | { readonly event: 'door-opened'; readonly channel: string }
  | { readonly event: 'door-closed'; readonly channel: string }
  | { readonly event: 'set-misloaded'; readonly channel: string }
  | { readonly event: 'set-loaded'; readonly channel: string }
  | { readonly event: 'barrel-unclamped'; readonly channel: string }
  | { readonly event: 'barrel-clamped'; readonly channel: string }
  | { readonly event: 'plunger-disengaged'; readonly channel: string }
  | { readonly event: 'plunger-engaged'; readonly channel: string }
  | { readonly event: 'channel-detached'; readonly channel: string }
  | { readonly event: 'channel-attached'; readonly channel: string }
  /** The mechanism moves only this share of what it drives; 1 as it should, above 1 it lets too much through. */
  | { readonly event: 'motor-slipping'; readonly channel: string; readonly share: number }
  | { readonly event: 'sensor-failed'; readonly channel: string; readonly sensor: SensorName }
  | { readonly event: 'sensor-repaired'; readonly channel: string; readonly sensor: SensorName }
  | { readonly event: 'key-stuck' }
  | { readonly event: 'key-released' }
  | { readonly event: 'controller-hung' }
  | { readonly event: 'controller-recovered' }
  | { readonly event: 'temperature-changed'; readonly celsius: number }
  | { readonly event: 'battery-failed' }
  | { readonly event: 'battery-replaced' }
  | { readonly event: 'library-corrupted' }
  | { readonly event: 'mains-lost' }
  | { readonly event: 'mains-restored' };

export const SENSORS = ['pressure', 'air', 'flow'] as const;
export type SensorName = (typeof SENSORS)[number];

/** A refusal is a value: nothing was changed, the display shows `reason`, the log has it. */
export type BedsideResult =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly reason: string; readonly control: ControlId | null };

/** What no hand can do, or what is so already, is not taken: nothing was changed, the log has the reason. */
export type PhysicalResult = { readonly taken: true } | { readonly taken: false; readonly reason: string };
