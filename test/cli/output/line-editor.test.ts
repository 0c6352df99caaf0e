import { describe, expect, it } from 'vitest';
import { typeKey } from '../../../cli/output/line-editor.ts';

describe('a line that is being typed', () => {
  it.each([
    ['a letter', 'rat', { text: 'e' }, { kind: 'line', line: 'rate' }],
    ['backspace', 'raté', { text: '\u007f', name: 'backspace' }, { kind: 'line', line: 'rat' }],
    ['backspace in nothing', '', { text: '\u007f', name: 'backspace' }, { kind: 'line', line: '' }],
    ['Enter', 'start A', { text: '\r', name: 'return' }, { kind: 'submit', line: 'start A' }],
    ['Ctrl-C', 'start', { text: '\u0003', name: 'c', ctrl: true }, { kind: 'end' }],
    ['Ctrl-D', '', { text: '\u0004', name: 'd', ctrl: true }, { kind: 'end' }],
    ['Ctrl-U', 'start A', { text: '\u0015', name: 'u', ctrl: true }, { kind: 'line', line: '' }],
    ['Ctrl-W', 'start A ', { text: '\u0017', name: 'w', ctrl: true }, { kind: 'line', line: 'start ' }],
    ['an arrow', 'start', { text: undefined, name: 'up' }, { kind: 'line', line: 'start' }],
    ['escape', 'start', { text: '\u001b', name: 'escape' }, { kind: 'line', line: 'start' }],
    ['! alone', '', { text: '!' }, { kind: 'submit', line: 'silence' }],
    ['! in a line', 'x', { text: '!' }, { kind: 'line', line: 'x!' }],
    ['? alone', '', { text: '?' }, { kind: 'submit', line: 'help' }],
  ])('takes %s', (_, line, key, typed) => {
    expect(typeKey(line, key)).toEqual(typed);
  });

  it('does not grow without end', () => {
    const typed = typeKey('x'.repeat(500), { text: 'y' });
    expect(typed).toEqual({ kind: 'line', line: 'x'.repeat(500) });
  });
});
