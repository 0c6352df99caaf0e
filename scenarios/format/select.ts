import { type Posture, PumprangeError } from '../../protocol/index.ts';
import type { KnownNames } from './cross-check.ts';
import { suggestion } from './diagnostics/suggest.ts';
import { loadPosture, loadScenario } from './load.ts';
import type { Scenario } from './scenario.ts';

/**
 * The scenarios that were asked for, each once, in the order in which they were named: by id, by family, or by a file
 * (what ends in `.yaml` or `.yml`). No name means the whole catalogue.
 * @throws PumprangeError PR_SCENARIO_UNKNOWN with the nearest name; what `loadScenario` throws for a file.
 */
export function selectScenarios(
  catalog: readonly Scenario[],
  names: readonly string[],
  known: KnownNames = {},
): readonly Scenario[] {
  if (names.length === 0) return catalog;
  return [...new Set(names.flatMap((name) => selectOne(catalog, name, known)))];
}

function selectOne(catalog: readonly Scenario[], name: string, known: KnownNames): readonly Scenario[] {
  if (/\.ya?ml$/.test(name)) return [loadScenario(name, known)];
  const byId = catalog.filter(({ id }) => id === name);
  if (byId.length > 0) return byId;
  const ofFamily = catalog.filter(({ family }) => family === name);
  if (ofFamily.length > 0) return ofFamily;
  const names = [...new Set(catalog.flatMap(({ id, family }) => [id, family]))];
  throw new PumprangeError('PR_SCENARIO_UNKNOWN', unknownText('scenario', name, names));
}

/**
 * A posture by its id, or from a file (what ends in `.yaml` or `.yml`).
 * @throws PumprangeError PR_POSTURE_UNKNOWN with the nearest id; what `loadPosture` throws for a file.
 */
export function selectPosture(postures: readonly Posture[], id: string): Posture {
  if (/\.ya?ml$/.test(id)) return loadPosture(id);
  const posture = postures.find((one) => one.id === id);
  if (posture !== undefined) return posture;
  const ids = postures.map((one) => one.id);
  throw new PumprangeError('PR_POSTURE_UNKNOWN', unknownText('posture', id, ids));
}

function unknownText(what: string, name: string, names: readonly string[]): string {
  const hint = suggestion(name, names);
  return `There is no ${what} "${name}"${hint === undefined ? '' : `: ${hint}`}${hint?.endsWith('?') ? '' : '.'}`;
}
