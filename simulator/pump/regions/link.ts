import type { PumpContext } from '../context.ts';
import type { EventOf } from '../events.ts';
import { eventFact, pumpSetup, step } from '../step.ts';

const told = step((_: PumpContext, event: EventOf<'link.offline' | 'link.connecting' | 'link.online'>) => ({
  facts: [eventFact(event.atMs, event.type.replace('.', '-'))],
}));

/**
 * The one place of `local-autonomy`: what happens to the link is written down here and goes no further. This region
 * changes no context and raises no event, so no therapy can depend on the network. The first report of a state
 * counts; a repeated one says nothing new and is only taken. So is each further attempt of an outage: a pump that is away for a week makes
 * ten thousand, which would push everything else out of its log.
 */
export const link = pumpSetup.createStateConfig({
  initial: 'offline',
  on: { 'link.offline': {}, 'link.connecting': {}, 'link.online': {} },
  states: {
    offline: {
      on: {
        'link.connecting': { target: 'connecting', actions: told },
        'link.online': { target: 'online', actions: told },
      },
    },
    connecting: {
      on: {
        'link.offline': { target: 'retrying', actions: told },
        'link.online': { target: 'online', actions: told },
      },
    },
    retrying: {
      on: { 'link.online': { target: 'online', actions: told } },
    },
    online: {
      on: {
        'link.offline': { target: 'offline', actions: told },
        'link.connecting': { target: 'connecting', actions: told },
      },
    },
  },
});
