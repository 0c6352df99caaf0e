import type { Concentration } from '../../protocol/drug-library/index.ts';

/** A bolus at the beginning of an infusion, at a rate of its own; part of the volume to be infused. */
export interface LoadingDose {
  readonly volumeMl: number;
  readonly rateMlPerH: number;
}

/** Patient-controlled analgesia: what one press gives, how often, and how much within a window. */
export interface PcaSettings {
  readonly demandDoseMl: number;
  readonly lockoutMinutes: number;
  readonly accumulatedLimitMl: number;
  readonly accumulatedWindowHours: 1 | 2 | 4;
}

/**
 * What somebody keys in. Two of rate, volume and time, or a dose with a volume, make a programme; the pump works out
 * the rest and shows it back before the start.
 */
export interface ProgrammeEntry {
  /** The order that is carried out; `null` where somebody programmes without one. */
  readonly orderId: string | null;
  /** Name of an entry of the drug library in use; `null` runs outside the library, and the display says so. */
  readonly drug: string | null;
  /** Absent: the concentration of the library's entry. */
  readonly concentration?: Concentration;
  readonly weightKg?: number;
  /** 0 on a PCA pump: no continuous rate, only the button gives. */
  readonly rateMlPerH?: number;
  readonly volumeToBeInfusedMl?: number;
  readonly durationMinutes?: number;
  readonly dose?: { readonly value: number; readonly unit: string };
  readonly loading?: LoadingDose;
  /** For a model with a patient's button; absent: the model's own. */
  readonly pca?: PcaSettings;
}

/** A programme as the pump shows it back and runs it: everything worked out, the rate in the model's steps. */
export interface Programme {
  readonly orderId: string | null;
  readonly drug: string | null;
  readonly enteredBy: 'rate-volume' | 'volume-time' | 'rate-time' | 'dose';
  readonly rateMlPerH: number;
  readonly volumeToBeInfusedMl: number;
  /** The whole of which this is the rest, after a loss of power; limits of volume and duration are about that. In mL. */
  readonly restOfMl?: number;
  /** 0 where nothing runs but what the patient asks for. */
  readonly durationMinutes: number;
  /** `null` where drug or concentration is not known. */
  readonly concentration: Concentration | null;
  readonly weightKg: number | null;
  /** What the rounded rate really gives, in the unit of the entry or of the library; `null` where it is not known. */
  readonly dose: { readonly value: number; readonly unit: string } | null;
  readonly loading: LoadingDose | null;
  /** `null`: no patient's button. */
  readonly pca: PcaSettings | null;
}
