import type { AlarmName } from '../alarms.ts';
import { type DeviceState, isDelivering, type PumpContext, withLoad } from '../context.ts';
import type { EventOf, PumpEvent } from '../events.ts';
import { eventFact, type Outcome, step } from '../step.ts';
import { causeGone, raiseAlarm } from '../therapy-steps.ts';

/** Above this the pump stops, and below the second it may go on, in degrees Celsius; synthetic. */
export const TOO_HOT_CELSIUS = 55;
const COOL_AGAIN_CELSIUS = 50;

/** What watches over the pump as a whole, in whatever state its power is. */
export const watchOf = {
  'physical.key-stuck': {
    guard: ({ context }: { context: PumpContext }) => context.device.keyStuckSinceMs === null,
    actions: step((context: PumpContext, event: EventOf<'physical.key-stuck'>) => ({
      ...change(context, event, { keyStuckSinceMs: event.atMs }, 'key-held'),
      // Stuck again before the alarm was cleared: its cause is back.
      raise: context.alarms.some(({ alarm }) => alarm === 'key-stuck')
        ? [raiseAlarm(event.atMs, 'key-stuck', null)]
        : [],
    })),
  },
  'physical.key-released': {
    guard: ({ context }: { context: PumpContext }) => context.device.keyStuckSinceMs !== null,
    actions: step((context: PumpContext, event: EventOf<'physical.key-released'>) => ({
      ...change(context, event, { keyStuckSinceMs: null }, 'key-released'),
      raise: [causeGone(event.atMs, 'key-stuck', null)],
    })),
  },
  'due.key-stuck': {
    actions: step((context: PumpContext, event: PumpEvent) => failing(context, event, 'key-stuck')),
  },
  'physical.controller-hung': {
    guard: ({ context }: { context: PumpContext }) =>
      context.device.hungSinceMs === null && context.power.mode === 'on',
    actions: step((context: PumpContext, event: EventOf<'physical.controller-hung'>) =>
      change(context, event, { hungSinceMs: event.atMs, watchdogBarked: false }, null),
    ),
  },
  'physical.controller-recovered': {
    guard: ({ context }: { context: PumpContext }) => context.device.hungSinceMs !== null,
    actions: step((context: PumpContext, event: EventOf<'physical.controller-recovered'>) => ({
      ...change(context, event, { hungSinceMs: null, watchdogBarked: false }, 'controller-recovered'),
      raise: [causeGone(event.atMs, 'watchdog', null)],
    })),
  },
  /** The motor has a controller of its own: the therapy runs on until the alarm. */
  'due.watchdog-barks': {
    actions: step((context: PumpContext, event: PumpEvent) =>
      change(context, event, { watchdogBarked: true }, 'watchdog-interrupt'),
    ),
  },
  'due.watchdog': {
    actions: step((context: PumpContext, event: PumpEvent) => failing(context, event, 'watchdog')),
  },
  'physical.temperature-changed': {
    guard: ({ event }: { event: EventOf<'physical.temperature-changed'> }) =>
      Number.isFinite(event.cause.celsius),
    actions: step((context: PumpContext, event: EventOf<'physical.temperature-changed'>) => {
      const { celsius } = event.cause;
      const changed = change(context, event, { celsius }, null);
      const runs = context.power.mode !== 'off';
      if (celsius > TOO_HOT_CELSIUS && runs) return failing(changed.context ?? context, event, 'overheated');
      if (celsius > COOL_AGAIN_CELSIUS) return changed;
      return { ...changed, raise: [causeGone(event.atMs, 'overheated', null)] };
    }),
  },
  'physical.battery-failed': {
    guard: ({ context }: { context: PumpContext }) => !context.device.batteryFailed,
    actions: step((context: PumpContext, event: EventOf<'physical.battery-failed'>) => {
      const failed = change(context, event, { batteryFailed: true }, null).context ?? context;
      const empty = withLoad({ ...failed, battery: { ...failed.battery, percent: 0 } }, event.atMs);
      return context.power.mode === 'off' ? { context: empty } : failing(empty, event, 'battery-defective');
    }),
  },
  'physical.battery-replaced': {
    guard: ({ context }: { context: PumpContext }) => !isDelivering(context),
    actions: step((context: PumpContext, event: EventOf<'physical.battery-replaced'>) => {
      const mended = change(context, event, { batteryFailed: false }, 'battery-replaced').context ?? context;
      const full = { ...mended, battery: { ...mended.battery, sinceMs: event.atMs, percent: 100 } };
      return {
        context: withLoad(
          { ...full, power: { ...full.power, warning: 'ok', toldNoSupply: false } },
          event.atMs,
        ),
        facts: [eventFact(event.atMs, 'battery-replaced')],
        raise: (['battery-defective', 'battery-low', 'battery-depleted', 'no-power'] as const).map((alarm) =>
          causeGone(event.atMs, alarm, null),
        ),
      };
    }),
  },
} as const;

function change(
  context: PumpContext,
  event: PumpEvent,
  device: Partial<DeviceState>,
  said: string | null,
): Outcome {
  return {
    context: { ...context, device: { ...context.device, ...device } },
    facts: said === null ? [] : [eventFact(event.atMs, said)],
  };
}

/** Every channel that delivers stops, and one alarm says why. */
function failing(context: PumpContext, event: PumpEvent, alarm: AlarmName): Outcome {
  const { atMs } = event;
  return { context, raise: [{ type: 'device.failed', atMs, alarm }, raiseAlarm(atMs, alarm, null)] };
}
