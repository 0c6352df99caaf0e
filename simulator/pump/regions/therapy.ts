import type { PumpContext, TherapyMode } from '../context.ts';
import type { EventOf, PumpEvent } from '../events.ts';
import { pumpSetup, step } from '../step.ts';
import { endProgramme, enterMode } from '../therapy-steps.ts';
import { clearIdle, physicalOf, stoppingOf, tell } from './therapy-causes.ts';
import { transitionsOf } from './therapy-transitions.ts';

/**
 * The therapy of one channel. A model's channels are regions of this shape side by side; each takes only the events
 * that name it. Nothing here knows of the network: a link that fails has nothing to change.
 */
export function therapyRegion(id: string) {
  const on = transitionsOf(id);
  const enter = (mode: TherapyMode) =>
    step((context: PumpContext, event: PumpEvent) => enterMode(context, event, id, mode));

  return pumpSetup.createStateConfig({
    id: `channel-${id}`,
    initial: 'off',
    on: {
      ...physicalOf(id),
      'power.lost': {
        target: '.off',
        actions: step((context: PumpContext, event: EventOf<'power.lost'>) =>
          context.channels[id]?.programme === null ? {} : endProgramme(context, id, event.atMs, 'power'),
        ),
      },
      'power.suspended': '.off',
    },
    states: {
      off: { entry: enter('off'), on: { 'power.ready': 'standby' } },
      standby: { entry: enter('standby'), on: { 'bedside.programme': on.programme } },
      programming: {
        entry: enter('programming'),
        on: {
          'bedside.programme': on.programme,
          'bedside.confirm': on.confirm,
          'bedside.stop': on.stop,
          'due.idle': tell(id, 'idle'),
          'due.idle-too-long': clearIdle(id),
        },
      },
      ready: {
        entry: enter('ready'),
        on: {
          'bedside.programme': on.programme,
          'bedside.start': on.begin,
          'bedside.stop': on.stop,
          'due.idle': tell(id, 'idle'),
          'due.idle-too-long': clearIdle(id),
        },
      },
      infusing: {
        initial: 'primary',
        on: {
          ...stoppingOf(id),
          'bedside.pause': on.pause,
          'remote.pause': on.remotePause,
          'bedside.stop': on.stop,
        },
        states: {
          primary: {
            entry: enter('primary'),
            on: {
              'bedside.change-rate': on.newRate,
              'remote.set-rate': on.remoteRate,
              'bedside.bolus': on.bolus,
              'bedside.pca-demand': on.demand,
              'due.near-end': tell(id, 'near-end'),
              'due.reservoir-low': tell(id, 'reservoir-low'),
              'due.budget-spent': on.completed,
            },
          },
          bolus: { entry: enter('bolus'), on: { 'due.budget-spent': on.bolusEnds } },
          pcaDose: { entry: enter('pcaDose'), on: { 'due.budget-spent': on.bolusEnds } },
          keepVeinOpen: {
            entry: enter('keepVeinOpen'),
            on: { 'due.reservoir-low': tell(id, 'reservoir-low') },
          },
        },
      },
      paused: {
        entry: enter('paused'),
        on: {
          'bedside.resume': on.resume,
          'bedside.stop': on.stop,
          'bedside.change-rate': on.newRate,
          'due.input-waiting': tell(id, 'input-waiting'),
        },
      },
      stopped: {
        entry: enter('stopped'),
        on: {
          'bedside.resume': on.resume,
          'bedside.stop': on.stop,
          'due.input-waiting': tell(id, 'input-waiting'),
        },
      },
      complete: {
        entry: enter('complete'),
        on: { 'bedside.programme': on.programme, 'bedside.stop': on.stop },
      },
    },
  });
}
