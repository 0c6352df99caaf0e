import { advance, openSupply, pressureMmHg } from '../../physics/index.ts';
import type { AlarmName } from '../alarms.ts';
import { type PhysicalEvent, SENSORS } from '../bedside.ts';
import { channelOf, isFlowOff, type PumpContext, withChannel, withPhysics } from '../context.ts';
import type { EventOf, PumpEvent } from '../events.ts';
import { FAULT_KINDS, faultOf } from '../faults.ts';
import { eventFact, type Outcome, step } from '../step.ts';
import { causeGone, endProgramme, haltByAlarm, raiseAlarm } from '../therapy-steps.ts';
import { airLimitOf } from '../verdicts.ts';
import { micro } from '../volumes.ts';

/** More than any container holds, in mL. */
const LARGEST_RESERVOIR_ML = 10_000;

type Caused = { readonly event: { readonly cause: Extract<PhysicalEvent, { channel: string }> } };

/** What happens to a channel in whatever mode it is. The pump notices only what it has a sensor for. */
export function physicalOf(id: string) {
  const mine = ({ event }: Caused) => event.cause.channel === id;
  return {
    'physical.line-clamped': {
      guard: mine,
      actions: step((context: PumpContext, event: EventOf<'physical.line-clamped'>) => {
        const clamped = withPhysics(context, id, event.atMs, { clamped: true });
        const { physics, settings } = channelOf(clamped, id);
        // Clamped again before it could empty itself.
        const isFull = pressureMmHg(physics, context.model.line) >= settings.occlusionLimitMmHg * (1 - 1e-9);
        return {
          context: clamped,
          raise: isFull ? backAgain(context, id, event.atMs, 'downstream-occlusion') : [],
        };
      }),
    },
    'physical.line-opened': {
      guard: mine,
      actions: step((context: PumpContext, event: EventOf<'physical.line-opened'>) =>
        openLine(context, id, event.atMs),
      ),
    },
    'physical.supply-clamped': {
      guard: mine,
      actions: step((context: PumpContext, event: EventOf<'physical.supply-clamped'>) => ({
        context: withPhysics(context, id, event.atMs, { supplyClamped: true }),
      })),
    },
    'physical.supply-opened': {
      guard: mine,
      actions: step((context: PumpContext, event: EventOf<'physical.supply-opened'>) => ({
        context: withPhysics(
          context,
          id,
          event.atMs,
          openSupply(advance(channelOf(context, id).physics, context.model.line, event.atMs)),
        ),
        raise: [causeGone(event.atMs, 'upstream-occlusion', id)],
      })),
    },
    'physical.reservoir-changed': {
      guard: ({ context, event }: { context: PumpContext; event: EventOf<'physical.reservoir-changed'> }) =>
        event.cause.channel === id &&
        isContainer(context, event.cause) &&
        mayChangeSize(context, id, event.cause.syringeMl),
      actions: step((context: PumpContext, event: EventOf<'physical.reservoir-changed'>) =>
        changeReservoir(context, id, event),
      ),
    },
    'physical.secondary-hung': {
      guard: ({ context, event }: { context: PumpContext; event: EventOf<'physical.secondary-hung'> }) =>
        event.cause.channel === id &&
        context.model.secondary &&
        channelOf(context, id).primaryBagMl === null &&
        isContainer(context, event.cause),
      actions: step((context: PumpContext, event: EventOf<'physical.secondary-hung'>) => ({
        context: withChannel(context, id, { secondaryBagMl: event.cause.volumeMl }),
        facts: [eventFact(event.atMs, 'secondary-hung', id, { volumeMl: event.cause.volumeMl })],
      })),
    },
    'physical.air-entered': {
      guard: isAir(id),
      actions: step((context: PumpContext, event: EventOf<'physical.air-entered'>) =>
        addAir(context, id, event.atMs, event.cause.volumeMicroL),
      ),
    },
    'physical.air-leaking': {
      guard: ({ event }: { event: EventOf<'physical.air-leaking'> }) =>
        event.cause.channel === id && isWithin(event.cause.microLPerMl, 0, 1_000),
      actions: step((context: PumpContext, event: EventOf<'physical.air-leaking'>) => ({
        context: withPhysics(context, id, event.atMs, { airMicroLPerMl: event.cause.microLPerMl }),
      })),
    },
    'physical.air-purged': {
      guard: mine,
      actions: step((context: PumpContext, event: EventOf<'physical.air-purged'>) => ({
        context: withPhysics(context, id, event.atMs, { airMicroL: 0 }),
        facts: [eventFact(event.atMs, 'air-purged', id)],
        raise: [causeGone(event.atMs, 'air-in-line', id)],
      })),
    },
    'physical.motor-slipping': {
      guard: ({ event }: { event: EventOf<'physical.motor-slipping'> }) =>
        event.cause.channel === id && isWithin(event.cause.share, 0, 2),
      actions: step((context: PumpContext, event: EventOf<'physical.motor-slipping'>) => {
        const { share } = event.cause;
        const slipping = withPhysics(context, id, event.atMs, { share });
        const raise = isFlowOff(share)
          ? backAgain(context, id, event.atMs, 'flow-error')
          : [causeGone(event.atMs, 'flow-error', id)];
        return { context: slipping, raise };
      }),
    },
    ...eachFaultEvent(FAULT_EVENTS, (type) => ({
      [type]: {
        guard: ({ context, event }: { context: PumpContext; event: FaultEvent }) =>
          mine({ event }) && isFault(context, event.cause),
        actions: step((context: PumpContext, event: FaultEvent) => changeFault(context, id, event)),
      },
    })),
  } as const;
}

type FaultEvent = EventOf<`physical.${(typeof FAULT_EVENTS)[number]}`>;
const FAULT_EVENTS = [
  'door-opened',
  'door-closed',
  'set-misloaded',
  'set-loaded',
  'barrel-unclamped',
  'barrel-clamped',
  'plunger-disengaged',
  'plunger-engaged',
  'channel-detached',
  'channel-attached',
  'sensor-failed',
  'sensor-repaired',
] as const;

/** Those that stop a delivery. A set that is found misloaded while it delivers is an alert [GIP]: the nurse decides. */
const STOPPING_FAULT_EVENTS = [
  'door-opened',
  'barrel-unclamped',
  'plunger-disengaged',
  'channel-detached',
  'sensor-failed',
] as const satisfies readonly (typeof FAULT_EVENTS)[number][];

function eachFaultEvent<N extends string, T>(
  names: readonly N[],
  make: (type: `physical.${N}`) => Record<string, T>,
): { readonly [K in `physical.${N}`]: T } {
  // The names come from the list that the type is made of.
  return Object.assign({}, ...names.map((name) => make(`physical.${name}`)));
}

/** What begins or ends in whatever mode; only what must be known at once alarms at rest. */
function changeFault(context: PumpContext, id: string, event: FaultEvent): Outcome {
  const change = faultOf(event.cause);
  if (change === null) return {};
  const { fault, begins } = change;
  const { alarm, alarmsAtRest } = FAULT_KINDS[fault];
  const { faults } = channelOf(context, id);
  const others = faults.filter((one) => one !== fault);
  const isOver = !begins && !others.some((one) => FAULT_KINDS[one].alarm === alarm);
  return {
    context: withChannel(context, id, { faults: begins ? [...others, fault] : others }),
    facts: [
      eventFact(
        event.atMs,
        event.cause.event,
        id,
        'sensor' in event.cause ? { sensor: event.cause.sensor } : {},
      ),
    ],
    raise: [
      ...(begins && alarmsAtRest && context.power.mode === 'on'
        ? [raiseAlarm(event.atMs, alarm, id)]
        : begins
          ? backAgain(context, id, event.atMs, alarm)
          : []),
      ...(isOver ? [causeGone(event.atMs, alarm, id)] : []),
    ],
  };
}

/** A cause that comes back before its alarm was cleared is there again. */
function backAgain(context: PumpContext, id: string, atMs: number, alarm: AlarmName): readonly PumpEvent[] {
  const held = context.alarms.some((each) => each.alarm === alarm && each.channel === id);
  return held ? [raiseAlarm(atMs, alarm, id)] : [];
}

/** What went wrong while the pump was off and alarms at rest is told as soon as the pump is ready. */
export function alarmAtRest(id: string) {
  return step((context: PumpContext, event: EventOf<'power.ready'>) => ({
    raise: channelOf(context, id)
      .faults.map((fault) => FAULT_KINDS[fault])
      .filter(({ alarmsAtRest }) => alarmsAtRest)
      .map(({ alarm }) => raiseAlarm(event.atMs, alarm, id)),
  }));
}

/** Events come from sockets too: what the model does not have, or nobody knows, has no fault. */
function isFault({ model }: PumpContext, cause: FaultEvent['cause']): boolean {
  switch (cause.event) {
    case 'sensor-failed':
    case 'sensor-repaired':
      return SENSORS.includes(cause.sensor);
    case 'door-opened':
    case 'door-closed':
      return model.holds === 'door';
    case 'barrel-unclamped':
    case 'barrel-clamped':
    case 'plunger-disengaged':
    case 'plunger-engaged':
      return model.holds === 'syringe';
    default:
      return true;
  }
}

/** What stops an infusion, each with its alarm. */
export function stoppingOf(id: string) {
  const named = ({ event }: { event: { readonly channel: string } }) => event.channel === id;
  const stops = (alarm: AlarmName) =>
    ({
      guard: named,
      target: 'stopped',
      actions: step((context: PumpContext, event: PumpEvent) => haltByAlarm(context, id, event.atMs, alarm)),
    }) as const;
  return {
    'due.occluded': stops('downstream-occlusion'),
    'due.reservoir-empty': stops('reservoir-empty'),
    'due.supply-drawn': stops('upstream-occlusion'),
    'due.air-limit': stops('air-in-line'),
    'due.flow-off': stops('flow-error'),
    'device.failed': {
      target: 'stopped',
      actions: step((context: PumpContext, event: EventOf<'device.failed'>) => {
        const { raise: _, ...outcome } = haltByAlarm(context, id, event.atMs, event.alarm);
        return outcome;
      }),
    },
    ...eachFaultEvent(STOPPING_FAULT_EVENTS, (type) => ({
      [type]: {
        guard: ({ context, event }: { context: PumpContext; event: FaultEvent }) =>
          event.cause.channel === id && isFault(context, event.cause),
        target: 'stopped',
        actions: step((context: PumpContext, event: FaultEvent) => {
          const noted = changeFault(context, id, event);
          const change = faultOf(event.cause);
          if (change === null) return noted;
          const { alarm } = FAULT_KINDS[change.fault];
          const outcome = haltByAlarm(noted.context ?? context, id, event.atMs, alarm);
          return { ...outcome, facts: [...(noted.facts ?? []), ...(outcome.facts ?? [])] };
        }),
      },
    })),
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

/** [GIP]: what a released occlusion lets into the patient at once. */
const MOST_BOLUS_ML = 0.5;

/** The line is open again; what was trapped goes into the patient, and the pump says so if it was too much. */
export function openLine(context: PumpContext, id: string, atMs: number): Outcome {
  const { physics, settings } = channelOf(context, id);
  const { trappedMl } = advance(physics, context.model.line, atMs);
  const noticed = context.alarms.some((held) => held.alarm === 'downstream-occlusion' && held.channel === id);
  const bolusMl = micro(trappedMl);
  const facts = noticed ? [eventFact(atMs, 'occlusion-released', id, { bolusMl })] : [];
  if (noticed && trappedMl > MOST_BOLUS_ML) {
    const reason = `the occlusion limit of ${settings.occlusionLimitMmHg} mmHg lets the line hold more`;
    facts.push(eventFact(atMs, 'release-bolus-exceeded', id, { bolusMl, limitMl: MOST_BOLUS_ML, reason }));
  }
  return {
    context: withPhysics(context, id, atMs, { clamped: false }),
    facts,
    raise: [causeGone(atMs, 'downstream-occlusion', id)],
  };
}

function changeReservoir(
  context: PumpContext,
  id: string,
  event: EventOf<'physical.reservoir-changed'>,
): Outcome {
  const { atMs, cause } = event;
  const { volumeMl, syringeMl } = cause;
  // A new set or syringe has play of its own.
  const changed = withPhysics(context, id, atMs, { reservoirMl: volumeMl, settledMl: 0 });
  const runsSecondary = channelOf(context, id).primaryBagMl !== null;
  return {
    context: withChannel(changed, id, {
      toldReservoirLow: false,
      ...(syringeMl === undefined ? {} : { syringeMl }),
    }),
    facts: [
      eventFact(atMs, 'reservoir-changed', id, {
        volumeMl,
        ...(syringeMl === undefined ? {} : { syringeMl }),
        ...(runsSecondary ? { secondary: true } : {}),
      }),
    ],
    raise:
      volumeMl > 0
        ? [causeGone(atMs, 'reservoir-empty', id), causeGone(atMs, 'reservoir-low', id)]
        : backAgain(context, id, atMs, 'reservoir-empty'),
  };
}

/** What a container holds at most, as a share of what its name says. */
const OVERFILL = 1.1;

/** A container that there can be; a syringe pump takes the syringes that its sensor knows. */
function isContainer(
  { model, channels }: PumpContext,
  {
    channel,
    volumeMl,
    syringeMl,
  }: { readonly channel: string; readonly volumeMl: number; readonly syringeMl?: number },
): boolean {
  if (!isWithin(volumeMl, 0, LARGEST_RESERVOIR_ML)) return false;
  if (model.syringes === null)
    return syringeMl === undefined && (model.pca === null || volumeMl <= model.reservoirMl * OVERFILL);
  // Another one of the same size unless it is told.
  const sizeMl = syringeMl ?? channels[channel]?.syringeMl;
  if (sizeMl === undefined || sizeMl === null) return volumeMl <= model.reservoirMl * OVERFILL;
  return model.syringes.some((known) => known.sizeMl === sizeMl && volumeMl <= sizeMl * OVERFILL);
}

function isAir(id: string) {
  return ({ event }: { event: EventOf<'physical.air-entered'> }) =>
    event.cause.channel === id && isWithin(event.cause.volumeMicroL, 0, 1e6) && event.cause.volumeMicroL > 0;
}

/** Nobody gets a syringe of another size into a clamp that is driving. */
function mayChangeSize(context: PumpContext, id: string, syringeMl: number | undefined): boolean {
  const channel = channelOf(context, id);
  return syringeMl === undefined || syringeMl === channel.syringeMl || channel.physics.driveMlPerH === 0;
}

/** Whether a value from outside is a number between two others; both count. */
function isWithin(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && value >= min && value <= max;
}

function addAir(context: PumpContext, id: string, atMs: number, volumeMicroL: number): Outcome {
  const { airMicroL } = advance(channelOf(context, id).physics, context.model.line, atMs);
  const more = withPhysics(context, id, atMs, { airMicroL: airMicroL + volumeMicroL });
  const tooMuch = airMicroL + volumeMicroL > airLimitOf(more, id);
  return { context: more, raise: tooMuch ? backAgain(context, id, atMs, 'air-in-line') : [] };
}
