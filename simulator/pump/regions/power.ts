import { batteryPercentAt } from '../../physics/index.ts';
import {
  isInfusing,
  type PowerMode,
  type PumpContext,
  presetSettings,
  withChannel,
  withLoad,
} from '../context.ts';
import type { EventOf, PumpEvent } from '../events.ts';
import { fallbackFirmware } from '../firmware-slots.ts';
import { refuse } from '../refusal.ts';
import { failureName, passesSelfTest, selfTestMs } from '../self-test.ts';
import { eventFact, type Outcome, pumpSetup, step } from '../step.ts';
import { causeGone, raiseAlarm } from '../therapy-steps.ts';
import { TOO_HOT_CELSIUS, watchOf } from './watch.ts';

/** A new battery, or mains in between, takes the warnings back. */
const freshBattery = {
  guard: ({ context }: { context: PumpContext }) => context.power.warning === 'ok',
  target: 'ok',
} as const;

/** off → selfTest → on { mains | battery { ok | low | depleted } }; an update takes the pump out of use. */
export const power = pumpSetup.createStateConfig({
  initial: 'off',
  on: {
    'physical.mains-lost': { guard: ({ context }) => context.power.mains, actions: step(loseMains) },
    'physical.mains-restored': { guard: ({ context }) => !context.power.mains, actions: step(restoreMains) },
    'due.battery-empty': { target: '.off', actions: step(fail) },
    ...watchOf,
  },
  states: {
    off: {
      entry: step(enter('off')),
      on: {
        // Nobody relies on it, so nothing alarms; but the radio goes.
        'due.battery-empty': { actions: step(loseSupply) },
        'bedside.power-on': [
          {
            guard: ({ context, event }) =>
              context.power.mains || batteryPercentAt(context.battery, event.atMs) > 0,
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
        enter('selfTest', selfTestMs(context))(context, event),
      ),
      on: {
        'due.self-test-ended': [
          {
            guard: ({ context }) => passesSelfTest(context) && context.power.afterTest === 'on',
            target: 'on',
            actions: step((context: PumpContext, event: EventOf<'due.self-test-ended'>) => ({
              facts: [eventFact(event.atMs, 'self-test-passed')],
              raise: [
                { type: 'power.ready', atMs: event.atMs },
                ...(context.device.celsius > TOO_HOT_CELSIUS
                  ? [raiseAlarm(event.atMs, 'overheated', null)]
                  : []),
              ],
            })),
          },
          {
            guard: ({ context }) => passesSelfTest(context),
            target: 'off',
            actions: step((_: PumpContext, event: EventOf<'due.self-test-ended'>) => ({
              facts: [eventFact(event.atMs, 'self-test-passed')],
              // It goes back to sleep: what alarmed meanwhile is over.
              raise: [{ type: 'power.lost', atMs: event.atMs }],
            })),
          },
          {
            // A trial that fails: the firmware region goes back, and the version before is tested.
            guard: ({ context }) => fallbackFirmware(context.firmware) !== null,
            target: 'selfTest',
            reenter: true,
            actions: step((context: PumpContext, event: EventOf<'due.self-test-ended'>) => ({
              facts: [eventFact(event.atMs, failureName(context))],
            })),
          },
          {
            target: 'failed',
            actions: step((context: PumpContext, event: EventOf<'due.self-test-ended'>) => ({
              facts: [eventFact(event.atMs, failureName(context))],
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
          { guard: ({ context }) => !isInfusing(context), target: 'off', actions: step(switchOff) },
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
            low: {
              always: freshBattery,
              on: { 'due.battery-depleted': { target: 'depleted', actions: step(warn('depleted')) } },
            },
            depleted: { always: freshBattery },
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

function enter(mode: PowerMode, busyMs: number | null = null) {
  return (context: PumpContext, event: PumpEvent): Outcome => ({
    context: withLoad(
      {
        ...context,
        power: { ...context.power, mode, busyUntilMs: busyMs === null ? null : event.atMs + busyMs },
        // A controller that hung starts anew.
        device:
          mode === 'off' ? { ...context.device, hungSinceMs: null, watchdogBarked: false } : context.device,
      },
      event.atMs,
    ),
  });
}

function switchOn(context: PumpContext, event: EventOf<'bedside.power-on'>): Outcome {
  const { newPatient } = event.press;
  return {
    context: forPatient(
      { ...context, power: { ...context.power, afterTest: 'on', warning: 'ok' } },
      newPatient,
    ),
    facts: [eventFact(event.atMs, 'powered-on', null, { newPatient, by: event.role })],
    raise: [
      causeGone(event.atMs, 'no-power', null),
      { type: 'power.switched-on', atMs: event.atMs, newPatient },
    ],
  };
}

/** A new patient begins with presets, and nothing of the last one is kept. */
function forPatient(context: PumpContext, newPatient: boolean): PumpContext {
  if (!newPatient) return context;
  let fresh = context;
  for (const id of context.model.channels) {
    fresh = withChannel(fresh, id, {
      settings: presetSettings(context.model, context.configuration),
      retained: null,
      doses: [],
      earlierRates: [],
    });
  }
  return fresh;
}

function switchOff(_: PumpContext, event: EventOf<'bedside.power-off'>): Outcome {
  return {
    facts: [eventFact(event.atMs, 'powered-off', null, { by: event.role })],
    raise: [{ type: 'power.lost', atMs: event.atMs }],
  };
}

/** No supply at all: everything stops where it is. */
function fail(context: PumpContext, event: EventOf<'due.battery-empty'>): Outcome {
  return {
    ...loseSupply(context, event),
    raise: [{ type: 'power.lost', atMs: event.atMs }, raiseAlarm(event.atMs, 'no-power', null)],
  };
}

function loseSupply(context: PumpContext, event: EventOf<'due.battery-empty'>): Outcome {
  return {
    context: { ...context, power: { ...context.power, toldNoSupply: true } },
    facts: [eventFact(event.atMs, 'power-failed')],
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
  const lost = withLoad({ ...context, power }, event.atMs);
  return {
    // A battery that has failed holds nothing.
    context: context.device.batteryFailed ? { ...lost, battery: { ...lost.battery, percent: 0 } } : lost,
    facts: [eventFact(event.atMs, 'mains-lost')],
  };
}

function restoreMains(context: PumpContext, event: EventOf<'physical.mains-restored'>): Outcome {
  const power = { ...context.power, mains: true, warning: 'ok', toldNoSupply: false } as const;
  return {
    context: withLoad({ ...context, power }, event.atMs),
    facts: [eventFact(event.atMs, 'mains-restored')],
    raise: [
      causeGone(event.atMs, 'battery-low', null),
      causeGone(event.atMs, 'battery-depleted', null),
      causeGone(event.atMs, 'no-power', null),
    ],
  };
}

function warn(warning: 'low' | 'depleted') {
  return (context: PumpContext, event: PumpEvent): Outcome => ({
    context: { ...context, power: { ...context.power, warning } },
    raise: [raiseAlarm(event.atMs, `battery-${warning}`, null)],
  });
}
