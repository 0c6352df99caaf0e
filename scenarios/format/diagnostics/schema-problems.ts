import type { z } from 'zod';
import { type JsonSchema, schemaAt } from './json-schema-walk.ts';
import { type DataPath, type Problem, pathText, valueText } from './problem.ts';
import { nearest, suggestion } from './suggest.ts';

/** Up to so many choices are listed beside a suggestion. */
const MOST_LISTED = 8;

/** An issue as Zod has it, with its path made ours. */
type Issue = z.core.$ZodIssue;

/**
 * What a schema found wrong, in our words: the offending key or value, what was expected, and what was probably meant.
 *
 * @param schema the JSON Schema of the same Zod schema; it knows which keys would have been right.
 */
export function problemsOf(issues: readonly Issue[], data: unknown, schema: JsonSchema): Problem[] {
  return issues.flatMap((issue) => problemsOfIssue(issue, [], data, schema));
}

function problemsOfIssue(issue: Issue, base: DataPath, data: unknown, schema: JsonSchema): Problem[] {
  const path = [...base, ...dataPath(issue.path)];
  const value = valueAt(data, path);
  const name = path.length === 0 ? 'the document' : pathText(path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const allowed = schemaAt(schema, data, path).keys;
      return issue.keys.map((key) => unknownKey(path, name, key, value, allowed));
    }
    case 'invalid_union': {
      // Without errors of its branches, it is the discriminator that fits none.
      if (issue.errors.length > 0) {
        return nearestBranch(issue.errors, value).flatMap((inner) =>
          problemsOfIssue(inner, path, data, schema),
        );
      }
      return [
        choiceProblem(path, name, value, schemaAt(schema, data, path.slice(0, -1)).choices(lastKey(path))),
      ];
    }
    case 'invalid_value':
      return [choiceProblem(path, name, value, issue.values.map(String))];
    case 'invalid_type':
      if (value === undefined) return [missing(path, schema, data)];
      return [
        wrong(
          path,
          `${name}: expected ${typeName(issue.expected)}, found ${valueText(value)}`,
          quoteHint(issue, value),
        ),
      ];
    case 'too_small':
      return [
        wrong(
          path,
          `${name}: expected ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${unitOf(issue.origin)}, found ${valueText(value)}`,
        ),
      ];
    case 'too_big':
      return [
        wrong(
          path,
          `${name}: expected ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${unitOf(issue.origin)}, found ${valueText(value)}`,
        ),
      ];
    default:
      return [
        issue.message.startsWith('not ')
          ? wrong(path, `${name}: ${valueText(value)} is ${issue.message}`)
          : wrong(path, `${name}: expected ${issue.message}, found ${valueText(value)}`),
      ];
  }
}

function wrong(path: DataPath, message: string, hint?: string): Problem {
  return { path, at: 'value', message, hint };
}

function missing(path: DataPath, schema: JsonSchema, data: unknown): Problem {
  const parent = path.slice(0, -1);
  const key = lastKey(path);
  const around = parent.length === 0 ? 'the document' : pathText(parent);
  return {
    path: parent,
    at: 'value',
    message:
      path.length === 0
        ? 'expected a mapping, found nothing'
        : `missing key ${JSON.stringify(key)} in ${around}`,
    hint: schemaAt(schema, data, parent).describe(key),
  };
}

function choiceProblem(path: DataPath, name: string, value: unknown, choices: readonly string[]): Problem {
  if (value === undefined) {
    const around = path.length <= 1 ? 'the document' : pathText(path.slice(0, -1));
    return {
      path: path.slice(0, -1),
      at: 'value',
      message: `missing key ${JSON.stringify(lastKey(path))} in ${around}`,
      hint: `one of ${choices.join(', ')}`,
    };
  }
  const meant = typeof value === 'string' ? nearest(value, choices) : undefined;
  // A long list helps nobody who made a slip of the pen.
  const listed = meant === undefined || choices.length <= MOST_LISTED;
  return wrong(
    path,
    listed
      ? `${name}: expected one of ${choices.join(', ')}, found ${valueText(value)}`
      : `${name}: there is no ${valueText(value)}`,
    meant === undefined ? undefined : `did you mean ${JSON.stringify(meant)}?`,
  );
}

function unknownKey(
  path: DataPath,
  name: string,
  key: string,
  value: unknown,
  allowed: readonly string[],
): Problem {
  const place: Pick<Problem, 'path' | 'at'> = { path: [...path, key], at: 'key' };
  if (allowed.includes(key)) {
    const present = Object.keys(value ?? {}).filter((one) => one !== key);
    return {
      ...place,
      message: `${JSON.stringify(key)} does not go together with ${present.join(', ')} in ${name}`,
    };
  }
  const free = allowed.filter((one) => !hasKey(value, one));
  return {
    ...place,
    message: `unknown key ${JSON.stringify(key)} in ${name}`,
    hint: suggestion(key, free) ?? keysHint(allowed),
  };
}

/**
 * The branch of a union that was most probably meant: one whose keys the value has, then one of the right type, then
 * the one with the fewest faults.
 */
function nearestBranch(branches: readonly (readonly Issue[])[], value: unknown): readonly Issue[] {
  const cost = (issues: readonly Issue[]): number =>
    issues.reduce((sum, issue) => sum + issueCost(issue, value), 0);
  return [...branches].sort((a, b) => cost(a) - cost(b))[0] ?? [];
}

function issueCost(issue: Issue, value: unknown): number {
  const [first] = issue.path;
  if (issue.code === 'unrecognized_keys') return 10 * issue.keys.length;
  if (first === undefined) return issue.code === 'invalid_type' ? 100 : 50;
  return hasKey(value, String(first)) ? 1 : 10;
}

function dataPath(path: readonly PropertyKey[]): DataPath {
  return path.map((part) => (typeof part === 'symbol' ? String(part) : part));
}

function lastKey(path: DataPath): string {
  return String(path[path.length - 1] ?? '');
}

function valueAt(data: unknown, path: DataPath): unknown {
  return path.reduce<unknown>((value, part) => {
    if (Array.isArray(value)) return typeof part === 'number' ? value[part] : undefined;
    return hasKey(value, String(part)) ? value[String(part)] : undefined;
  }, data);
}

function hasKey(value: unknown, key: string): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}

function keysHint(keys: readonly string[]): string | undefined {
  return keys.length === 0 ? undefined : `known keys: ${keys.join(', ')}`;
}

function typeName(expected: string): string {
  const names: Record<string, string> = {
    object: 'a mapping',
    array: 'a list',
    string: 'text',
    int: 'a whole number',
  };
  return names[expected] ?? `a ${expected}`;
}

function unitOf(origin: string): string {
  return origin === 'array' ? ' in the list' : origin === 'string' ? ' characters' : '';
}

function quoteHint(issue: { expected: string }, value: unknown): string | undefined {
  return issue.expected === 'string' && typeof value !== 'object'
    ? `put it in quotes: "${String(value)}"`
    : undefined;
}
