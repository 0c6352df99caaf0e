import { describe, expect, it } from 'vitest';
import { effectAlone, effectOf } from '../../../scenarios/matrix/effect.ts';
import { attackRun, STOPPED } from './runs.ts';

const BARE = attackRun();

describe('what stood against an attack', () => {
  it.each([
    ['stops', STOPPED],
    ['limits', attackRun({ overMl: 0.5 })],
    ['contains', attackRun({ detectedAfterMs: 1_000, containedAfterMs: 2_000, contained: true })],
    ['detects', attackRun({ detectedAfterMs: 1_000, containedAfterMs: 900_000 })],
    ['none', attackRun()],
    // What it was after it did not reach; it did harm all the same.
    ['none', attackRun({ succeeded: false, overMl: 4 })],
  ] as const)('%s', (effect, run) => {
    expect(effectOf(run, BARE)).toBe(effect);
  });

  it('limits nothing where the bare floor has no harm beyond the bound either', () => {
    const harmless = attackRun({ overMl: 0 });
    expect(effectOf(harmless, harmless)).toBe('none');
  });
});

describe('essential performance alone', () => {
  it('limits where the bare floor without it is materially worse', () => {
    expect(effectAlone('dose-limits', () => attackRun({ overMl: 40 }), BARE)).toBe('limits');
    expect(effectAlone('dose-limits', () => attackRun({ overMl: 10.5 }), BARE)).toBe('none');
  });
});

it('gives a control no credit for what the bare floor of that attack has already', () => {
  const noticed = attackRun({ detectedAfterMs: 1_000 });
  expect(effectAlone('rate-limit', () => noticed, noticed)).toBe('none');
  expect(effectAlone('rate-limit', () => STOPPED, noticed)).toBe('stops');
});
