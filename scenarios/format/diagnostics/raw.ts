import type { DataPath } from './problem.ts';

/** Reading what is not validated yet, without trusting its shape. */

export function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  return fields[key];
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Something named by a key, wherever it stands below a value. */
export interface Found {
  readonly key: string;
  readonly text: string;
  readonly path: DataPath;
}

/** Every text that stands under one of the keys, alone or in a list, at any depth. */
export function textsUnder(value: unknown, keys: readonly string[], path: DataPath = []): Found[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => textsUnder(item, keys, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) => {
    const here = [...path, key];
    if (!keys.includes(key)) return textsUnder(child, keys, here);
    if (typeof child === 'string') return [{ key, text: child, path: here }];
    return listOf(child).flatMap((item, index) =>
      typeof item === 'string' ? [{ key, text: item, path: [...here, index] }] : [],
    );
  });
}
