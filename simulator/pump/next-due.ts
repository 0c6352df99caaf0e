import {
  whenAirReaches,
  whenBudgetSpent,
  whenMinutesLeft,
  whenNearBudget,
  whenOccluded,
  whenReservoirEmpty,
  whenReservoirLow,
  whenSupplyDrawn,
} from '../physics/index.ts';
import type { AlarmName } from './alarms.ts';
import type { ChannelContext, PumpContext } from './context.ts';
import type { PumpEvent } from './events.ts';
import { writtenFirmware } from './firmware-slots.ts';
import { airLimitOf } from './verdicts.ts';

/** How long before the end the pump says so, in minutes. */
const NEAR_END_MINUTES = 10;
const BATTERY_LOW_MINUTES = 15;
const BATTERY_DEPLETED_MINUTES = 5;
/** [GIP]: alert after 5 min without a key, alarm and clear after 10; a reminder after 15 min of pause. */
const IDLE_MS = 5 * 60_000;
const IDLE_TOO_LONG_MS = 10 * 60_000;
/** [GIP]: the flow may be off for so long before the flow watchdog stops it. */
const FLOW_OFF_MS = 15 * 60_000;
/** A key that stays down for so long is stuck; synthetic. */
const KEY_STUCK_MS = 30_000;
/** [GIP]: the watchdog interrupts after 90 s and alarms after 3 min. */
const WATCHDOG_BARKS_MS = 90_000;
const WATCHDOG_MS = 180_000;
const INPUT_WAITING_MS = 15 * 60_000;

export interface Due {
  readonly atMs: number;
  readonly event: PumpEvent;
}

type ChannelDue = Extract<PumpEvent, { readonly type: `due.${string}`; readonly channel: string }>['type'];
type PumpDue = Exclude<Extract<PumpEvent, { readonly type: `due.${string}` }>['type'], ChannelDue>;

/**
 * What the pump's own time brings next if nobody touches it: the earliest of all, the first named at a tie. Whole
 * milliseconds, rounded up, never before `notBeforeMs`; `null` if nothing is due ever.
 */
export function nextDue(context: PumpContext, notBeforeMs: number): Due | null {
  let due = found.get(context);
  if (due === undefined) {
    due = earliest(context);
    found.set(context, due);
  }
  if (due === null) return null;
  const atMs = Math.max(due.atMs, notBeforeMs);
  return atMs === due.atMs ? due : { atMs, event: { ...due.event, atMs } };
}

/** A context never changes, so what is due next in it does not either; it is asked for several times. */
const found = new WeakMap<PumpContext, Due | null>();

function earliest(context: PumpContext): Due | null {
  let earliestMs = Number.POSITIVE_INFINITY;
  let type: ChannelDue | PumpDue | undefined;
  let channel: string | null = null;
  const consider = (atMs: number | null, candidate: ChannelDue | PumpDue, of: string | null): void => {
    if (atMs === null || !(atMs < earliestMs)) return;
    earliestMs = atMs;
    type = candidate;
    channel = of;
  };
  for (const id of context.model.channels) {
    const state = context.channels[id];
    if (state !== undefined) considerChannel(context, state, consider);
  }
  considerPump(context, consider);
  if (type === undefined) return null;
  const atMs = Math.ceil(earliestMs);
  // Type and channel were considered together.
  return { atMs, event: (channel === null ? { type, atMs } : { type, atMs, channel }) as PumpEvent };
}

function considerChannel(
  context: PumpContext,
  channel: ChannelContext,
  consider: (atMs: number | null, type: ChannelDue, of: string) => void,
): void {
  const { physics, mode, id, waitingSinceMs, settings } = channel;
  const { line } = context.model;
  switch (mode) {
    case 'off':
    case 'standby':
    case 'complete':
      return;
    case 'programming':
    case 'ready':
      if (waitingSinceMs === null) return;
      if (!channel.toldIdle) consider(waitingSinceMs + IDLE_MS, 'due.idle', id);
      consider(waitingSinceMs + IDLE_TOO_LONG_MS, 'due.idle-too-long', id);
      return;
    case 'paused':
    case 'stopped':
      if (waitingSinceMs !== null && !channel.toldIdle) {
        consider(waitingSinceMs + INPUT_WAITING_MS, 'due.input-waiting', id);
      }
      return;
    case 'primary': {
      if (!channel.toldNearEnd) consider(whenNearBudget(physics, line, NEAR_END_MINUTES), 'due.near-end', id);
      // By what really moves: a mechanism that errs upwards empties a bag before the pump has counted it.
      const runsDry = whenBudgetSpent(physics, line) === null;
      if (runsDry && !channel.toldReservoirLow) {
        consider(whenReservoirLow(physics, line, NEAR_END_MINUTES), 'due.reservoir-low', id);
      }
      break;
    }
    case 'loading':
    case 'secondary':
    case 'keepVeinOpen':
      if (!channel.toldReservoirLow) {
        consider(whenReservoirLow(physics, line, NEAR_END_MINUTES), 'due.reservoir-low', id);
      }
      break;
    case 'bolus':
    case 'pcaDose':
      break;
  }
  consider(whenOccluded(physics, line, settings.occlusionLimitMmHg), 'due.occluded', id);
  consider(whenSupplyDrawn(physics, line), 'due.supply-drawn', id);
  if (physics.airMicroLPerMl > 0) {
    // Over the limit, not at it.
    consider(whenAirReaches(physics, line, airLimitOf(context, id) * (1 + 1e-9)), 'due.air-limit', id);
  } else if (physics.airMicroL > airLimitOf(context, id)) {
    consider(physics.sinceMs, 'due.air-limit', id);
  }
  if (channel.flowOffSinceMs !== null && !context.lacks.includes('flow-watchdog')) {
    consider(channel.flowOffSinceMs + FLOW_OFF_MS, 'due.flow-off', id);
  }
  consider(whenBudgetSpent(physics, line), 'due.budget-spent', id);
  consider(whenReservoirEmpty(physics, line), 'due.reservoir-empty', id);
}

function considerPump(
  context: PumpContext,
  consider: (atMs: number | null, type: PumpDue, of: null) => void,
): void {
  const { power, battery } = context;
  if (power.mode === 'selfTest') consider(power.busyUntilMs, 'due.self-test-ended', null);
  if (power.mode === 'updating') consider(power.busyUntilMs, 'due.firmware-applied', null);
  const { firmware } = context;
  const isWriting = writtenFirmware(firmware) !== null;
  consider(firmware.busyUntilMs, isWriting ? 'due.firmware-staged' : 'due.firmware-confirmed', null);
  consider(firmware.windowOpensMs, 'due.firmware-window', null);
  for (const { silencedUntilMs, escalatesAtMs } of context.alarms) {
    consider(silencedUntilMs, 'due.silence-ended', null);
    consider(escalatesAtMs, 'due.escalated', null);
  }
  consider(context.access.untilMs, 'due.lockout-ended', null);
  if (power.mode !== 'off') considerDevice(context, consider);
  // Switched off it has a radio to lose, once.
  if (power.mains || (power.mode === 'off' && power.toldNoSupply)) return;
  if (power.mode === 'on' && power.warning === 'ok') {
    consider(whenMinutesLeft(battery, BATTERY_LOW_MINUTES), 'due.battery-low', null);
  }
  if (power.mode === 'on' && power.warning === 'low') {
    consider(whenMinutesLeft(battery, BATTERY_DEPLETED_MINUTES), 'due.battery-depleted', null);
  }
  consider(whenMinutesLeft(battery, 0), 'due.battery-empty', null);
}

function considerDevice(
  context: PumpContext,
  consider: (atMs: number | null, type: PumpDue, of: null) => void,
): void {
  const { keyStuckSinceMs, hungSinceMs, watchdogBarked } = context.device;
  const sounds = (name: AlarmName): boolean => context.alarms.some(({ alarm }) => alarm === name);
  if (keyStuckSinceMs !== null && !sounds('key-stuck')) {
    consider(keyStuckSinceMs + KEY_STUCK_MS, 'due.key-stuck', null);
  }
  if (hungSinceMs === null) return;
  if (!watchdogBarked) consider(hungSinceMs + WATCHDOG_BARKS_MS, 'due.watchdog-barks', null);
  else if (!sounds('watchdog')) consider(hungSinceMs + WATCHDOG_MS, 'due.watchdog', null);
}
