import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gipPage } from '../../tools/generators/gip-page.ts';
import { GIP_OMISSIONS, GIP_REQUIREMENTS } from '../../tools/generators/gip-requirements.ts';
import { HOUSE } from '../../tools/house.ts';

const page = gipPage();

describe('docs/gip.md', () => {
  it('has every requirement once, kept or left out', () => {
    const ids = [...GIP_REQUIREMENTS, ...GIP_OMISSIONS].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(page.split(`<a id="${id.toLowerCase()}">`)).toHaveLength(2);
    for (const { wording } of [...GIP_REQUIREMENTS, ...GIP_OMISSIONS]) expect(page).toContain(wording);
  });

  it('says that the numbers of the original were not checked', () => {
    expect(page.slice(0, page.indexOf('## Kept'))).toContain('the numbers of the original were not checked');
  });

  it.each(GIP_REQUIREMENTS)(
    '$id names files that are there, and a test that exists',
    ({ modelledIn, shownBy }) => {
      expect(modelledIn.length).toBeGreaterThan(0);
      for (const file of modelledIn) expect(existsSync(join(HOUSE, file))).toBe(true);
      const source = readFileSync(join(HOUSE, shownBy.file), 'utf8');
      const title = shownBy.test.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
      // The name of a test, not a mention of it: it follows a call of `it` or `test`.
      expect(source).toMatch(new RegExp(`\\b(it|test)(\\.each\\([\\s\\S]*?\\))?\\(\\s*'${title}'`));
    },
  );

  it('gives a reason for each that is left out', () => {
    for (const { why } of GIP_OMISSIONS) expect(why).toMatch(/^[A-Z].{20,}\.$/);
  });
});
