import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PumprangeError } from '../../../protocol/index.ts';
import { loadModels, parseModel } from '../../../simulator/models/index.ts';
import { trappedAtMl } from '../../../simulator/physics/index.ts';

const LVP = readFileSync('simulator/models/lvp.yaml', 'utf8');

function refusal(text: string): PumprangeError {
  try {
    parseModel(text, 'bad.yaml');
  } catch (error) {
    if (error instanceof PumprangeError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('the pump models', () => {
  it('are a large-volume, a syringe and a PCA pump', () => {
    const models = loadModels('simulator/models');
    expect([...models.keys()].sort()).toEqual(['lvp', 'pca', 'syringe']);
    expect([...models.values()].map(({ serialPrefix }) => serialPrefix).sort()).toEqual([
      'LVP',
      'PCA',
      'SYR',
    ]);
  });

  it('keep the requirements of a real pump', () => {
    for (const model of loadModels('simulator/models').values()) {
      expect(model.selfTestSeconds.max).toBeLessThanOrEqual(70);
      expect(model.occlusionMmHg.preset).toBeLessThan(1_034);
      // The bolus after the release of an occlusion.
      expect(trappedAtMl(model.line, model.occlusionMmHg.preset)).toBeLessThanOrEqual(0.5);
      expect(model.line.stallMmHg).toBeGreaterThan(model.occlusionMmHg.preset);
    }
  });

  it.each([
    ['an unknown key', `${LVP}\nspeed: 3\n`, /speed/],
    ['a self-test above 70 s', LVP.replace('max: 45', 'max: 90'), /selfTestSeconds\.max/],
    ['a range upside down', LVP.replace('min: 0.1, max: 999, step', 'min: 500, max: 99, step'), /rateMlPerH/],
    ['a channel named twice', LVP.replace('[A, B]', '[A, A]'), /channels/],
    ['a device identifier that may be real', LVP.replace('"0999', '"0123'), /udiDeviceIdentifier/],
    ['text that is no YAML', 'id: [', /bad\.yaml/],
  ])('refuses %s with its place', (_, text, place) => {
    const error = refusal(text);
    expect(error.code).toBe('PR_MODEL_INVALID');
    expect(error.message).toContain('bad.yaml');
    expect(error.message).toMatch(place);
  });

  it('refuses a model that is there twice, and a folder that is not', () => {
    const folder = mkdtempSync(join(tmpdir(), 'models-'));
    writeFileSync(join(folder, 'a.yaml'), LVP);
    writeFileSync(join(folder, 'b.yaml'), LVP);
    expect(() => loadModels(folder)).toThrow(/twice/);
    expect(() => loadModels(join(folder, 'nowhere'))).toThrow(PumprangeError);
  });
});
