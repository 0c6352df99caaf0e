import { batteryAt } from '../../physics/index.ts';
import { isDelivering, type PowerMode, type PumpContext, withLoad } from '../context.ts';
import type { EventOf, PumpEvent } from '../events.ts';
import { refuse } from '../refusal.ts';
import { eventFact, type Outcome, pumpSetup, step } from '../step.ts';
import { causeGone, raiseAlarm } from '../therapy-steps.ts';

/** off → selfTest → on { mains | battery { ok | low | depleted } }; an update takes the pump out of use. */
export const power = pumpSetup.createStateConfig({
  initial: 'off',
  on: {
    'physical.mains-lost': { guard: ({ context }) => context.power.mains, actions: step(loseMains) },
    'physical.mains-restored': { guard: ({ context }) => !context.power.mains, actions: step(restoreMains) },
    'due.battery-empty': { target: '.off', actions: step(fail) },
  },
  states: {
    off: {
      entry: step(enter('off')),
      on: {
        'bedside.power-on': [
          {
            guard: ({ context, event }) =>
              context.power.mains || batteryAt(context.battery, event.atMs).percent > 0,
            target: 'selfTest',
            actions: step(switchOn),
          },
          {
            actions: step((_: PumpContext, event: EventOf<'bedside.power-on'>) =>
              refuse(event, 'the battery is empty and there is no mains'),
            ),
          },
        ],
        'firmware.apply': { target: 'updating', actions: step(backTo('off')) },
      },
    },
    selfTest: {
      entry: step((context: PumpContext, event: PumpEvent) =>
        enter('selfTest', context.power.selfTestMs)(context, event),
      ),
      on: {
        'due.self-test-ended': [
          {
            guard: ({ context }) => passes(context) && context.power.afterTest === 'on',
            target: 'on',
            actions: step((_: PumpContext, event: EventOf<'due.self-test-ended'>) => ({
              facts: [eventFact(event.atMs, 'self-test-passed')],
              raise: [{ type: 'power.ready', atMs: event.atMs }],
            })),
          },
          {
            guard: ({ context }) => passes(context),
            target: 'off',
            actions: step((_: PumpContext, event: EventOf<'due.self-test-ended'>) => ({
              facts: [eventFact(event.atMs, 'self-test-passed')],
            })),
          },
          {
            // A trial that fails: the firmware region goes back, and the version before is tested.
            guard: ({ context }) => context.firmware.previous !== null,
            target: 'selfTest',
            reenter: true,
            actions: step((_: PumpContext, event: EventOf<'due.self-test-ended'>) => ({
              facts: [eventFact(event.atMs, 'self-test-failed')],
            })),
          },
          {
            target: 'failed',
            actions: step((_: PumpContext, event: EventOf<'due.self-test-ended'>) => ({
              facts: [eventFact(event.atMs, 'self-test-failed')],
              raise: [raiseAlarm(event.atMs, 'self-test-failed', null)],
            })),
          },
        ],
        'bedside.power-off': { target: 'off', actions: step(switchOff) },
      },
    },
    on: {
      entry: step(enter('on')),
      initial: 'mains',
      on: {
        'bedside.power-off': [
          { guard: ({ context }) => !isDelivering(context), target: 'off', actions: step(switchOff) },
          {
            actions: step((_: PumpContext, event: EventOf<'bedside.power-off'>) =>
              refuse(event, 'an infusion is running: pause it first'),
            ),
          },
        ],
        'firmware.apply': { target: 'updating', actions: step(backTo('on')) },
      },
      states: {
        mains: { always: { guard: ({ context }) => !context.power.mains, target: 'battery' } },
        battery: {
          initial: 'ok',
          always: { guard: ({ context }) => context.power.mains, target: 'mains' },
          states: {
            ok: { on: { 'due.battery-low': { target: 'low', actions: step(warn('low')) } } },
            low: { on: { 'due.battery-depleted': { target: 'depleted', actions: step(warn('depleted')) } } },
            depleted: {},
          },
        },
      },
    },
    updating: {
      entry: step((context: PumpContext, event: PumpEvent) =>
        enter('updating', context.model.updateSeconds * 1_000)(context, event),
      ),
      on: { 'due.firmware-applied': 'selfTest' },
    },
    failed: {
      entry: step(enter('failed')),
      on: {
        'bedside.power-off': { target: 'off', actions: step(switchOff) },
        'firmware.apply': { target: 'updating', actions: step(backTo('on')) },
      },
    },
  },
});

function passes(context: PumpContext): boolean {
  return context.firmware.running.selfTest === 'passes';
}

function enter(mode: PowerMode, busyMs: number | null = null) {
  return (context: PumpContext, event: PumpEvent): Outcome => ({
    context: withLoad(
      {
        ...context,
        power: { ...context.power, mode, busyUntilMs: busyMs === null ? null : event.atMs + busyMs },
      },
      event.atMs,
    ),
  });
}

function switchOn(context: PumpContext, event: EventOf<'bedside.power-on'>): Outcome {
  const { newPatient } = event.press;
  return {
    context: { ...context, power: { ...context.power, afterTest: 'on', warning: 'ok' } },
    facts: [eventFact(event.atMs, 'powered-on', null, { newPatient, by: event.role })],
    raise: [{ type: 'power.switched-on', atMs: event.atMs, newPatient }],
  };
}

function switchOff(_: PumpContext, event: EventOf<'bedside.power-off'>): Outcome {
  return {
    facts: [eventFact(event.atMs, 'powered-off', null, { by: event.role })],
    raise: [{ type: 'power.lost', atMs: event.atMs }],
  };
}

/** No supply at all: everything stops where it is. */
function fail(_: PumpContext, event: EventOf<'due.battery-empty'>): Outcome {
  return {
    facts: [eventFact(event.atMs, 'power-failed')],
    raise: [{ type: 'power.lost', atMs: event.atMs }],
  };
}

function backTo(afterTest: 'on' | 'off') {
  return (context: PumpContext, event: EventOf<'firmware.apply'>): Outcome => ({
    context: { ...context, power: { ...context.power, afterTest } },
    raise: [{ type: 'power.suspended', atMs: event.atMs }],
  });
}

function loseMains(context: PumpContext, event: EventOf<'physical.mains-lost'>): Outcome {
  const power = { ...context.power, mains: false, warning: 'ok' } as const;
  return {
    context: withLoad({ ...context, power }, event.atMs),
    facts: [eventFact(event.atMs, 'mains-lost')],
  };
}

function restoreMains(context: PumpContext, event: EventOf<'physical.mains-restored'>): Outcome {
  const power = { ...context.power, mains: true, warning: 'ok' } as const;
  return {
    context: withLoad({ ...context, power }, event.atMs),
    facts: [eventFact(event.atMs, 'mains-restored')],
    raise: [causeGone(event.atMs, 'battery-low', null), causeGone(event.atMs, 'battery-depleted', null)],
  };
}

function warn(warning: 'low' | 'depleted') {
  return (context: PumpContext, event: PumpEvent): Outcome => ({
    context: { ...context, power: { ...context.power, warning } },
    raise: [raiseAlarm(event.atMs, `battery-${warning}`, null)],
  });
}
