import { expandFleet } from '../format/fleet.ts';
import type { Scenario } from '../format/scenario.ts';
import type { Step } from '../format/steps.ts';

/** The orders that a fleet is given at the start, as steps of the care team. */
export function therapies(scenario: Scenario): Step[] {
  return expandFleet(scenario.fleet).flatMap(({ serial, therapy }): Step[] => {
    if (therapy === undefined) return [];
    const { startAt, ...order } = therapy;
    return [
      {
        id: `therapy-of-${serial}`,
        team: 'care',
        actor: 'nurse',
        trigger: { at: startAt },
        action: { do: 'programme-and-start', pump: serial, ...order },
      },
    ];
  });
}
