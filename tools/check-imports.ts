import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cruise, type IConfiguration, type IViolation } from 'dependency-cruiser';
import { FOLDERS, HOUSE, isProgram, sourceFiles } from './house.ts';

export interface ImportFindings {
  readonly modules: number;
  readonly dependencies: number;
  /** One line each, sorted: the rule, who imports, and what. */
  readonly violations: readonly string[];
  /** Files that are there and were not read. A reading of nothing finds no violation either. */
  readonly unseen: readonly string[];
}

/**
 * Reads the imports of all TypeScript below the folders of `root`, type-only ones too, and holds them to the rules of
 * `.dependency-cruiser.mjs`.
 *
 * @param expected paths from `root` that must be among what was read
 */
export async function checkImports(
  root: string,
  folders: readonly string[],
  expected: readonly string[],
): Promise<ImportFindings> {
  const { default: config }: { default: IConfiguration } = await import(
    pathToFileURL(join(HOUSE, '.dependency-cruiser.mjs')).href
  );
  const { enhancedResolveOptions, ...options } = config.options ?? {};
  const { output } = await cruise(
    [...folders],
    { ...options, baseDir: root, validate: true, ruleSet: { forbidden: config.forbidden ?? [] } },
    enhancedResolveOptions,
  );
  if (typeof output === 'string') throw new TypeError('dependency-cruiser answered with a text');
  const read = output.modules.filter(({ source }) =>
    folders.some((folder) => source.startsWith(`${folder}/`)),
  );
  const seen = new Set(read.map(({ source }) => source));
  return {
    modules: read.filter(({ source }) => source.endsWith('.ts') && !source.endsWith('.d.ts')).length,
    dependencies: read.reduce((sum, { dependencies }) => sum + dependencies.length, 0),
    violations: output.summary.violations.map(violationText).sort(),
    unseen: expected.filter((path) => !seen.has(path)),
  };
}

function violationText({ rule, from, to, cycle }: IViolation): string {
  const way = cycle === undefined ? [to] : cycle.map(({ name }) => name);
  return `${rule.name}: ${[from, ...way].join(' → ')}`;
}

/** What to print, and whether the rules hold. */
export function importsReport(
  { modules, dependencies, violations, unseen }: ImportFindings,
  expected: number,
): { readonly ok: boolean; readonly text: string } {
  if (modules !== expected || unseen.length > 0) {
    const missing = unseen.length === 0 ? '' : `; not read: ${unseen.join(', ')}`;
    return { ok: false, text: `${modules} modules were read where git knows ${expected}${missing}` };
  }
  if (violations.length > 0) {
    return {
      ok: false,
      text: [...violations, `${modules} modules, ${violations.length} violations`].join('\n'),
    };
  }
  return { ok: true, text: `${modules} modules, ${dependencies} dependencies, no violations` };
}

if (isProgram(import.meta.url)) {
  const expected = sourceFiles(HOUSE, FOLDERS);
  const { ok, text } = importsReport(await checkImports(HOUSE, FOLDERS, expected), expected.length);
  console.log(text);
  process.exitCode = ok ? 0 : 1;
}
