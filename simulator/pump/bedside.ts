import type { ControlId } from '../../protocol/index.ts';

/** Who stands at the pump. */
export const BEDSIDE_ROLES = ['nurse', 'pharmacist', 'biomed', 'patient'] as const;
export type BedsideRole = (typeof BEDSIDE_ROLES)[number];

/** What is keyed in before a start, for one channel. */
export interface Programme {
  /** The order that is carried out; `null` where somebody programmes without one. */
  readonly orderId: string | null;
  /** Name of an entry of the drug library in use; `null` runs outside the library, and the display says so. */
  readonly drug: string | null;
  readonly rateMlPerH: number;
  readonly volumeToBeInfusedMl: number;
}

/** A press of a key, or a hand on the pump, by somebody. Every action names its channel where it has one. */
export type BedsideAction =
  | { readonly action: 'power-on'; readonly newPatient: boolean }
  | { readonly action: 'power-off' }
  | { readonly action: 'programme'; readonly channel: string; readonly programme: Programme }
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
  | { readonly action: 'bolus'; readonly channel: string; readonly volumeMl: number }
  /** The patient's button of a PCA pump. */
  | { readonly action: 'pca-demand'; readonly channel: string }
  | { readonly action: 'silence' }
  /** Clears the alarms whose cause is gone. */
  | { readonly action: 'clear' };

/** What happens to a pump without a key being pressed. */
export type PhysicalEvent =
  | { readonly event: 'line-clamped'; readonly channel: string }
  | { readonly event: 'line-opened'; readonly channel: string }
  /** A new bag or syringe with this content. */
  | { readonly event: 'reservoir-changed'; readonly channel: string; readonly volumeMl: number }
  | { readonly event: 'air-entered'; readonly channel: string; readonly volumeMicroL: number }
  | { readonly event: 'air-purged'; readonly channel: string }
  | { readonly event: 'door-opened'; readonly channel: string }
  | { readonly event: 'door-closed'; readonly channel: string }
  | { readonly event: 'mains-lost' }
  | { readonly event: 'mains-restored' };

/** A refusal is a value: nothing was changed, the display shows `reason`, the log has it. */
export type BedsideResult =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly reason: string; readonly control: ControlId | null };
