import type { PumpContext, TherapyMode } from '../context.ts';
import type { EventOf, PumpEvent } from '../events.ts';
import { pumpSetup, step } from '../step.ts';
import { enterMode, losePower } from '../therapy-steps.ts';
import { alarmAtRest, clearIdle, physicalOf, stoppingOf, tell } from './therapy-causes.ts';
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
          losePower(context, id, event.atMs),
        ),
      },
      'power.suspended': '.off',
      // Nothing runs that would have to stop; the alarm keeps anything from starting.
      'device.failed': {},
      'remote.set-alarm-limit': on.remoteAlarmLimit,
    },
    states: {
      off: { entry: enter('off'), on: { 'power.ready': { target: 'standby', actions: alarmAtRest(id) } } },
      standby: {
        entry: enter('standby'),
        on: {
          'bedside.programme': on.programme,
          'bedside.recall': on.recalled,
          'bedside.configure': on.configure,
        },
      },
      programming: {
        entry: enter('programming'),
        on: {
          'bedside.programme': on.programme,
          'bedside.confirm': on.confirm,
          'bedside.stop': on.stop,
          'remote.set-rate': on.remoteRate,
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
          'remote.set-rate': on.remoteRate,
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
          loading: {
            entry: enter('loading'),
            on: {
              'due.reservoir-low': tell(id, 'reservoir-low'),
              'due.budget-spent': on.loadingEnds,
            },
          },
          primary: {
            entry: enter('primary'),
            on: {
              'bedside.change-dose': on.newDose,
              'bedside.programme-secondary': on.programmeSecondary,
              'bedside.start-secondary': on.startSecondary,
              'bedside.stop-secondary': on.forgetSecondary,
              'bedside.change-rate': on.newRate,
              'remote.set-rate': on.remoteRate,
              'bedside.bolus': on.bolus,
              'remote.bolus': on.remoteBolus,
              'bedside.pca-demand': on.demand,
              'due.near-end': tell(id, 'near-end'),
              'due.reservoir-low': tell(id, 'reservoir-low'),
              'due.budget-spent': on.completed,
            },
          },
          secondary: {
            entry: enter('secondary'),
            on: {
              'due.reservoir-low': tell(id, 'reservoir-low'),
              'due.budget-spent': on.secondaryEnds,
              'due.reservoir-empty': on.secondaryEnds,
              'bedside.stop-secondary': on.leaveSecondary,
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
          'bedside.change-dose': on.newDose,
          'remote.set-rate': on.remoteRate,
          'bedside.programme-secondary': on.programmeSecondary,
          'bedside.start-secondary': on.startSecondary,
          'bedside.stop-secondary': on.forgetSecondary,
          'due.input-waiting': tell(id, 'input-waiting'),
        },
      },
      stopped: {
        entry: enter('stopped'),
        on: {
          'physical.line-opened': on.restart,
          'bedside.resume': on.resume,
          'bedside.stop': on.stop,
          'bedside.stop-secondary': on.forgetSecondary,
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
