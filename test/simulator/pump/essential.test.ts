import { describe, expect, it } from 'vitest';
import { MINUTE_MS, Rig } from './rig.ts';

/** The counterfactuals of the attack matrix: each says what the pump would be without one piece of essential performance. */
describe('a pump that lacks', () => {
  it('dose-limits takes a rate beyond the hard limit of the drug, which every other refuses', () => {
    const tooFast = { drug: 'fentanyl', rateMlPerH: 200, volumeToBeInfusedMl: 90 };
    expect(() => new Rig().on().infuse(tooFast)).toThrow('hard limit');
    expect(new Rig({ lacks: ['dose-limits'] }).on().infuse(tooFast).channel().therapy).toBe('infusing');
  });

  it('local-autonomy stops with the network, and every other goes on', () => {
    const afterOutage = (rig: Rig): string => {
      rig.on().infuse();
      rig.pump.link('online');
      rig.run(MINUTE_MS);
      rig.pump.link('offline');
      return rig.run(MINUTE_MS).channel().therapy;
    };
    expect(afterOutage(new Rig())).toBe('infusing');
    expect(afterOutage(new Rig({ lacks: ['local-autonomy'] }))).toBe('paused');
  });

  it('flow-watchdog never says that the flow is off, and every other does', () => {
    const afterSlipping = (rig: Rig): string[] => {
      rig.on().infuse({ rateMlPerH: 60, volumeToBeInfusedMl: 200 });
      rig.pump.physical({ event: 'motor-slipping', channel: 'A', share: 0.5 });
      return rig.run(20 * MINUTE_MS).alarms();
    };
    expect(afterSlipping(new Rig())).toEqual(['flow-error']);
    expect(afterSlipping(new Rig({ lacks: ['flow-watchdog'] }))).toEqual([]);
  });
});
