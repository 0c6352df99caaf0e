import type { PumpContext } from '../context.ts';
import type { EventOf, PumpEvent } from '../events.ts';
import { eventFact, type Outcome, pumpSetup, step } from '../step.ts';

/**
 * current → downloading → verifying → pending. What is pending becomes active at the next power-on with a new
 * patient, whatever else is being transferred then; a patient under way keeps the limits that he began with.
 */
export const library = pumpSetup.createStateConfig({
  initial: 'current',
  on: {
    'library.download-started': { target: '.downloading', actions: step(note('library-download-started')) },
    'library.offered': { target: '.pending', actions: step(keep) },
    'library.refused': [
      {
        guard: ({ context }) => context.library.pending !== null,
        target: '.pending',
        actions: step(noteRefusal),
      },
      { target: '.current', actions: step(noteRefusal) },
    ],
    'library.ruled-out': [
      {
        guard: ({ context, event }) => event.place === 'pending' && context.library.pending !== null,
        target: '.current',
        actions: step(drop),
      },
      { actions: step(noteBeyond) },
    ],
    'library.written': { actions: step(write) },
    'ceiling.taken': { actions: step(noteCeiling) },
    'ceiling.refused': { actions: step(noteCeilingRefusal) },
    'physical.library-corrupted': { actions: step(corrupt) },
    // Switching off has ended the alarm, not its cause.
    'power.ready': { guard: ({ context }) => context.library.failed, actions: step(alertFailed) },
    'power.switched-on': [
      {
        guard: ({ context, event }) => event.newPatient && context.library.pending !== null,
        target: '.current',
        actions: step(activate),
      },
      {},
    ],
  },
  states: {
    current: {},
    downloading: {
      on: {
        'library.download-ended': { target: 'verifying', actions: step(note('library-download-ended')) },
      },
    },
    verifying: {},
    pending: {},
  },
});

function note(what: string) {
  return (
    _: PumpContext,
    event: EventOf<'library.download-started' | 'library.download-ended'>,
  ): Outcome => ({
    facts: [eventFact(event.atMs, what, null, { version: event.version })],
  });
}

function noteRefusal(_: PumpContext, event: EventOf<'library.refused'>): Outcome {
  const { version, reason, control } = event;
  return { facts: [eventFact(event.atMs, 'library-refused', null, { version, reason, control })] };
}

function keep(context: PumpContext, event: EventOf<'library.offered'>): Outcome {
  const { id, version, sequence } = event.library;
  return {
    context: { ...context, library: { ...context.library, pending: event.library } },
    facts: [eventFact(event.atMs, 'library-pending', null, { library: id, version, sequence })],
  };
}

/** Into the memory itself, past whatever judges a release: it is what the pump goes by from then on. */
function write(context: PumpContext, event: EventOf<'library.written'>): Outcome {
  const { library, by, atMs } = event;
  const { id, version, sequence } = library;
  const replaced = context.library.inUse?.version ?? null;
  return {
    context: { ...context, library: { ...context.library, inUse: library, failed: false } },
    facts: [eventFact(atMs, 'library-written', null, { library: id, version, sequence, replaced, by })],
    raise: [{ type: 'alarm.cause-gone', atMs, alarm: 'limits-failed', channel: null }],
  };
}

function drop(context: PumpContext, event: EventOf<'library.ruled-out'>): Outcome {
  const { pending } = context.library;
  if (pending === null) return {};
  const { id, version } = pending;
  const detail = { library: id, version, reason: event.reason, control: 'library-ceiling' };
  return {
    context: { ...context, library: { ...context.library, pending: null } },
    facts: [eventFact(event.atMs, 'library-dropped', null, detail)],
  };
}

/** A therapy keeps the limits that it began with, even where they are beyond the ceiling: without any it would be worse off. */
function noteBeyond(context: PumpContext, event: EventOf<'library.ruled-out'>): Outcome {
  const library = context.library[event.place];
  if (library === null) return {};
  const { id, version } = library;
  const detail = { library: id, version, reason: event.reason };
  return { facts: [eventFact(event.atMs, 'library-beyond-ceiling', null, detail)] };
}

function noteCeiling(_: PumpContext, event: EventOf<'ceiling.taken'>): Outcome {
  const { version, sequence } = event;
  return { facts: [eventFact(event.atMs, 'ceiling-taken', null, { version, sequence })] };
}

function noteCeilingRefusal(_: PumpContext, event: EventOf<'ceiling.refused'>): Outcome {
  const { version, reason, control } = event;
  return { facts: [eventFact(event.atMs, 'ceiling-refused', null, { version, reason, control })] };
}

function activate(context: PumpContext, event: EventOf<'power.switched-on'>): Outcome {
  const { pending, inUse } = context.library;
  if (pending === null) return {};
  const { id, version, sequence } = pending;
  const detail = { library: id, version, sequence, replaced: inUse?.version ?? null };
  return {
    context: { ...context, library: { inUse: pending, pending: null, failed: false } },
    facts: [eventFact(event.atMs, 'library-activated', null, detail)],
    raise: [{ type: 'alarm.cause-gone', atMs: event.atMs, alarm: 'limits-failed', channel: null }],
  };
}

/** The memory of the limits fails: only the ranges of the model are left, and the display says so. */
function corrupt(context: PumpContext, event: EventOf<'physical.library-corrupted'>): Outcome {
  const { inUse, pending } = context.library;
  if (inUse === null) return { facts: [eventFact(event.atMs, 'limits-failed')] };
  return {
    context: { ...context, library: { inUse: null, pending, failed: true } },
    facts: [eventFact(event.atMs, 'limits-failed', null, { library: inUse.id, version: inUse.version })],
    ...alertFailed(context, event),
  };
}

function alertFailed(_: PumpContext, event: PumpEvent): Outcome {
  return { raise: [{ type: 'alarm.raise', atMs: event.atMs, alarm: 'limits-failed', channel: null }] };
}
