import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PumprangeError } from '../../protocol/index.ts';
import { loadModels } from '../../simulator/models/index.ts';
import { accuracyCurves } from '../../testbed/curves.ts';

const DATA = { models: loadModels(join(import.meta.dirname, '../../simulator/models')) };
const REQUEST = { model: 'lvp', rateMlPerH: 25, seed: 1 };

describe('the accuracy curves of a pump', () => {
  it('are the same for the same seed, and differ by seed, serial and channel', () => {
    const mean = (change: Partial<Parameters<typeof accuracyCurves>[1]>): number =>
      accuracyCurves(DATA, { ...REQUEST, ...change }).trumpet.meanErrorPercent;
    expect(mean({})).toBe(mean({ serial: 'LVP-0001', channel: 'A' }));
    expect(mean({ seed: 2 })).not.toBe(mean({}));
    expect(mean({ serial: 'LVP-0002' })).not.toBe(mean({}));
    const lvp = DATA.models.get('lvp');
    if (lvp === undefined) throw new Error('there is no lvp');
    const two = { models: new Map([['lvp', { ...lvp, channels: ['A', 'B'] }]]) };
    const second = accuracyCurves(two, { ...REQUEST, channel: 'B' });
    expect(second.trumpet.meanErrorPercent).not.toBe(mean({}));
  });

  it('stay within what the model promises', () => {
    for (const { id, rateMlPerH, accuracy } of DATA.models.values()) {
      for (let seed = 1; seed <= 10; seed++) {
        const { trumpet } = accuracyCurves(DATA, { model: id, rateMlPerH: rateMlPerH.max / 2, seed });
        const most = 100 * accuracy.biasShare + 0.5;
        expect(Math.abs(trumpet.meanErrorPercent), id).toBeLessThan(most);
      }
    }
  });

  it.each([
    ['an unknown model', { model: 'lvq' }, 'PR_MODEL_UNKNOWN', /lvp/],
    ['a rate above the model', { rateMlPerH: 1_500 }, 'PR_RATE_OUTSIDE_MODEL', /999/],
    ['a rate below the model', { rateMlPerH: 0.001 }, 'PR_RATE_OUTSIDE_MODEL', /0\.1/],
    ['an unknown channel', { channel: 'Z' }, 'PR_CHANNEL_UNKNOWN', /has no channel Z; it has A/],
    ['a serial number that is none', { serial: 'a b' }, 'PR_USAGE', /LVP-0001/],
  ])('are refused for %s', (_, change, code, message) => {
    const draw = (): unknown => accuracyCurves(DATA, { ...REQUEST, ...change });
    expect(draw).toThrow(PumprangeError);
    expect(draw).toThrow(message);
    expect(draw).toThrow(expect.objectContaining({ code, exitCode: 2 }));
  });
});
