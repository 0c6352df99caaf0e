import { expect, it } from 'vitest';
import { harmOf } from '../../../scenarios/index.ts';
import { shippedModel } from '../pump/rig.ts';
import { exactHarm, WardRig } from './rig.ts';

/** So much may pump and ledger differ, in mL: they count in whole milliseconds. */
const ROUNDING_ML = 1e-3;

it.each([1, 2, 3])(
  'delivers what was ordered where nothing goes wrong and no pump errs, a day long, seed %i',
  (seed) => {
    const ward = new WardRig(seed, 24, 12, {}, 'as-made', 'kept-away');
    let undisturbed = 0;
    for (const { pump, facts } of ward.placed) {
      for (const { channel, overMl, underMl } of exactHarm([pump], ward.intents, ward.clock.now())) {
        const name = `${pump.serial}/${channel}`;
        expect(overMl, name).toBeLessThan(ROUNDING_ML);
        // A bag that ran empty before somebody came stops an infusion.
        const stopped = facts.some(
          (fact) =>
            fact.fact === 'event' && fact.event === 'infusion-interrupted' && fact.channel === channel,
        );
        if (stopped) continue;
        expect(underMl, name).toBeLessThan(ROUNDING_ML);
        undisturbed += 1;
      }
    }
    expect(undisturbed).toBeGreaterThan(8);
    const refused = ward.facts.filter(
      (fact) => fact.fact === 'event' && fact.event === 'action-refused' && fact.detail.by === 'nurse',
    );
    expect(refused).toEqual([]);
    // All that could be counted in two ways has happened.
    const events = new Set(
      ward.placed.flatMap(({ facts }) =>
        facts.map((fact) => (fact.fact === 'event' ? fact.event : fact.alarm)),
      ),
    );
    for (const event of [
      'bolus-completed',
      'pca-dose-completed',
      'loading-dose-completed',
      'secondary-completed',
      'infusion-completed',
      'rate-changed',
      'infusion-paused',
      'reservoir-changed',
    ]) {
      expect(events, event).toContain(event);
    }
  },
);

it.each([1, 2, 3])('does no harm where nothing goes wrong and a pump errs as it may, seed %i', (seed) => {
  const ward = new WardRig(seed, 12, 1, { model: shippedModel('lvp') }, 'as-made', 'kept-away');
  const { pump, facts } = ward.placed[0]!;
  const endMs = ward.clock.now();
  const stopped = facts.some((fact) => fact.fact === 'event' && fact.event === 'infusion-interrupted');
  const { serial, model } = pump;
  const seen = { serial, channels: model.channels, flows: pump.flow(), model: model.id };
  const pumps = [{ ...seen, snapshots: [], alarms: [], records: [], links: [] }];
  for (const harm of harmOf({ startMs: 0, endMs, intents: ward.intents, pumps })) {
    expect(harm.overMl, harm.channel).toBe(0);
    if (!stopped) expect(harm.underMl, harm.channel).toBe(0);
  }
  // It does err.
  const raw = exactHarm([pump], ward.intents, endMs);
  expect(Math.max(...raw.map(({ overMl, underMl }) => Math.max(overMl, underMl)))).toBeGreaterThan(0.05);
});
