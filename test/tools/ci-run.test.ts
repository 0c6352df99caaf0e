import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { HOUSE } from '../../tools/house.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Runs `.ci/run` with stand-ins for whatever installs or takes long; each is the body of a shell script. */
function ciRun(npm: { readonly ci?: string; readonly test?: string; readonly run?: string }) {
  const bin = mkdtempSync(join(tmpdir(), 'pumprange-ci-'));
  folders.push(bin);
  const program = (name: string, body: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  for (const name of ['apt-get', 'install', 'sudo']) program(name, 'exit 0');
  program(
    'npm',
    [
      'for one in "$@"; do case "$one" in --outputFile.json=*) out=$(echo "$one" | cut -d= -f2-);; esac; done',
      'case "$1" in',
      `ci) ${npm.ci ?? 'exit 0'};;`,
      `test) ${npm.test ?? 'exit 0'};;`,
      `run) ${npm.run ?? 'echo fine'};;`,
      'esac',
    ].join('\n'),
  );
  const { status, stdout } = spawnSync(join(HOUSE, '.ci', 'run'), {
    env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` },
    encoding: 'utf8',
  });
  return { status, stdout, last: stdout.trimEnd().split('\n').at(-1) };
}

/** A report of Vitest with tests of these outcomes. */
function report(...outcomes: string[]): string {
  const assertionResults = outcomes.map((status, index) => ({ fullName: `test ${index}`, status }));
  const status = outcomes.every((outcome) => outcome === 'passed') ? 'passed' : 'failed';
  const json = JSON.stringify({ testResults: [{ name: 'a.test.ts', status, assertionResults }] });
  return `echo '${json}' >"$out"`;
}

describe('.ci/run', () => {
  it('counts every test, and the matrix, the checks and both benchmarks as one each', () => {
    expect(ciRun({ test: report('passed', 'passed') })).toMatchObject({
      status: 0,
      last: '6 passed, 0 failed',
    });
  });

  it('fails with the true numbers when a test fails or is skipped', () => {
    const test = `${report('passed', 'failed', 'skipped')}; exit 1`;
    expect(ciRun({ test })).toMatchObject({ status: 1, last: '5 passed, 2 failed' });
  });

  it('fails when Vitest does, although no test did', () => {
    expect(ciRun({ test: `${report('passed')}; exit 1` })).toMatchObject({
      status: 1,
      last: '5 passed, 1 failed',
    });
  });

  it('fails when the tests leave no report', () => {
    expect(ciRun({ test: 'exit 0' })).toMatchObject({ status: 1, last: '4 passed, 1 failed' });
  });

  it('fails when the checks do, and goes on to the benchmark', () => {
    const run = 'case "$3" in check) echo no; exit 1;; *) echo measured;; esac';
    const { status, stdout, last } = ciRun({ test: report('passed'), run });
    expect({ status, last }).toEqual({ status: 1, last: '4 passed, 1 failed' });
    expect(stdout).toContain('measured');
  });

  it('ends there when nothing can be installed, and names no host', () => {
    const { status, stdout, last } = ciRun({ ci: 'echo "error at https://packages.example.org/x"; exit 1' });
    expect({ status, last }).toEqual({ status: 1, last: '0 passed, 1 failed' });
    expect(stdout).toContain('npm ci failed');
    expect(stdout).not.toContain('example.org');
  });
});
