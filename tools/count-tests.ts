import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { isProgram } from './house.ts';

/** As much of Vitest's JSON report as is counted. */
const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  /** What failed, by file and name. */
  readonly failures: readonly string[];
}

/**
 * Counts the tests of a report. Whatever did not pass failed: a skipped test too, since whoever counts has asked for all of them,
 * and a file that could not be read at all counts as one. A report of nothing is a failure.
 */
export function countTests(report: unknown): TestCount {
  const { testResults } = reportSchema.parse(report);
  let passed = 0;
  const failures: string[] = [];
  for (const { name, status, assertionResults } of testResults) {
    const bad = assertionResults.filter((test) => test.status !== 'passed');
    passed += assertionResults.length - bad.length;
    failures.push(...bad.map((test) => `${name}: ${test.fullName} (${test.status})`));
    // Vitest also calls a file failed when only its hooks did, or when it could not be loaded.
    if (status !== 'passed' && bad.length === 0) failures.push(`${name} (${status})`);
  }
  if (testResults.length === 0) failures.push('no test ran');
  return { passed, failed: failures.length, failures };
}

if (isProgram(import.meta.url)) {
  const [file] = process.argv.slice(2);
  if (file === undefined) throw new Error('count-tests FILE');
  const { passed, failed, failures } = countTests(JSON.parse(readFileSync(file, 'utf8')));
  for (const failure of failures) console.error(failure);
  console.log(`${passed} ${failed}`);
}
