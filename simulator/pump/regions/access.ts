import { timingSafeEqual } from 'node:crypto';
import { BREAK_GLASS_REASONS } from '../bedside.ts';
import type { AccessMode, PumpContext } from '../context.ts';
import type { EventOf, PumpEvent } from '../events.ts';
import { touched } from '../idle.ts';
import { refuse } from '../refusal.ts';
import { eventFact, type Outcome, pumpSetup, step } from '../step.ts';

/** After so many wrong codes in a row the keypad takes none for a while: the one place of `keypad-lockout`. */
const MOST_WRONG_CODES = 3;
const LOCKOUT_MS = 5 * 60_000;

type CodeEvent = EventOf<'bedside.unlock' | 'bedside.enter-service'>;

/** Service mode is for a pump that treats nobody. */
const serviceDoor = [
  {
    guard: ({ context }: { context: PumpContext }) =>
      Object.values(context.channels).some(({ programme }) => programme !== null),
    actions: step((_: PumpContext, event: EventOf<'bedside.enter-service'>) =>
      refuse(event, 'a therapy is programmed'),
    ),
  },
  { guard: hasCode, target: 'service', actions: step(enteredService) },
  { guard: isLastTry, target: 'lockedOut', actions: step(lockOut) },
  { actions: step(wrongCode) },
] as const;

/** The covered key: care goes before the code, and the log has who said why. */
const breakGlass = [
  {
    guard: ({ event }: { event: EventOf<'bedside.break-glass'> }) => isReason(event.press.reason),
    target: 'unlocked',
    actions: step((context: PumpContext, event: EventOf<'bedside.break-glass'>) => ({
      ...enter('unlocked')(context),
      facts: [
        eventFact(event.atMs, 'break-glass-used', null, { by: event.role, reason: event.press.reason }),
      ],
    })),
  },
  {
    actions: step((_: PumpContext, event: EventOf<'bedside.break-glass'>) =>
      refuse(event, 'a reason is needed'),
    ),
  },
] as const;

function isReason(reason: unknown): boolean {
  return BREAK_GLASS_REASONS.some((one) => one === reason);
}

/**
 * locked ⇄ unlocked (role), a lockout after wrong codes, and service mode. Which role has which right, and what works
 * while the keypad is locked, is in `access-rights.ts`; what was denied ends here.
 */
export const access = pumpSetup.createStateConfig({
  initial: 'unlocked',
  on: {
    'access.denied': {
      actions: step((_: PumpContext, event: EventOf<'access.denied'>) =>
        refuse(event, event.reason, event.control),
      ),
    },
    'keypad.touched': { actions: step(touched) },
    'power.lost': [
      {
        guard: ({ context }) => context.access.mode === 'service',
        target: '.locked',
        actions: step(enter('locked')),
      },
      {},
    ],
  },
  states: {
    unlocked: {
      on: {
        'bedside.lock': { target: 'locked', actions: step(locked) },
        'bedside.enter-service': serviceDoor,
      },
    },
    locked: {
      on: {
        'bedside.unlock': [
          { guard: hasCode, target: 'unlocked', actions: step(unlocked) },
          { guard: isLastTry, target: 'lockedOut', actions: step(lockOut) },
          { actions: step(wrongCode) },
        ],
        'bedside.break-glass': breakGlass,
        'bedside.enter-service': serviceDoor,
      },
    },
    lockedOut: {
      on: {
        'due.lockout-ended': { target: 'locked', actions: step(lockoutEnded) },
        'bedside.break-glass': breakGlass,
      },
    },
    service: {
      on: { 'bedside.leave-service': { target: 'locked', actions: step(leftService) } },
    },
  },
});

function hasCode({ context, event }: { context: PumpContext; event: CodeEvent }): boolean {
  const { codes } = context.access;
  const wanted = event.type === 'bedside.enter-service' ? [codes.biomed] : [codes.nurse, codes.biomed];
  return wanted.some((code) => isSame(code, event.press.code));
}

function isSame(code: string, tried: unknown): boolean {
  const [a, b] = [Buffer.from(code), Buffer.from(typeof tried === 'string' ? tried : '')];
  return a.length === b.length && timingSafeEqual(a, b);
}

function isLastTry({ context }: { context: PumpContext }): boolean {
  return context.access.locksOut && context.access.wrongCodes + 1 >= MOST_WRONG_CODES;
}

function enter(mode: AccessMode, untilMs: number | null = null) {
  return (context: PumpContext): Outcome => ({
    context: { ...context, access: { ...context.access, mode, wrongCodes: 0, untilMs } },
  });
}

function told(mode: AccessMode, what: string) {
  return (context: PumpContext, event: PumpEvent & { readonly role: string }): Outcome => ({
    ...enter(mode)(context),
    facts: [eventFact(event.atMs, what, null, { by: event.role })],
  });
}

function locked(context: PumpContext, event: EventOf<'bedside.lock'>): Outcome {
  return told('locked', 'keypad-locked')(context, event);
}

function unlocked(context: PumpContext, event: EventOf<'bedside.unlock'>): Outcome {
  return told('unlocked', 'keypad-unlocked')(context, event);
}

function enteredService(context: PumpContext, event: EventOf<'bedside.enter-service'>): Outcome {
  return told('service', 'service-entered')(context, event);
}

function leftService(context: PumpContext, event: EventOf<'bedside.leave-service'>): Outcome {
  return told('locked', 'service-left')(context, event);
}

function wrongCode(context: PumpContext, event: CodeEvent): Outcome {
  const { access } = context;
  return {
    ...refuse(event, 'the code is wrong'),
    context: { ...context, access: { ...access, wrongCodes: access.wrongCodes + 1 } },
  };
}

function lockOut(context: PumpContext, event: CodeEvent): Outcome {
  const facts = refuse(event, 'the code is wrong, once too often', 'keypad-lockout').facts ?? [];
  return {
    ...enter('lockedOut', event.atMs + LOCKOUT_MS)(context),
    facts: [...facts, eventFact(event.atMs, 'keypad-locked-out', null, { by: event.role })],
  };
}

function lockoutEnded(context: PumpContext, event: EventOf<'due.lockout-ended'>): Outcome {
  return { ...enter('locked')(context), facts: [eventFact(event.atMs, 'lockout-ended')] };
}
