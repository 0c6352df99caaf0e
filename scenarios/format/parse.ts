import type { z } from 'zod';
import { type Posture, postureOf, postureSchema } from '../../protocol/index.ts';
import { type PriceList, priceListSchema } from '../report/prices.ts';
import { crossCheck, type KnownNames, playbookProblems } from './cross-check.ts';
import type { JsonSchema } from './diagnostics/json-schema-walk.ts';
import { byPosition, type LocatedProblem, type Position, type Problem } from './diagnostics/problem.ts';
import { problemsOf } from './diagnostics/schema-problems.ts';
import { parseYaml } from './diagnostics/yaml-source.ts';
import { type Playbook, playbookSchema } from './playbook.ts';
import { type Scenario, scenarioSchema } from './scenario.ts';
import { publishedSchemas } from './schemas.ts';
import { warningsOf } from './warnings.ts';

/** What a file holds, or all that is wrong with it, in the order of the file. */
export type Parsed<T> =
  | { readonly value: T; readonly idAt: Position }
  | { readonly problems: readonly LocatedProblem[] };

/** Parses and checks the text of a scenario file; `file` is for the problems only. Never throws. */
export function parseScenario(text: string, file: string, known: KnownNames = {}): Parsed<Scenario> {
  return parseChecked(
    text,
    file,
    scenarioSchema,
    () => publishedSchemas().scenario,
    (data) => crossCheck(data, known),
  );
}

/** What the text of a scenario file says that was hardly meant, in the order of the file; none of it keeps a scenario from being run. */
export function scenarioWarnings(text: string, file: string): readonly LocatedProblem[] {
  const parsed = parseYaml(text);
  if ('faults' in parsed) return [];
  const { data, positionOf } = parsed.source;
  return warningsOf(data)
    .map(({ path, at, message, hint }) => ({ file, ...positionOf(path, at), message, hint }))
    .sort(byPosition);
}

/** Parses and checks the text of a posture file; `file` is for the problems only. Never throws. */
export function parsePosture(text: string, file: string): Parsed<Posture> {
  const parsed = parseChecked(
    text,
    file,
    postureSchema,
    () => publishedSchemas().posture,
    () => [],
  );
  return 'value' in parsed ? { ...parsed, value: postureOf(parsed.value) } : parsed;
}

/** Parses and checks the text of a price list; `file` is for the problems only. Never throws. */
export function parsePrices(text: string, file: string): Parsed<PriceList> {
  return parseChecked(
    text,
    file,
    priceListSchema,
    () => publishedSchemas()['price-list'],
    () => [],
  );
}

/** Parses and checks the text of a playbook; `file` is for the problems only. Never throws. */
export function parsePlaybook(text: string, file: string, known: KnownNames = {}): Parsed<Playbook> {
  return parseChecked(
    text,
    file,
    playbookSchema,
    () => publishedSchemas().playbook,
    (data) => playbookProblems(data, known),
  );
}

function parseChecked<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
  published: () => JsonSchema,
  check: (data: unknown) => Problem[],
): Parsed<z.output<Schema>> {
  const parsed = parseYaml(text);
  if ('faults' in parsed)
    return { problems: parsed.faults.map((fault) => ({ file, ...fault })).sort(byPosition) };
  const { data, positionOf } = parsed.source;
  const result = schema.safeParse(data);
  const problems = [
    ...(result.success ? [] : problemsOf(result.error.issues, data, published())),
    ...check(data),
  ].map(({ path, at, message, hint }) => ({ file, ...positionOf(path, at), message, hint }));
  if (!result.success || problems.length > 0) return { problems: problems.sort(byPosition) };
  return { value: result.data, idAt: positionOf(['id'], 'value') };
}
