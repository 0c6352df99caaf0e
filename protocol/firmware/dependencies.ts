import { z } from 'zod';
import { compareVersions, versionSchema } from './version.ts';

/** A part of a pump's software that has a version of its own. Names are ours and fictitious. */
export const componentSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,47}$/),
  version: versionSchema,
});

export const dependencySchema = z.strictObject({
  component: componentSchema.shape.name,
  minimumVersion: versionSchema,
});

export type Component = Readonly<z.infer<typeof componentSchema>>;
export type Dependency = Readonly<z.infer<typeof dependencySchema>>;

/** The most that one version may need. */
export const dependenciesSchema = z.array(dependencySchema).max(16);

/**
 * The first dependency that a pump does not meet, in words; `undefined` if it meets them all. This is what stops mix-and-match: parts that
 * are each signed and current, and were never meant to run together.
 */
export function unmetDependency(
  dependencies: readonly Dependency[],
  provided: readonly Component[],
): string | undefined {
  for (const { component, minimumVersion } of dependencies) {
    const found = provided.find(({ name }) => name === component);
    if (found === undefined) return `it needs ${component} ${minimumVersion}, which this pump does not have`;
    if (compareVersions(found.version, minimumVersion) < 0) {
      return `it needs ${component} ${minimumVersion}, this pump has ${found.version}`;
    }
  }
  return undefined;
}

/** Whether two lists ask for the same, in whatever order. */
export function sameDependencies(a: readonly Dependency[], b: readonly Dependency[]): boolean {
  return textOf(a) === textOf(b);
}

function textOf(dependencies: readonly Dependency[]): string {
  return dependencies
    .map(({ component, minimumVersion }) => `${component} ${minimumVersion}`)
    .sort()
    .join('\n');
}
