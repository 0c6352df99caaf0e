import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../../supervision/detection/compile-expression.ts';
import { parseExpression } from '../../../supervision/detection/expression.ts';
import { event } from './events.ts';

const NAMES = ['a', 'b', 'filter_one', 'filter-two'];

/** Whether an expression holds where these selections do. */
function holds(text: string, ...which: readonly string[]): boolean {
  const selections = new Map(NAMES.map((name) => [name, () => which.includes(name)]));
  return compileExpression(text, selections)(event(0));
}

describe('an expression', () => {
  it('binds not closer than and, and and closer than or', () => {
    expect(holds('a or b and not filter_one', 'a', 'filter_one')).toBe(true);
    expect(holds('(a or b) and not filter_one', 'a', 'filter_one')).toBe(false);
    expect(holds('not a and b', 'b')).toBe(true);
    expect(holds('not (a and b)', 'b')).toBe(true);
    expect(holds('not not a', 'a')).toBe(true);
  });

  it('joins all selections whose names begin alike', () => {
    expect(holds('a and not 1 of filter*', 'a', 'filter-two')).toBe(false);
    expect(holds('a and not 1 of filter*', 'a')).toBe(true);
    expect(holds('all of filter*', 'filter_one')).toBe(false);
    expect(holds('all of filter*', 'filter_one', 'filter-two')).toBe(true);
  });

  it.each([
    ['a and', /missing at the end/],
    ['and a', /"and" stands where/],
    ['a b', /"b" is not expected/],
    ['(a', /"\)" is missing/],
    ['a)', /"\)" is not expected/],
    ['a & b', /means nothing here/],
    ['1 of filter', /wants the beginning of names/],
    ['fil*', /"fil\*" stands where/],
    [`${'('.repeat(100)}a`, /nested too deeply/],
    ['   ', /missing at the end/],
  ])('says what is wrong with %s', (text, fault) => {
    expect(parseExpression(text)).toEqual({ fault: expect.stringMatching(fault) });
  });
});
