import { advance } from '../../physics/index.ts';
import { channelOf, type PumpContext, withChannel } from '../context.ts';
import type { EventOf } from '../events.ts';
import { passes, refuseByLimits } from '../limit-answers.ts';
import { judgeProgramme } from '../limits.ts';
import { detailOf, libraryName, overrideFacts } from '../programme-record.ts';
import { refuse } from '../refusal.ts';
import { eventFact, type Outcome, step } from '../step.ts';
import { causeGone, doseAlert, run, runPrimary, withoutSecondary } from '../therapy-steps.ts';
import { obstacle, questionOf, resolveEntry } from '../verdicts.ts';
import { micro, remainingMl } from '../volumes.ts';

type Ends = EventOf<'due.budget-spent' | 'due.reservoir-empty' | 'bedside.stop-secondary'>;

interface Given<
  T extends
    | 'bedside.programme-secondary'
    | 'bedside.start-secondary'
    | 'bedside.stop-secondary'
    | 'due.budget-spent'
    | 'due.reservoir-empty',
> {
  readonly context: PumpContext;
  readonly event: EventOf<T>;
}

/** The piggyback: a second bag that runs first; then the primary goes on at its own rate. */
export function secondaryOf(id: string) {
  const programmeSecondary = [
    {
      guard: ({ context, event }: Given<'bedside.programme-secondary'>) =>
        event.press.channel === id && whyNotProgrammed(context, id, event) === null,
      actions: step((context: PumpContext, event: EventOf<'bedside.programme-secondary'>) => {
        const resolved = resolveEntry(context, id, event.press.programme);
        if (!resolved.ok) return {};
        const { programme } = resolved;
        const verdict = judgeProgramme(questionOf(context, id, programme), programme);
        return {
          context: withChannel(context, id, { secondary: { programme, beganAtMl: null } }),
          facts: [
            ...overrideFacts(event.atMs, id, verdict, event.role),
            eventFact(event.atMs, 'secondary-programmed', id, { ...detailOf(programme), by: event.role }),
          ],
        };
      }),
    },
    {
      guard: ({ event }: Given<'bedside.programme-secondary'>) => event.press.channel === id,
      actions: step(
        (context: PumpContext, event: EventOf<'bedside.programme-secondary'>) =>
          whyNotProgrammed(context, id, event) ?? {},
      ),
    },
  ] as const;

  const startSecondary = [
    {
      guard: ({ context, event }: Given<'bedside.start-secondary'>) =>
        event.press.channel === id && whyNotStarted(context, id, event.atMs) === null,
      target: `#channel-${id}.infusing.secondary`,
      actions: step((context: PumpContext, event: EventOf<'bedside.start-secondary'>) =>
        begin(context, id, event),
      ),
    },
    {
      guard: ({ event }: Given<'bedside.start-secondary'>) => event.press.channel === id,
      actions: step((context: PumpContext, event: EventOf<'bedside.start-secondary'>) =>
        refuse(event, whyNotStarted(context, id, event.atMs) ?? 'not possible now'),
      ),
    },
  ] as const;

  /** Its volume is in, or its bag is empty: the primary goes on. */
  const secondaryEnds = {
    guard: ({ event }: Given<'due.budget-spent' | 'due.reservoir-empty'>) => event.channel === id,
    target: 'primary',
    actions: step((context: PumpContext, event: EventOf<'due.budget-spent' | 'due.reservoir-empty'>) =>
      end(context, id, event),
    ),
  } as const;

  /** Given up while it runs: the primary goes on. */
  const leaveSecondary = {
    guard: ({ event }: Given<'bedside.stop-secondary'>) => event.press.channel === id,
    target: 'primary',
    actions: step((context: PumpContext, event: EventOf<'bedside.stop-secondary'>) =>
      end(context, id, event),
    ),
  } as const;

  /** Given up before it began or while the channel stands: the primary is what goes on then. */
  const forgetSecondary = [
    {
      guard: ({ context, event }: Given<'bedside.stop-secondary'>) =>
        event.press.channel === id && channelOf(context, id).secondary !== null,
      actions: step((context: PumpContext, event: EventOf<'bedside.stop-secondary'>) =>
        takeAway(context, id, event),
      ),
    },
    {
      guard: ({ event }: Given<'bedside.stop-secondary'>) => event.press.channel === id,
      actions: step((_: PumpContext, event: EventOf<'bedside.stop-secondary'>) =>
        refuse(event, 'there is no second bag'),
      ),
    },
  ] as const;

  return { programmeSecondary, startSecondary, secondaryEnds, leaveSecondary, forgetSecondary };
}

function whyNotProgrammed(
  context: PumpContext,
  id: string,
  event: EventOf<'bedside.programme-secondary'>,
): Outcome | null {
  if (!context.model.secondary) return refuse(event, `a ${context.model.title} takes no second bag`);
  if (channelOf(context, id).primaryBagMl !== null) return refuse(event, 'a second bag is running already');
  const resolved = resolveEntry(context, id, event.press.programme);
  if (!resolved.ok) return refuse(event, resolved.reason, 'dose-limits');
  if (resolved.programme.loading !== null) return refuse(event, 'a second bag has no loading dose');
  const verdict = judgeProgramme(questionOf(context, id, resolved.programme), resolved.programme);
  return passes(verdict, event.press.overrideSoftLimit) ? null : refuseByLimits(event, verdict);
}

function whyNotStarted(context: PumpContext, id: string, atMs: number): string | null {
  const { secondary, secondaryBagMl } = channelOf(context, id);
  if (secondary === null) return 'no second bag is programmed';
  if (secondaryBagMl === null || !(secondaryBagMl > 0)) return 'no second bag hangs';
  if (!(remainingMl(context, id, atMs) > 0)) return 'the primary infusion is complete';
  const { mode, interrupted } = channelOf(context, id);
  if (mode === 'paused' && interrupted.phase === 'loading') return 'the loading dose comes first';
  return obstacle(context, id, atMs);
}

function begin(context: PumpContext, id: string, event: EventOf<'bedside.start-secondary'>): Outcome {
  const { atMs } = event;
  const channel = channelOf(context, id);
  const { secondary, secondaryBagMl } = channel;
  if (secondary === null || secondaryBagMl === null) return {};
  const physics = advance(channel.physics, context.model.line, atMs);
  const hung = withChannel(context, id, {
    physics: { ...physics, reservoirMl: secondaryBagMl },
    primaryBagMl: physics.reservoirMl,
    secondaryBagMl: null,
    secondary: { ...secondary, beganAtMl: physics.drivenMl },
    interrupted: { phase: 'secondary', leftMl: null },
    toldReservoirLow: false,
  });
  const running = run(hung, id, atMs, 'secondary');
  return {
    context: running,
    facts: [
      eventFact(atMs, 'secondary-started', id, {
        ...detailOf(secondary.programme),
        library: secondary.programme.drug === null ? null : libraryName(context),
        by: event.role,
      }),
    ],
    // What was said of the other bag does not hold for this one.
    raise: [causeGone(atMs, 'reservoir-low', id), doseAlert(running, id, atMs)],
  };
}

/** The second bag is over, one way or another, and the primary runs. */
function end(context: PumpContext, id: string, event: Ends): Outcome {
  const outcome = takeAway(context, id, event);
  return { ...outcome, context: runPrimary(outcome.context ?? context, id, event.atMs) };
}

function takeAway(context: PumpContext, id: string, event: Ends): Outcome {
  const { secondary, physics, primaryBagMl, interrupted } = channelOf(context, id);
  const { drivenMl } = advance(physics, context.model.line, event.atMs);
  const deliveredMl = micro(drivenMl - (secondary?.beganAtMl ?? drivenMl));
  const orderId = secondary?.programme.orderId ?? null;
  const begun = primaryBagMl !== null;
  const back = withChannel(withoutSecondary(context, id, event.atMs), id, {
    ...(begun ? { secondaryBagMl: null, toldReservoirLow: false } : {}),
    interrupted: begun ? { phase: 'primary', leftMl: null } : interrupted,
  });
  return {
    context: back,
    facts: [
      event.type === 'bedside.stop-secondary'
        ? eventFact(event.atMs, 'secondary-stopped', id, { orderId, deliveredMl, by: event.role })
        : eventFact(event.atMs, 'secondary-completed', id, {
            orderId,
            deliveredMl,
            bagEmpty: event.type === 'due.reservoir-empty',
          }),
    ],
    raise: begun ? [causeGone(event.atMs, 'reservoir-low', id), doseAlert(back, id, event.atMs)] : [],
  };
}
