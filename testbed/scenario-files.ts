import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { PumprangeError } from '../protocol/index.ts';
import {
  FAMILIES,
  type Family,
  loadScenario,
  problemLine,
  type Scenario,
  scenarioWarnings,
} from '../scenarios/index.ts';
import { HOUSE } from './environment.ts';
import { type Exercise, namesOf } from './exercise.ts';
import { writeFileWhole } from './files.ts';

/** Families that have a template of their own; the others share one. */
const TEMPLATES: Readonly<Partial<Record<Family, string>>> = {
  attack: 'attack',
  care: 'care',
  configuration: 'configuration',
  patching: 'patching',
};

export const SCENARIO_FAMILIES: readonly Family[] = FAMILIES;

export interface NewScenario {
  readonly family: Family;
  readonly id: string;
  readonly file: string;
  /** Whether a file that is there may be lost. */
  readonly overwrite: boolean;
}

/**
 * Writes a commented scenario that works as it is.
 *
 * @throws PumprangeError `PR_FILE_EXISTS`; `PR_USAGE` for a name that no scenario may have; `PR_DISK`
 */
export function writeNewScenario({ family, id, file, overwrite }: NewScenario): void {
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id) || id.length > 64) {
    throw new PumprangeError(
      'PR_USAGE',
      `"${id}" is no name of a scenario: lower-case letters, digits and single hyphens, such as stolen-laptop`,
    );
  }
  if (existsSync(file) && !overwrite) throw new PumprangeError('PR_FILE_EXISTS', `${file} is there already`);
  const template = readFileSync(
    join(HOUSE, 'scenarios', 'templates', `${TEMPLATES[family] ?? 'general'}.yaml`),
    'utf8',
  );
  const schema = relative(
    dirname(resolve(file)),
    join(HOUSE, 'scenarios', 'schemas', 'scenario.schema.json'),
  );
  const text = template
    .replace(
      /^(# yaml-language-server: \$schema=).*$/m,
      (_, start: string) => start + schema.split(sep).join('/'),
    )
    .replace(/^id: .*$/m, `id: ${id}`)
    .replace(/^family: .*$/m, `family: ${family}`);
  writeFileWhole(file, text);
}

export interface CheckedScenario {
  readonly file: string;
  /** What is in it, or what is wrong with it, a line each: `file:line:column: message (hint)`. */
  readonly scenario?: Scenario;
  readonly problems: readonly string[];
  /** What may stand there and was hardly meant, likewise. */
  readonly warnings: readonly string[];
}

/**
 * Reads scenario files as `pumprange run` would, each to its end.
 *
 * @throws PumprangeError `PR_FILE_UNREADABLE` for one that cannot be read
 */
export function checkScenarios(exercise: Exercise, files: readonly string[]): readonly CheckedScenario[] {
  const known = namesOf(exercise);
  return files.map((file) => {
    try {
      const scenario = loadScenario(file, known);
      const warnings = scenarioWarnings(readFileSync(file, 'utf8'), file).map(problemLine);
      return { file, scenario, problems: [], warnings };
    } catch (error) {
      if (error instanceof PumprangeError && error.code === 'PR_SCENARIO_INVALID') {
        return { file, problems: error.message.split('\n'), warnings: [] };
      }
      throw error;
    }
  });
}
