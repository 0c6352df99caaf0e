import { describe, expect, it } from 'vitest';
import { compareVersions, isEffective, WEAKNESSES } from '../../../protocol/firmware/index.ts';
import { loadPersonalities, parsePersonalities } from '../../../simulator/firmware/index.ts';

const ALL = loadPersonalities('simulator/firmware/personalities');

describe('firmware personalities', () => {
  it.each(['lvp', 'syringe', 'pca'])('have three versions for %s, each with fewer weaknesses', (model) => {
    const versions = ALL.filter((each) => each.model === model);
    expect(versions.map(({ version }) => version)).toEqual(['1.0.0', '1.1.0', '1.2.0']);
    const [first, second, third] = versions.map(({ weaknesses }) => weaknesses.length);
    expect(first).toBeGreaterThan(second!);
    expect(second).toBeGreaterThan(third!);
    expect(third).toBe(0);
  });

  it.each([
    [
      'an unknown weakness',
      'model: lvp\nversions: [{version: 1.0.0, securityEpoch: 1, selfTest: passes, weaknesses: [tired]}]',
      /weaknesses/,
    ],
    ['an unknown key', 'model: lvp\ncolour: red\nversions: []', /colour|versions/],
    ['no version', 'model: lvp\nversions: []', /versions/],
    ['no YAML', ': [', /bad\.yaml/],
  ])('are refused with %s', (_, text, reason) => {
    expect(() => parsePersonalities(text, 'bad.yaml')).toThrow(reason);
  });

  it('make a control useless only where a weakness disables it', () => {
    const on = new Set(['signed-library'] as const);
    expect(isEffective('signed-library', on, [])).toBe(true);
    expect(isEffective('signed-library', on, ['accepts-downgrade'])).toBe(true);
    expect(isEffective('signed-library', on, ['accepts-unsigned-library'])).toBe(false);
    expect(isEffective('dual-approval', on, [])).toBe(false);
    expect(WEAKNESSES['accepts-unsigned-library'].disables).toContain('dual-approval');
  });
});

describe('versions', () => {
  it('compare by number, not by text', () => {
    expect(compareVersions('1.10.0', '1.9.0')).toBeGreaterThan(0);
    expect(compareVersions('1.0.9', '1.0.10')).toBeLessThan(0);
    expect(compareVersions('2.0.0', '2.0.0')).toBe(0);
  });
});
