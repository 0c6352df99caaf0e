import { MS_PER_H } from './channel.ts';

/** Data of a battery, per pump model. */
export interface BatteryParameters {
  /** How long a full battery lasts while the pump delivers slowly, in minutes. */
  readonly minutes: number;
  /** How long an empty battery takes to charge, in minutes. */
  readonly chargeMinutes: number;
}

/** A battery at one instant; it holds until load or supply change. */
export interface BatteryPhysics {
  readonly sinceMs: number;
  readonly percent: number;
  /** Below zero it drains, above it charges. */
  readonly slopePercentPerH: number;
}

/** What a pump asks of its supply. */
export type Load =
  | { readonly load: 'off' }
  | { readonly load: 'idle' }
  /** `effort`: 0 at no flow, 1 at the highest rate of the model. */
  | { readonly load: 'delivering'; readonly effort: number };

/** Share of the load of a slow delivery: electronics and display alone, and what a switched-off pump leaks. */
const IDLE_SHARE = 0.7;
const OFF_SHARE = 0.002;
/** How much more a delivery at full speed takes than a slow one. */
const FULL_SPEED_EXTRA = 0.6;

export function slopePercentPerH(battery: BatteryParameters, mains: boolean, load: Load): number {
  if (mains) return 100 / (battery.chargeMinutes / 60);
  const slowDrain = 100 / (battery.minutes / 60);
  switch (load.load) {
    case 'off':
      return -slowDrain * OFF_SHARE;
    case 'idle':
      return -slowDrain * IDLE_SHARE;
    case 'delivering':
      return -slowDrain * (1 + FULL_SPEED_EXTRA * Math.min(1, load.effort));
  }
}

/** The battery as it is at `atMs`. */
export function batteryAt(battery: BatteryPhysics, atMs: number): BatteryPhysics {
  const { sinceMs, slopePercentPerH } = battery;
  return { sinceMs: Math.max(sinceMs, atMs), percent: batteryPercentAt(battery, atMs), slopePercentPerH };
}

/** What is in it at `atMs`, between 0 and 100%. */
export function batteryPercentAt(
  { sinceMs, percent, slopePercentPerH }: BatteryPhysics,
  atMs: number,
): number {
  const hours = Math.max(0, atMs - sinceMs) / MS_PER_H;
  return Math.min(100, Math.max(0, percent + slopePercentPerH * hours));
}

/**
 * When so many minutes are left at the present load, in milliseconds of the clock, or `null` if it does not drain.
 * 0 minutes: when it is empty.
 */
export function whenMinutesLeft(battery: BatteryPhysics, minutes: number): number | null {
  if (!(battery.slopePercentPerH < 0)) return null;
  const emptyMs = battery.sinceMs + (battery.percent / -battery.slopePercentPerH) * MS_PER_H;
  return emptyMs - minutes * 60_000;
}
