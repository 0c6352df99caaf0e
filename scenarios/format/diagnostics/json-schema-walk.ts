import type { DataPath } from './problem.ts';

/** The parts of a JSON Schema that Zod writes and that we read. */
export interface JsonSchema {
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
}

/** What would be right at a place of a document. */
export interface Place {
  readonly keys: readonly string[];
  /** What a key is for, where the schema says so. */
  describe(key: string): string | undefined;
  /** The values that a key may have, where they are named. */
  choices(key: string): readonly string[];
}

/** Looks up a place in a schema, choosing among alternatives by the constants that the document has. */
export function schemaAt(schema: JsonSchema, data: unknown, path: DataPath): Place {
  let schemas = alternatives(schema, data);
  let value = data;
  for (const part of path) {
    value = childOf(value, part);
    schemas = schemas
      .flatMap((one) => (typeof part === 'number' ? one.items : one.properties?.[part]) ?? [])
      .flatMap((one) => alternatives(one, value));
  }
  const at = (key: string): JsonSchema[] => schemas.flatMap((one) => one.properties?.[key] ?? []);
  return {
    keys: [...new Set(schemas.flatMap((one) => Object.keys(one.properties ?? {})))],
    describe: (key) => at(key).find(({ description }) => description !== undefined)?.description,
    choices: (key) => [
      ...new Set(
        at(key)
          .flatMap((one) => (one.const !== undefined ? [one.const] : (one.enum ?? [])))
          .map(String),
      ),
    ],
  };
}

function alternatives(schema: JsonSchema, value: unknown): readonly JsonSchema[] {
  const options = schema.oneOf ?? schema.anyOf;
  if (options === undefined) return [schema];
  const flat = options.flatMap((option) => alternatives(option, value));
  const matching = flat.filter((option) => constantsMatch(option, value));
  return matching.length > 0 ? matching : flat;
}

/** Whether each constant of an alternative that stands in the document stands there so. */
function constantsMatch({ properties = {} }: JsonSchema, value: unknown): boolean {
  const constants = Object.entries(properties).filter(([, { const: constant }]) => constant !== undefined);
  return constants.length > 0 && constants.every(([key, one]) => childOf(value, key) === one.const);
}

function childOf(value: unknown, part: string | number): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const children: Readonly<Record<string, unknown>> = { ...value };
  return Object.hasOwn(children, part) ? children[part] : undefined;
}
