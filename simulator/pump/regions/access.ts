import type { PumpContext } from '../context.ts';
import type { EventOf } from '../events.ts';
import { refuse } from '../refusal.ts';
import { pumpSetup, step } from '../step.ts';

/**
 * Who may press what. Which role has which right is in `access-rights.ts`; what was denied ends here. Locking the
 * keypad, codes and service mode grow in this region.
 */
export const access = pumpSetup.createStateConfig({
  initial: 'unlocked',
  states: {
    unlocked: {
      on: {
        'access.denied': {
          actions: step((_: PumpContext, event: EventOf<'access.denied'>) =>
            refuse(event, `a ${event.role} may not ${event.action}`),
          ),
        },
      },
    },
  },
});
