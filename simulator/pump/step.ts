import { enqueueActions, setup } from 'xstate';
import type { PumpContext, PumpInput } from './context.ts';
import type { PumpEvent } from './events.ts';
import type { Fact } from './facts.ts';

/** What the machine tells the outside, in order. */
export interface Emitted {
  readonly type: 'fact';
  readonly fact: Fact;
}

export const pumpSetup = setup({
  types: {
    context: {} as PumpContext,
    events: {} as PumpEvent,
    input: {} as PumpInput,
    emitted: {} as Emitted,
  },
});

/** What a step does: a new context, facts, and events for the other regions. */
export interface Outcome {
  readonly context?: PumpContext;
  readonly facts?: readonly Fact[];
  readonly raise?: readonly PumpEvent[];
}

/** Turns a pure function of context and event into an action of the machine. */
export function step<E extends PumpEvent>(compute: (context: PumpContext, event: E) => Outcome) {
  return enqueueActions<PumpContext, E, undefined, PumpEvent, never, never, never, never, Emitted>(
    ({ context, event, enqueue }) => {
      // The event with which XState starts carries no time; the initial context says all that entries would say.
      const type: string = event.type;
      if (type === 'xstate.init') return;
      const outcome = compute(context, event);
      if (outcome.context !== undefined) enqueue.assign(outcome.context);
      for (const fact of outcome.facts ?? []) enqueue.emit({ type: 'fact', fact });
      for (const raised of outcome.raise ?? []) enqueue.raise(raised);
    },
  );
}

/** A fact of the kind `event`. */
export function eventFact(
  atMs: number,
  event: string,
  channel: string | null = null,
  detail: Readonly<Record<string, string | number | boolean | null>> = {},
): Fact {
  return { fact: 'event', atMs, event, channel, detail };
}
