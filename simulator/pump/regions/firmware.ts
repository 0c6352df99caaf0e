import { batteryPercentAt } from '../../physics/index.ts';
import { isIdle, type PumpContext } from '../context.ts';
import type { EventOf, PumpEvent } from '../events.ts';
import { eventFact, type Outcome, pumpSetup, step } from '../step.ts';

/** An update is not begun on a battery that might not last it out, in percent. */
const SAFE_BATTERY_PERCENT = 20;

/**
 * running → downloading → verifying → staged → applying (only in standby or off) → trial → running | rolledBack.
 * A staged update waits for standby by itself; a therapy under way is never touched.
 */
export const firmware = pumpSetup.createStateConfig({
  initial: 'running',
  on: {
    'firmware.download-started': { target: '.downloading', actions: step(note('firmware-download-started')) },
    'firmware.offered': { target: '.staged', actions: step(stage) },
    'firmware.refused': [
      {
        guard: ({ context }) => context.firmware.staged !== null,
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
      },
    },
    verifying: {},
    staged: {
      always: {
        guard: ({ context, event }) => mayApply(context, event.atMs),
        target: 'applying',
        actions: step(apply),
      },
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
            guard: ({ context }) => context.firmware.running.selfTest === 'passes',
            target: 'running',
            actions: step(keep),
          },
          { target: 'rolledBack', actions: step(rollBack) },
        ],
        'power.lost': { target: 'rolledBack', actions: step(rollBack) },
      },
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
      actions: step((_: PumpContext, event: EventOf<'firmware.offered'>) => ({
        facts: [eventFact(event.atMs, 'firmware-busy', null, { version: event.personality.version })],
      })),
    },
  } as const;
}

/** In standby or off, awake or asleep but not testing, and with a supply that will last. */
function mayApply(context: PumpContext, atMs: number): boolean {
  if (context.power.busyUntilMs !== null || !isIdle(context)) return false;
  return context.power.mains || batteryPercentAt(context.battery, atMs) > SAFE_BATTERY_PERCENT;
}

function note(what: string) {
  return (
    _: PumpContext,
    event: EventOf<'firmware.download-started' | 'firmware.download-ended'>,
  ): Outcome => ({
    facts: [eventFact(event.atMs, what, null, { version: event.version })],
  });
}

function noteRefusal(_: PumpContext, event: EventOf<'firmware.refused'>): Outcome {
  const { version, reason, control } = event;
  return { facts: [eventFact(event.atMs, 'firmware-refused', null, { version, reason, control })] };
}

function stage(context: PumpContext, event: EventOf<'firmware.offered'>): Outcome {
  const { version } = event.personality;
  const facts = [eventFact(event.atMs, 'firmware-staged', null, { version })];
  if (!mayApply(context, event.atMs))
    facts.push(eventFact(event.atMs, 'firmware-deferred', null, { version }));
  return { context: { ...context, firmware: { ...context.firmware, staged: event.personality } }, facts };
}

function apply(context: PumpContext, event: PumpEvent): Outcome {
  const { running, staged } = context.firmware;
  return {
    facts: [
      eventFact(event.atMs, 'firmware-applying', null, {
        from: running.version,
        to: staged?.version ?? null,
      }),
    ],
    raise: [{ type: 'firmware.apply', atMs: event.atMs }],
  };
}

function beginTrial(context: PumpContext, event: PumpEvent): Outcome {
  const { running, staged, highestEpoch } = context.firmware;
  if (staged === null) return {};
  return {
    context: { ...context, firmware: { running: staged, staged: null, previous: running, highestEpoch } },
    facts: [eventFact(event.atMs, 'firmware-trial', null, { version: staged.version })],
  };
}

/** The trial has passed: only now a way back below this security epoch is closed. */
function keep(context: PumpContext, event: PumpEvent): Outcome {
  const { running, previous, staged, highestEpoch } = context.firmware;
  return {
    context: {
      ...context,
      firmware: {
        running,
        staged,
        previous: null,
        highestEpoch: Math.max(highestEpoch, running.securityEpoch),
      },
    },
    facts: [
      eventFact(event.atMs, 'firmware-updated', null, {
        from: previous?.version ?? null,
        to: running.version,
      }),
    ],
  };
}

function rollBack(context: PumpContext, event: PumpEvent): Outcome {
  const { running, previous, staged, highestEpoch } = context.firmware;
  if (previous === null) return {};
  return {
    context: { ...context, firmware: { running: previous, staged, previous: null, highestEpoch } },
    facts: [
      eventFact(event.atMs, 'firmware-rolled-back', null, { from: running.version, to: previous.version }),
    ],
  };
}
