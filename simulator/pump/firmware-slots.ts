import type { FirmwarePersonality } from '../../protocol/firmware/index.ts';

export const SLOT_IDS = ['A', 'B'] as const;
export type SlotId = (typeof SLOT_IDS)[number];

/**
 * What is in one of the two slots. `writing`: not whole yet, never started. `staged`: whole and verified, not started yet. `trial`:
 * started once; at the next start it is the other slot's turn unless it was confirmed. `confirmed`: it passed its self-test. `failed`: it
 * did not, and is not started again.
 */
export type FirmwareSlot =
  | { readonly state: 'empty' }
  | {
      readonly state: 'writing' | 'staged' | 'trial' | 'confirmed' | 'failed';
      readonly personality: FirmwarePersonality;
    };

/** When an update may be applied: from `fromMs` on, and before `untilMs`. */
export interface ApplyWindow {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The firmware of a pump. One slot is confirmed at every moment, and the one that starts is never half of something. */
export interface FirmwareContext {
  readonly slots: Readonly<Record<SlotId, FirmwareSlot>>;
  /** Which of them the bootloader starts. */
  readonly active: SlotId;
  /** Of the versions that passed their trial here; below it a package is a downgrade. */
  readonly highestEpoch: number;
  /** When the writing or the confirming under way is done; `null` if there is none, or the supply is gone. */
  readonly busyUntilMs: number | null;
  /** When what waits may be applied; `null`: at any time. */
  readonly window: ApplyWindow | null;
  /** When that window opens; `null` once it has. */
  readonly windowOpensMs: number | null;
}

export function otherSlot(id: SlotId): SlotId {
  return id === 'A' ? 'B' : 'A';
}

/** The firmware that runs, or would if the pump were on. */
export function runningFirmware({ slots, active }: FirmwareContext): FirmwarePersonality {
  const slot = slots[active];
  if (slot.state === 'empty') throw new RangeError(`slot ${active} is to start and is empty`);
  return slot.personality;
}

/** What waits whole in the other slot; `null` if nothing does. */
export function stagedFirmware({ slots, active }: FirmwareContext): FirmwarePersonality | null {
  const other = slots[otherSlot(active)];
  return other.state === 'staged' ? other.personality : null;
}

/** What is being written into the other slot; `null` if nothing is. */
export function writtenFirmware({ slots, active }: FirmwareContext): FirmwarePersonality | null {
  const other = slots[otherSlot(active)];
  return other.state === 'writing' ? other.personality : null;
}

/** What a failed trial goes back to; `null` if none is under way. */
export function fallbackFirmware({ slots, active }: FirmwareContext): FirmwarePersonality | null {
  const other = slots[otherSlot(active)];
  return slots[active].state === 'trial' && other.state === 'confirmed' ? other.personality : null;
}

/** The same with another content of one slot. */
export function withSlot(firmware: FirmwareContext, id: SlotId, slot: FirmwareSlot): FirmwareContext {
  return { ...firmware, slots: { ...firmware.slots, [id]: slot } };
}

/** The same with another window for what waits. */
export function withWindow(
  firmware: FirmwareContext,
  window: ApplyWindow | null,
  atMs: number,
): FirmwareContext {
  return {
    ...firmware,
    window,
    windowOpensMs: window !== null && window.fromMs > atMs ? window.fromMs : null,
  };
}

/** Whether the window for what waits is open. */
export function isWindowOpen({ window }: FirmwareContext, atMs: number): boolean {
  return window === null || (window.fromMs <= atMs && atMs < window.untilMs);
}

/** A pump as it is delivered: one version, in slot A. */
export function deliveredFirmware(personality: FirmwarePersonality): FirmwareContext {
  return {
    slots: { A: { state: 'confirmed', personality }, B: { state: 'empty' } },
    active: 'A',
    highestEpoch: personality.securityEpoch,
    busyUntilMs: null,
    window: null,
    windowOpensMs: null,
  };
}
