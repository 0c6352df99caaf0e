import type { PumpContext } from '../context.ts';
import type { EventOf } from '../events.ts';
import { eventFact, pumpSetup, step } from '../step.ts';

const told = step((_: PumpContext, event: EventOf<'link.offline' | 'link.connecting' | 'link.online'>) => ({
  facts: [eventFact(event.atMs, event.type.replace('.', '-'))],
}));

/** Only where somebody has taken `local-autonomy` away: then what is under way stops with the network. */
const lost = step((context: PumpContext, { atMs }: EventOf<'link.offline'>) => ({
  facts: [eventFact(atMs, 'link-offline')],
  raise: context.lacks.includes('local-autonomy')
    ? context.model.channels.map((channel) => ({ type: 'remote.pause', atMs, channel }) as const)
    : [],
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
        'link.offline': { target: 'offline', actions: lost },
        'link.connecting': { target: 'connecting', actions: told },
      },
    },
  },
});
