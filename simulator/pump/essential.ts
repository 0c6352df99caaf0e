import type { ControlId } from '../../protocol/index.ts';

/**
 * What a pump does whatever posture a hospital has. Every pump does all of it; only a labelled counterfactual of the attack matrix takes
 * one away, to show what it is worth.
 */
export const ESSENTIAL_PERFORMANCE = [
  'dose-limits',
  'flow-watchdog',
  'local-autonomy',
] as const satisfies readonly ControlId[];
export type EssentialPerformance = (typeof ESSENTIAL_PERFORMANCE)[number];
