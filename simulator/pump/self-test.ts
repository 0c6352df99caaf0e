import type { PumpContext } from './context.ts';
import { runningFirmware } from './firmware-slots.ts';

/** [GIP]: the watchdog interrupts after 90 s; a self-test takes at most 70. What hangs in it is started anew by the watchdog. */
const BOOT_WATCHDOG_MS = 90_000;

/** Firmware, battery, stuck key and watchdog [GIP self-test]. */
export function passesSelfTest(context: PumpContext): boolean {
  const { keyStuckSinceMs, hungSinceMs, batteryFailed } = context.device;
  if (keyStuckSinceMs !== null || hungSinceMs !== null || batteryFailed) return false;
  return runningFirmware(context.firmware).selfTest === 'passes';
}

/** How long it is until the self-test has a result, or the watchdog has one. */
export function selfTestMs(context: PumpContext): number {
  return hangs(context) ? BOOT_WATCHDOG_MS : context.power.selfTestMs;
}

/** What the log calls a self-test that was not passed. */
export function failureName(context: PumpContext): 'self-test-failed' | 'watchdog-reset' {
  return hangs(context) ? 'watchdog-reset' : 'self-test-failed';
}

function hangs({ firmware }: PumpContext): boolean {
  return runningFirmware(firmware).selfTest === 'hangs';
}
