import { batteryPercentAt } from '../physics/index.ts';
import { isIdle, type PumpContext } from './context.ts';
import type { EventOf, PumpEvent } from './events.ts';
import {
  type FirmwareContext,
  fallbackFirmware,
  isWindowOpen,
  otherSlot,
  runningFirmware,
  stagedFirmware,
  withSlot,
  withWindow,
  writtenFirmware,
} from './firmware-slots.ts';
import { eventFact, type Outcome } from './step.ts';

/** An update is not begun on a battery that might not last it out, in percent. */
const SAFE_BATTERY_PERCENT = 20;

/** From the self-test that a trial passed until the bootloader's mark is changed for good; synthetic. */
const CONFIRM_MS = 5_000;

export function note(what: string) {
  return (
    _: PumpContext,
    event: EventOf<'firmware.download-started' | 'firmware.download-ended'>,
  ): Outcome => ({
    facts: [eventFact(event.atMs, what, null, { version: event.version })],
  });
}

export function noteBusy(_: PumpContext, event: EventOf<'firmware.offered'>): Outcome {
  return { facts: [eventFact(event.atMs, 'firmware-busy', null, { version: event.personality.version })] };
}

export function noteRefusal(_: PumpContext, event: EventOf<'firmware.refused'>): Outcome {
  const { version, reason, control } = event;
  return { facts: [eventFact(event.atMs, 'firmware-refused', null, { version, reason, control })] };
}

/** A verified package is for the slot that does not run, whatever was in it. */
export function take(context: PumpContext, event: EventOf<'firmware.offered'>): Outcome {
  const { firmware } = context;
  const { personality } = event;
  const slot = otherSlot(firmware.active);
  const written = withSlot(firmware, slot, { state: 'writing', personality });
  return changed(context, { ...withWindow(written, event.window, event.atMs), busyUntilMs: null });
}

export function beginWriting(context: PumpContext, event: PumpEvent): Outcome {
  const { firmware, model } = context;
  const busyUntilMs = event.atMs + model.stageSeconds * 1_000;
  return {
    ...changed(context, { ...firmware, busyUntilMs }),
    facts: [
      eventFact(event.atMs, 'firmware-staging', null, {
        version: writtenFirmware(firmware)?.version ?? null,
        slot: otherSlot(firmware.active),
      }),
    ],
  };
}

export function interruptWriting(context: PumpContext): Outcome {
  return changed(context, { ...context.firmware, busyUntilMs: null });
}

export function finishWriting(context: PumpContext, event: PumpEvent): Outcome {
  const { firmware } = context;
  const personality = writtenFirmware(firmware);
  if (personality === null) return {};
  const { version } = personality;
  const slot = otherSlot(firmware.active);
  const facts = [eventFact(event.atMs, 'firmware-staged', null, { version, slot })];
  if (!mayApply(context, event.atMs))
    facts.push(eventFact(event.atMs, 'firmware-deferred', null, { version }));
  return {
    ...changed(context, { ...withSlot(firmware, slot, { state: 'staged', personality }), busyUntilMs: null }),
    facts,
  };
}

/** The time of what waits is another one. */
export function setWindow(context: PumpContext, event: EventOf<'firmware.window'>): Outcome {
  return changed(context, withWindow(context.firmware, event.window, event.atMs));
}

export function openWindow(context: PumpContext): Outcome {
  return changed(context, { ...context.firmware, windowOpensMs: null });
}

/** What was offered is taken back before it was applied: the slot is free again. */
export function withdraw(context: PumpContext, event: EventOf<'firmware.withdrawn'>): Outcome {
  const { firmware } = context;
  const isWaiting = writtenFirmware(firmware) !== null || stagedFirmware(firmware) !== null;
  const emptied = isWaiting ? withSlot(firmware, otherSlot(firmware.active), { state: 'empty' }) : firmware;
  return {
    ...changed(context, { ...withWindow(emptied, null, event.atMs), busyUntilMs: null }),
    facts: [eventFact(event.atMs, 'firmware-withdrawn', null, { version: event.version })],
  };
}

/** In standby or off, within its window, awake or asleep but not testing, and with a supply that will last. */
export function mayApply(context: PumpContext, atMs: number): boolean {
  if (context.power.busyUntilMs !== null || !isIdle(context)) return false;
  if (!isWindowOpen(context.firmware, atMs)) return false;
  return context.power.mains || batteryPercentAt(context.battery, atMs) > SAFE_BATTERY_PERCENT;
}

export function apply(context: PumpContext, event: PumpEvent): Outcome {
  const { firmware } = context;
  const from = runningFirmware(firmware).version;
  const to = stagedFirmware(firmware)?.version ?? null;
  return {
    facts: [eventFact(event.atMs, 'firmware-applying', null, { from, to, slot: otherSlot(firmware.active) })],
    raise: [{ type: 'firmware.apply', atMs: event.atMs }],
  };
}

/** The bootloader is told to start the other slot, once. */
export function beginTrial(context: PumpContext, event: PumpEvent): Outcome {
  const { firmware } = context;
  const personality = stagedFirmware(firmware);
  if (personality === null) return {};
  const slot = otherSlot(firmware.active);
  return {
    ...changed(context, { ...withSlot(firmware, slot, { state: 'trial', personality }), active: slot }),
    facts: [eventFact(event.atMs, 'firmware-trial', null, { version: personality.version, slot })],
  };
}

export function beginConfirming(context: PumpContext, event: PumpEvent): Outcome {
  return changed(context, { ...context.firmware, busyUntilMs: event.atMs + CONFIRM_MS });
}

/** The trial has passed: only now a way back below this security epoch is closed. */
export function confirm(context: PumpContext, event: PumpEvent): Outcome {
  const { firmware } = context;
  const personality = runningFirmware(firmware);
  const confirmed = withSlot(firmware, firmware.active, { state: 'confirmed', personality });
  return {
    ...changed(context, {
      ...confirmed,
      busyUntilMs: null,
      highestEpoch: Math.max(firmware.highestEpoch, personality.securityEpoch),
    }),
    facts: [
      eventFact(event.atMs, 'firmware-updated', null, {
        from: fallbackFirmware(firmware)?.version ?? null,
        to: personality.version,
        slot: firmware.active,
      }),
    ],
  };
}

export function rollBack(context: PumpContext, event: PumpEvent): Outcome {
  const { firmware } = context;
  const fallback = fallbackFirmware(firmware);
  if (fallback === null) return {};
  const failed = runningFirmware(firmware);
  const slot = otherSlot(firmware.active);
  return {
    ...changed(context, {
      ...withSlot(firmware, firmware.active, { state: 'failed', personality: failed }),
      active: slot,
      busyUntilMs: null,
    }),
    facts: [
      eventFact(event.atMs, 'firmware-rolled-back', null, {
        from: failed.version,
        to: fallback.version,
        slot,
      }),
    ],
  };
}

function changed(context: PumpContext, firmware: FirmwareContext): { readonly context: PumpContext } {
  return { context: { ...context, firmware } };
}
