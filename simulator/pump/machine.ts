import type { ActorRefFrom, SnapshotFrom } from 'xstate';
import type { PumpModel } from '../models/index.ts';
import { initialContext, type PumpContext } from './context.ts';
import type { PumpEvent } from './events.ts';
import { notTaken } from './refusal.ts';
import { access } from './regions/access.ts';
import { alarm } from './regions/alarm.ts';
import { configuration } from './regions/configuration.ts';
import { firmware } from './regions/firmware.ts';
import { library } from './regions/library.ts';
import { link } from './regions/link.ts';
import { power } from './regions/power.ts';
import { therapyRegion } from './regions/therapy.ts';
import { pumpSetup, step } from './step.ts';

/**
 * The statechart of a pump: regions side by side, and within `therapy` one region a channel. Every event carries its
 * time; the machine has no clock, no timer and no chance of its own.
 */
function createPumpMachine(channels: readonly string[]) {
  return pumpSetup.createMachine({
    id: 'pump',
    type: 'parallel',
    context: ({ input }) => initialContext(input),
    // Taken only if no region takes the event: nothing is dropped in silence.
    on: { '*': { actions: step((context: PumpContext, event: PumpEvent) => notTaken(context, event)) } },
    states: {
      power,
      library,
      firmware,
      configuration,
      therapy: {
        type: 'parallel',
        states: Object.fromEntries(channels.map((id) => [id, therapyRegion(id)])),
      },
      alarm,
      link,
      access,
    },
  });
}

export type PumpMachine = ReturnType<typeof createPumpMachine>;
export type PumpActor = ActorRefFrom<PumpMachine>;
export type PumpSnapshot = SnapshotFrom<PumpMachine>;

const machines = new Map<string, PumpMachine>();

/** The machine for a model. Models with the same channels share one: a machine is data and holds nothing of a pump. */
export function pumpMachine(model: PumpModel): PumpMachine {
  const key = model.channels.join(' ');
  const machine = machines.get(key) ?? createPumpMachine(model.channels);
  machines.set(key, machine);
  return machine;
}
