import { describe, expect, it } from 'vitest';
import { countTests } from '../../tools/count-tests.ts';

const test = (fullName: string, status: string) => ({ fullName, status });

describe('the count of tests', () => {
  it('adds up what passed and what did not, over all files', () => {
    const report = {
      numTotalTests: 4,
      testResults: [
        { name: 'a', status: 'passed', assertionResults: [test('one', 'passed'), test('two', 'passed')] },
        { name: 'b', status: 'failed', assertionResults: [test('three', 'failed'), test('four', 'passed')] },
      ],
    };
    expect(countTests(report)).toEqual({ passed: 3, failed: 1, failures: ['b: three (failed)'] });
  });

  it('takes a skipped test for one that failed', () => {
    const report = {
      testResults: [{ name: 'a', status: 'passed', assertionResults: [test('one', 'skipped')] }],
    };
    expect(countTests(report)).toMatchObject({ passed: 0, failed: 1 });
  });

  it('takes a file that could not be loaded for one failure', () => {
    const report = { testResults: [{ name: 'a', status: 'failed', assertionResults: [] }] };
    expect(countTests(report)).toEqual({ passed: 0, failed: 1, failures: ['a (failed)'] });
  });

  it('fails where no test ran, and refuses what is no report', () => {
    expect(countTests({ testResults: [] })).toMatchObject({ passed: 0, failed: 1 });
    expect(() => countTests({})).toThrow();
  });
});
