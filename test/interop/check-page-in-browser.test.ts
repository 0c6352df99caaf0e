import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import { checkPage } from '../../testbed/check-page.ts';
import { browse } from '../helpers/browser.ts';
import { tempFolder } from '../helpers/command.ts';
import { hasTool } from '../helpers/require-tool.ts';
import { sampleTable } from '../testbed/sample-table.ts';

const POLICY = /<meta http-equiv="Content-Security-Policy"[^>]*>\n/;

describe.skipIf(!hasTool('chromium'))('the page of a truth table in a real browser', () => {
  const page = checkPage(sampleTable());
  const fileOf = (content: string): string => {
    const file = join(tempFolder(), 'table.html');
    writeFileSync(file, content);
    return file;
  };

  it('breaks none of its own policy and asks for nothing', () => {
    const { dom, console } = browse(fileOf(page));
    expect(console).toBe('');
    expect(dom).toContain('Who reaches what');
  }, 240_000);

  it.each([
    ['light', []],
    ['dark', ['--blink-settings=preferredColorScheme=0']],
  ])(
    'has no fault that axe finds, %s',
    (_, flags) => {
      const script = `<script>${axe.source}; (async () => {
        const { violations } = await axe.run(document, { resultTypes: ['violations'] });
        const told = violations.map(({ id, nodes }) => ({ id, at: nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)) }));
        document.documentElement.dataset.found = JSON.stringify(told);
      })()</script>`;
      expect(page).toMatch(POLICY);
      const { dom } = browse(
        fileOf(page.replace(POLICY, '').replace('</body>', () => `${script}</body>`)),
        flags,
      );
      const [, found] = /<html[^>]* data-found="([^"]*)"/.exec(dom) ?? [];
      expect(found).toBe('[]');
    },
    240_000,
  );
});
