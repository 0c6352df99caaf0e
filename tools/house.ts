import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const HOUSE = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folders that hold code, in the order of docs/architecture.md. */
export const FOLDERS = [
  'clock',
  'protocol',
  'simulator',
  'broker',
  'pki',
  'pump-server',
  'network',
  'supervision',
  'scenarios',
  'testbed',
  'cli',
  'tools',
  'test',
] as const;

/**
 * The TypeScript files below these folders that git knows or would take up, without declarations that are not imported
 * by name (`*.d.ts`); paths from `root`.
 *
 * @throws Error if there is no git or no repository: nothing is then known of what should be there
 */
export function sourceFiles(root: string, folders: readonly string[]): string[] {
  return knownFiles(root, folders).filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'));
}

/** The files that git knows or would take up and that are there, by its pathspecs; paths from `root`, sorted. */
export function knownFiles(root: string, pathspecs: readonly string[]): string[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...pathspecs],
    { cwd: root, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 },
  );
  return listed
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(root, path)))
    .sort();
}

/** Whether a module is the program that was started, and not imported by another. */
export function isProgram(moduleUrl: string): boolean {
  const started = process.argv[1];
  return started !== undefined && realpathSync(started) === fileURLToPath(moduleUrl);
}
