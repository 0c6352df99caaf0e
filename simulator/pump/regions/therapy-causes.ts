import { advance } from '../../physics/index.ts';
import type { AlarmName } from '../alarms.ts';
import type { PhysicalEvent } from '../bedside.ts';
import { channelOf, type PumpContext, withChannel, withPhysics } from '../context.ts';
import type { EventOf } from '../events.ts';
import { eventFact, type Outcome, step } from '../step.ts';
import { causeGone, endProgramme, haltByAlarm, micro, raiseAlarm } from '../therapy-steps.ts';

/** More than any container holds, in mL. */
const LARGEST_RESERVOIR_ML = 10_000;

type Caused = { readonly event: { readonly cause: Extract<PhysicalEvent, { channel: string }> } };

/** What happens to a channel in whatever mode it is. The pump notices only what it has a sensor for. */
export function physicalOf(id: string) {
  const mine = ({ event }: Caused) => event.cause.channel === id;
  return {
    'physical.line-clamped': {
      guard: mine,
      actions: step((context: PumpContext, event: EventOf<'physical.line-clamped'>) => ({
        context: withPhysics(context, id, event.atMs, { clamped: true }),
      })),
    },
    'physical.line-opened': {
      guard: mine,
      actions: step((context: PumpContext, event: EventOf<'physical.line-opened'>) =>
        openLine(context, id, event.atMs),
      ),
    },
    'physical.reservoir-changed': {
      guard: ({ event }: { event: EventOf<'physical.reservoir-changed'> }) =>
        event.cause.channel === id &&
        event.cause.volumeMl >= 0 &&
        event.cause.volumeMl <= LARGEST_RESERVOIR_ML,
      actions: step((context: PumpContext, event: EventOf<'physical.reservoir-changed'>) =>
        changeReservoir(context, id, event.atMs, event.cause.volumeMl),
      ),
    },
    'physical.air-entered': {
      guard: isAir(id),
      actions: step((context: PumpContext, event: EventOf<'physical.air-entered'>) => ({
        context: addAir(context, id, event.cause.volumeMicroL),
      })),
    },
    'physical.air-purged': {
      guard: mine,
      actions: step((context: PumpContext, event: EventOf<'physical.air-purged'>) => ({
        context: withChannel(context, id, { airMicroL: 0 }),
        facts: [eventFact(event.atMs, 'air-purged', id)],
        raise: [causeGone(event.atMs, 'air-in-line', id)],
      })),
    },
    'physical.door-opened': {
      guard: mine,
      actions: step((context: PumpContext, event: EventOf<'physical.door-opened'>) => ({
        context: withChannel(context, id, { doorOpen: true }),
        facts: [eventFact(event.atMs, 'door-opened', id)],
      })),
    },
    'physical.door-closed': {
      guard: mine,
      actions: step((context: PumpContext, event: EventOf<'physical.door-closed'>) => ({
        context: withChannel(context, id, { doorOpen: false }),
        facts: [eventFact(event.atMs, 'door-closed', id)],
        raise: [causeGone(event.atMs, 'door-open', id)],
      })),
    },
  } as const;
}

/** What stops an infusion, each with its alarm. */
export function stoppingOf(id: string) {
  const named = ({ event }: { event: { readonly channel: string } }) => event.channel === id;
  return {
    'due.occluded': {
      guard: named,
      target: 'stopped',
      actions: step((context: PumpContext, event: EventOf<'due.occluded'>) =>
        haltByAlarm(context, id, event.atMs, 'downstream-occlusion'),
      ),
    },
    'due.reservoir-empty': {
      guard: named,
      target: 'stopped',
      actions: step((context: PumpContext, event: EventOf<'due.reservoir-empty'>) =>
        haltByAlarm(context, id, event.atMs, 'reservoir-empty'),
      ),
    },
    'physical.air-entered': {
      guard: ({ context, event }: { context: PumpContext; event: EventOf<'physical.air-entered'> }) =>
        isAir(id)({ event }) &&
        channelOf(context, id).airMicroL + event.cause.volumeMicroL > context.model.airLimitMicroL,
      target: 'stopped',
      actions: step((context: PumpContext, event: EventOf<'physical.air-entered'>) =>
        haltByAlarm(addAir(context, id, event.cause.volumeMicroL), id, event.atMs, 'air-in-line'),
      ),
    },
    'physical.door-opened': {
      guard: ({ event }: { event: EventOf<'physical.door-opened'> }) => event.cause.channel === id,
      target: 'stopped',
      actions: step((context: PumpContext, event: EventOf<'physical.door-opened'>) => {
        const opened = withChannel(context, id, { doorOpen: true });
        const outcome = haltByAlarm(opened, id, event.atMs, 'door-open');
        return { ...outcome, facts: [eventFact(event.atMs, 'door-opened', id), ...(outcome.facts ?? [])] };
      }),
    },
  } as const;
}

type Alert = Extract<AlarmName, 'idle' | 'input-waiting' | 'near-end' | 'reservoir-low'>;

/** Raises an alert once: the context remembers that it was told. */
export function tell(id: string, alarm: Alert) {
  const told = {
    idle: { toldIdle: true },
    'input-waiting': { toldIdle: true },
    'near-end': { toldNearEnd: true },
    'reservoir-low': { toldReservoirLow: true },
  }[alarm];
  return {
    guard: ({ event }: { event: { readonly channel: string } }) => event.channel === id,
    actions: step((context: PumpContext, event: EventOf<`due.${Alert}`>) => ({
      context: withChannel(context, id, told),
      raise: [raiseAlarm(event.atMs, alarm, id)],
    })),
  } as const;
}

/** Nobody came back to the keypad: the entry is thrown away, audibly [GIP: alarm and clear after 10 min]. */
export function clearIdle(id: string) {
  return {
    guard: ({ event }: { event: { readonly channel: string } }) => event.channel === id,
    target: 'standby',
    actions: step((context: PumpContext, event: EventOf<'due.idle-too-long'>) => ({
      ...endProgramme(context, id, event.atMs, 'time-out'),
      raise: [raiseAlarm(event.atMs, 'programme-cleared', id)],
    })),
  } as const;
}

function openLine(context: PumpContext, id: string, atMs: number): Outcome {
  const { trappedMl } = advance(channelOf(context, id).physics, context.model.line, atMs);
  const noticed = context.alarms.some((held) => held.alarm === 'downstream-occlusion' && held.channel === id);
  return {
    context: withPhysics(context, id, atMs, { clamped: false }),
    facts: noticed ? [eventFact(atMs, 'occlusion-released', id, { bolusMl: micro(trappedMl) })] : [],
    raise: [causeGone(atMs, 'downstream-occlusion', id)],
  };
}

function changeReservoir(context: PumpContext, id: string, atMs: number, volumeMl: number): Outcome {
  const changed = withPhysics(context, id, atMs, { reservoirMl: volumeMl });
  return {
    context: withChannel(changed, id, { toldReservoirLow: false }),
    facts: [eventFact(atMs, 'reservoir-changed', id, { volumeMl })],
    raise: volumeMl > 0 ? [causeGone(atMs, 'reservoir-empty', id), causeGone(atMs, 'reservoir-low', id)] : [],
  };
}

function isAir(id: string) {
  return ({ event }: { event: EventOf<'physical.air-entered'> }) =>
    event.cause.channel === id && event.cause.volumeMicroL > 0 && Number.isFinite(event.cause.volumeMicroL);
}

function addAir(context: PumpContext, id: string, volumeMicroL: number): PumpContext {
  return withChannel(context, id, { airMicroL: channelOf(context, id).airMicroL + volumeMicroL });
}
