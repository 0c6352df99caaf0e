import {
  ALARM_KINDS,
  escalatedAlarm,
  type HeldAlarm,
  highestPriority,
  raisedAlarm,
  SILENCE_MS,
} from '../alarms.ts';
import type { PumpContext } from '../context.ts';
import type { EventOf, PumpEvent } from '../events.ts';
import type { Fact } from '../facts.ts';
import { refuse } from '../refusal.ts';
import { eventFact, type Outcome, pumpSetup, step } from '../step.ts';

const toHighest = (['none', 'low', 'medium', 'high'] as const).map((priority) => ({
  guard: ({ context }: { context: PumpContext }) => highestPriority(context.alarms) === priority,
  target: priority,
}));

/** The signal that the pump gives: that of its most urgent alarm. The alarms themselves are in the context. */
export const alarm = pumpSetup.createStateConfig({
  initial: 'none',
  on: {
    'alarm.raise': { actions: step(raise) },
    'alarm.cause-gone': { actions: step(endCause) },
    'bedside.silence': [
      { guard: ({ context }) => context.alarms.length > 0, actions: step(silence) },
      {
        actions: step((_: PumpContext, event: EventOf<'bedside.silence'>) =>
          refuse(event, 'there is no alarm'),
        ),
      },
    ],
    'bedside.clear': [
      { guard: ({ context }) => context.alarms.some(({ causeGone }) => causeGone), actions: step(clear) },
      {
        actions: step((context: PumpContext, event: EventOf<'bedside.clear'>) =>
          refuse(event, context.alarms.length === 0 ? 'there is no alarm' : 'the cause is still there'),
        ),
      },
    ],
    'due.silence-ended': { actions: step(endSilence) },
    'due.escalated': { actions: step(escalate) },
    'alarm.dismiss': { actions: step(dismiss) },
    'power.lost': { actions: step(endAll) },
  },
  states: {
    none: { always: toHighest.filter(({ target }) => target !== 'none') },
    low: { always: toHighest.filter(({ target }) => target !== 'low') },
    medium: { always: toHighest.filter(({ target }) => target !== 'medium') },
    high: { always: toHighest.filter(({ target }) => target !== 'high') },
  },
});

function raise(context: PumpContext, event: EventOf<'alarm.raise'>): Outcome {
  const { alarm: name, channel, atMs } = event;
  const held = context.alarms.find((each) => each.alarm === name && each.channel === channel);
  if (held !== undefined) {
    if (!held.causeGone) return {};
    // Its cause had gone and is back, or is one of a moment that has come again: it sounds again.
    const again = { ...held, causeGone: ALARM_KINDS[name].momentary, silencedUntilMs: null };
    return { context: replace(context, held, again) };
  }
  const raised = raisedAlarm(name, channel, atMs);
  return {
    context: { ...context, alarms: [...context.alarms, raised] },
    facts: [alarmFact(atMs, raised, 'raised')],
  };
}

/** Nobody has come: it becomes more urgent, and sounds again if it was silenced. */
function escalate(context: PumpContext, event: EventOf<'due.escalated'>): Outcome {
  const due = (held: HeldAlarm): boolean => held.escalatesAtMs !== null && held.escalatesAtMs <= event.atMs;
  const alarms = context.alarms.map((held) => (due(held) ? escalatedAlarm(held) : held));
  const facts = alarms
    .filter((_, index) => due(context.alarms[index] ?? raisedAlarm('idle', null, event.atMs)))
    .map((held) => alarmFact(event.atMs, held, 'escalated'));
  return { context: { ...context, alarms }, facts };
}

/** The pump itself has seen to it. */
function dismiss(context: PumpContext, event: EventOf<'alarm.dismiss'>): Outcome {
  const held = context.alarms.find((each) => each.alarm === event.alarm && each.channel === event.channel);
  if (held === undefined) return {};
  return {
    context: { ...context, alarms: context.alarms.filter((each) => each !== held) },
    facts: [alarmFact(event.atMs, held, 'cleared')],
  };
}

/** A latching alarm stays until somebody clears it; any other ends with its cause. */
function endCause(context: PumpContext, event: EventOf<'alarm.cause-gone'>): Outcome {
  const held = context.alarms.find((each) => each.alarm === event.alarm && each.channel === event.channel);
  if (held === undefined) return {};
  if (ALARM_KINDS[held.alarm].latching)
    return { context: replace(context, held, { ...held, causeGone: true }) };
  return {
    context: { ...context, alarms: context.alarms.filter((each) => each !== held) },
    facts: [alarmFact(event.atMs, held, 'cleared')],
  };
}

/** Silences what sounds now. A later alarm sounds, and no silence lasts longer than 2 minutes. */
function silence(context: PumpContext, event: EventOf<'bedside.silence'>): Outcome {
  const silencedUntilMs = event.atMs + SILENCE_MS;
  return {
    context: { ...context, alarms: context.alarms.map((held) => ({ ...held, silencedUntilMs })) },
    facts: context.alarms.map((held) => alarmFact(event.atMs, held, 'silenced')),
  };
}

function endSilence(context: PumpContext, event: EventOf<'due.silence-ended'>): Outcome {
  const over = (held: HeldAlarm): boolean =>
    held.silencedUntilMs !== null && held.silencedUntilMs <= event.atMs;
  return {
    context: {
      ...context,
      alarms: context.alarms.map((held) => (over(held) ? { ...held, silencedUntilMs: null } : held)),
    },
    facts: context.alarms
      .filter(over)
      .map((held) => eventFact(event.atMs, 'silence-ended', held.channel, { alarm: held.alarm })),
  };
}

function clear(context: PumpContext, event: EventOf<'bedside.clear'>): Outcome {
  const gone = context.alarms.filter(({ causeGone }) => causeGone);
  return {
    context: { ...context, alarms: context.alarms.filter(({ causeGone }) => !causeGone) },
    facts: gone.map((held) => alarmFact(event.atMs, held, 'cleared')),
  };
}

function endAll(context: PumpContext, event: PumpEvent): Outcome {
  return {
    context: { ...context, alarms: [] },
    facts: context.alarms.map((held) => alarmFact(event.atMs, held, 'cleared')),
  };
}

function replace(context: PumpContext, held: HeldAlarm, by: HeldAlarm): PumpContext {
  return { ...context, alarms: context.alarms.map((each) => (each === held ? by : each)) };
}

function alarmFact(
  atMs: number,
  held: HeldAlarm,
  change: 'raised' | 'silenced' | 'escalated' | 'cleared',
): Fact {
  const { alarm: name, channel, priority } = held;
  return { fact: 'alarm', atMs, alarm: name, channel, priority, change };
}
