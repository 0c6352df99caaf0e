import { spawnSync } from 'node:child_process';

/**
 * Whether a program of the system is there, for tests that ask a foreign judge:
 * `describe.skipIf(!hasTool('openssl'))(…)`. A missing one is said on stderr; with `PUMPRANGE_REQUIRE=all`, as in
 * CI, it is a failure.
 *
 * @param howToGet the package that has it.
 */
export function hasTool(name: string, howToGet = name): boolean {
  const found = spawnSync('sh', ['-c', 'command -v -- "$1"', 'sh', name]).status === 0;
  if (found) return true;
  const reason = `${name} is not installed (package ${howToGet})`;
  if (process.env['PUMPRANGE_REQUIRE'] === 'all') throw new Error(`PUMPRANGE_REQUIRE=all, but ${reason}`);
  process.stderr.write(`skipped: ${reason}\n`);
  return false;
}
