import type { Serial } from './identity.ts';

/**
 * What a clinician intended, at the time at which it was to take effect. The ledger of these is kept beyond any adversary's
 * reach, so that what a forged order makes a pump deliver counts as harm. Written by the bedside, never by the wire.
 */
export interface Intent {
  readonly atMs: number;
  readonly serial: Serial;
  readonly channel: string;
  readonly orderId: string;
  readonly drug: string;
  /** What is to flow from `atMs` on; 0 for a pause or the end. */
  readonly rateMlPerH: number;
  /** Where this intent ends by itself, counted from `atMs`; absent where it runs until the next one. */
  readonly volumeToBeInfusedMl?: number;
  /** What follows after that volume. */
  readonly keepVeinOpenMlPerH?: number;
}

/** Where the bedside writes what was ordered. */
export type IntentSink = (intent: Intent) => void;
