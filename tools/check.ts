import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { HOUSE, isProgram, knownFiles } from './house.ts';

interface Check {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** What to say when it holds, out of what it printed. */
  readonly said?: (output: string) => string;
}

const LOADER = join(HOUSE, 'tools', 'ts-loader.mjs');

function tool(file: string, ...args: string[]): Check['command'] {
  return [process.execPath, '--import', LOADER, join(HOUSE, 'tools', file), ...args];
}

function packaged(name: string, ...args: string[]): Check['command'] {
  return [join(HOUSE, 'node_modules', '.bin', name), ...args];
}

/**
 * Code and its configuration. Pages are prose, whose lines are broken by hand or by a generator, and fixtures are broken on purpose;
 * Biome would have both its own way.
 */
function styled(): string[] {
  return knownFiles(HOUSE, ['*.ts', '*.mjs', '*.js', '*.json', ':!test/fixtures/*']);
}

const lastLine = (output: string): string => output.trim().split('\n').at(-1) ?? '';

const CHECKS: readonly Check[] = [
  { name: 'types', command: packaged('tsc', '--noEmit', '-p', 'tsconfig.json') },
  { name: 'style', command: packaged('biome', 'check', '--error-on-warnings', ...styled()), said: lastLine },
  { name: 'imports', command: tool('check-imports.ts'), said: lastLine },
  { name: 'unused code', command: packaged('knip') },
  { name: 'generated files', command: tool('generate.ts', '--check'), said: lastLine },
];

/** Runs a check, prints its one line and, where it does not hold, all that it said. Resolves to whether it holds. */
export async function runCheck(check: Check, print: (text: string) => void): Promise<boolean> {
  const { exitCode, output } = await run(check.command);
  const holds = exitCode === 0;
  const said = holds ? check.said?.(output) : undefined;
  print(`${holds ? 'ok  ' : 'FAIL'} ${check.name}${said ? `: ${said}` : ''}`);
  if (!holds) print(output.trimEnd());
  return holds;
}

function run([program, ...args]: Check['command']): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: HOUSE, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
    child.stderr.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
    child.once('error', (error) => resolve({ exitCode: 127, output: `${program}: ${error.message}` }));
    child.once('close', (code) => resolve({ exitCode: code ?? 1, output }));
  });
}

if (isProgram(import.meta.url) && process.argv.includes('--format')) {
  const { exitCode, output } = await run(packaged('biome', 'check', '--write', ...styled()));
  console.log(output.trimEnd());
  process.exitCode = exitCode;
} else if (isProgram(import.meta.url)) {
  let failed = 0;
  for (const check of CHECKS) {
    if (!(await runCheck(check, console.log))) failed += 1;
  }
  console.log(failed === 0 ? `${CHECKS.length} checks hold` : `${failed} of ${CHECKS.length} checks fail`);
  process.exitCode = failed === 0 ? 0 : 1;
}
