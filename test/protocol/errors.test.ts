import { describe, expect, test } from 'vitest';
import { ERRORS, type ErrorCode, PumprangeError } from '../../protocol/index.ts';

const entries = Object.entries(ERRORS);

describe('every coded error', () => {
  test.each(entries)('%s has a cause, a way out and an exit code', (code, { exit, cause, wayOut }) => {
    expect(code).toMatch(/^PR_[A-Z][A-Z0-9_]*$/);
    for (const text of [cause, wayOut]) {
      expect(text.length).toBeGreaterThan(10);
      expect(text).toMatch(/^[A-Z].*[.`]$/s);
      expect(text).not.toMatch(/\s\s/);
    }
    expect([1, 2, 3]).toContain(exit);
  });

  test('there are some, and no two have the same cause', () => {
    expect(entries.length).toBeGreaterThan(20);
    expect(new Set(entries.map(([, { cause }]) => cause)).size).toBe(entries.length);
  });
});

test('an error carries its code, the case, the exit code, the way out and what it came from', () => {
  const code: ErrorCode = 'PR_PORT_IN_USE';
  const cause = new Error('EADDRINUSE');
  const error = new PumprangeError(code, 'port 8883 is in use', { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: 'PumprangeError',
    code,
    message: 'port 8883 is in use',
    cause,
    exitCode: 2,
  });
  expect(error.wayOut).toBe(ERRORS.PR_PORT_IN_USE.wayOut);
});
