import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shortText } from '../../protocol/index.ts';

test('a text of up to 200 code units stays as it is; a longer one ends in an ellipsis there', () => {
  expect(shortText('x'.repeat(200))).toBe('x'.repeat(200));
  expect(shortText('x'.repeat(201))).toBe(`${'x'.repeat(199)}…`);
});

test('no character is cut in half', () => {
  expect(shortText(`${'x'.repeat(198)}😀😀`)).toBe(`${'x'.repeat(198)}…`);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 150, maxLength: 400 }), (text) => {
      expect(shortText(text).length).toBeLessThanOrEqual(200);
      expect(shortText(text)).not.toMatch(/\p{Surrogate}/u);
    }),
  );
});
