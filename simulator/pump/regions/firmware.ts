import type { PumpContext } from '../context.ts';
import type { EventOf } from '../events.ts';
import { stagedFirmware, writtenFirmware } from '../firmware-slots.ts';
import {
  apply,
  beginConfirming,
  beginTrial,
  beginWriting,
  confirm,
  finishWriting,
  interruptWriting,
  mayApply,
  note,
  noteBusy,
  noteRefusal,
  openWindow,
  rollBack,
  setWindow,
  take,
  withdraw,
} from '../firmware-steps.ts';
import { passesSelfTest } from '../self-test.ts';
import { pumpSetup, step } from '../step.ts';

/**
 * running → downloading → verifying → staging (into the slot that does not run) → staged → applying (only in standby or off) → trial →
 * confirming → running, or trial → rollingBack → rolledBack. A therapy under way is never touched, and at every moment one slot is whole
 * and confirmed: whenever the supply goes, that one starts, or the trial that was under way gives way to it.
 */
export const firmware = pumpSetup.createStateConfig({
  initial: 'running',
  on: {
    'firmware.download-started': { target: '.downloading', actions: step(note('firmware-download-started')) },
    'firmware.offered': { target: '.staging', actions: step(take) },
    // Whatever the pump is about: what is due and is not taken note of comes back at once, for ever.
    'due.firmware-window': { actions: step(openWindow) },
    'firmware.window': { actions: step(setWindow) },
    'firmware.refused': [
      {
        guard: ({ context }) => stagedFirmware(context.firmware) !== null,
        target: '.staged',
        actions: step(noteRefusal),
      },
      { target: '.running', actions: step(noteRefusal) },
    ],
  },
  states: {
    running: {},
    downloading: {
      on: {
        'firmware.download-ended': { target: 'verifying', actions: step(note('firmware-download-ended')) },
        'firmware.withdrawn': { target: 'running', actions: step(withdraw) },
      },
    },
    verifying: {},
    staging: {
      // The package is kept until it is written: without a supply the writing begins anew when there is one again.
      always: { guard: ({ context }) => mayWrite(context), actions: step(beginWriting) },
      on: {
        'firmware.download-started': { actions: step(note('firmware-download-started')) },
        'firmware.download-ended': { actions: step(note('firmware-download-ended')) },
        'firmware.refused': { actions: step(noteRefusal) },
        'due.battery-empty': { actions: step(interruptWriting) },
        'due.firmware-staged': { target: 'staged', actions: step(finishWriting) },
        'firmware.withdrawn': { target: 'running', actions: step(withdraw) },
      },
    },
    staged: {
      always: {
        guard: ({ context, event }) => mayApply(context, event.atMs),
        target: 'applying',
        actions: step(apply),
      },
      on: { 'firmware.withdrawn': { target: 'running', actions: step(withdraw) } },
    },
    applying: {
      on: {
        ...busy(),
        'due.firmware-applied': { target: 'trial', actions: step(beginTrial) },
        'power.lost': 'staged',
      },
    },
    trial: {
      on: {
        ...busy(),
        'due.self-test-ended': [
          {
            guard: ({ context }) => passesSelfTest(context),
            target: 'confirming',
            actions: step(beginConfirming),
          },
          { target: 'rollingBack', actions: step(rollBack) },
        ],
        // Nothing was confirmed: the next start is the other slot's.
        'power.lost': { target: 'rolledBack', actions: step(rollBack) },
      },
    },
    confirming: {
      on: {
        ...busy(),
        'due.firmware-confirmed': { target: 'running', actions: step(confirm) },
        'due.battery-empty': { target: 'rolledBack', actions: step(rollBack) },
      },
    },
    /** The slot from before is tested again before anybody relies on it. */
    rollingBack: {
      on: { ...busy(), 'due.self-test-ended': 'rolledBack', 'power.lost': 'rolledBack' },
    },
    rolledBack: {},
  },
});

/** While an update is under way no other is taken; the offer is written down and comes again. */
function busy() {
  return {
    'firmware.download-started': { actions: step(note('firmware-busy')) },
    'firmware.refused': { actions: step(noteRefusal) },
    'firmware.offered': {
      actions: step((context: PumpContext, event: EventOf<'firmware.offered'>) => noteBusy(context, event)),
    },
  } as const;
}

function mayWrite({ firmware, power }: PumpContext): boolean {
  const hasSupply = power.mains || !power.toldNoSupply;
  return hasSupply && firmware.busyUntilMs === null && writtenFirmware(firmware) !== null;
}
