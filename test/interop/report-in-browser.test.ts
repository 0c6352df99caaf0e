import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../scenarios/index.ts';
import { browse } from '../helpers/browser.ts';
import { tempFolder } from '../helpers/command.ts';
import { hasTool } from '../helpers/require-tool.ts';
import { sampleReport } from '../scenarios/report/sample-report.ts';

const DARK = '--blink-settings=preferredColorScheme=0';
const POLICY = /<meta http-equiv="Content-Security-Policy"[^>]*>\n/;

describe.skipIf(!hasTool('chromium'))('the report in a real browser', () => {
  let page = '';
  beforeAll(async () => {
    page = await renderReport({ report: sampleReport(4), files: ['report.json'] });
  });

  function fileOf(content: string): string {
    const file = join(tempFolder(), 'report.html');
    writeFileSync(file, content);
    return file;
  }

  /** What a script finds out in the page, without the policy that would forbid it. */
  function found(script: string, flags: readonly string[] = []): unknown {
    expect(page).toMatch(POLICY);
    const probe = `<script>(async () => { document.documentElement.dataset.found = JSON.stringify(await (async () => { ${script} })()); })()</script>`;
    const { dom } = browse(
      fileOf(page.replace(POLICY, '').replace('</body>', () => `${probe}</body>`)),
      flags,
    );
    const [, text = 'null'] = /<html[^>]* data-found="([^"]*)"/.exec(dom) ?? [];
    return JSON.parse(
      text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
    );
  }

  it('breaks none of its own policy and asks for nothing', () => {
    const { dom, console } = browse(fileOf(page));
    expect(console).toBe('');
    expect(dom).toContain('In plain words');
  }, 240_000);

  it('is told off by the browser where something would run', () => {
    const { console } = browse(
      fileOf(page.replace('</body>', '<script>document.title = "run"</script></body>')),
    );
    expect(console).toContain('Content Security Policy');
  }, 240_000);

  it.each([
    ['light', []],
    ['dark', [DARK]],
  ])(
    'has no fault that axe finds, %s',
    (_, flags) => {
      const script = `${axe.source}; const { violations } = await axe.run(document, { resultTypes: ['violations'] });
      return violations.map(({ id, nodes }) => ({ id, at: nodes.slice(0, 3).map(({ html, failureSummary }) => [html.slice(0, 200), failureSummary]) }));`;
      expect(found(script, flags)).toEqual([]);
    },
    240_000,
  );

  it('switches its tables without a script, by what a keyboard reaches', () => {
    const shown =
      found(`const shown = () => ['alone', 'removed', 'lost'].filter((id) => getComputedStyle(document.querySelector('.view-' + id)).display !== 'none');
      const seen = [shown()];
      for (const id of ['removed', 'lost', 'alone']) { document.getElementById('view-' + id).click(); seen.push(shown()); }
      return seen;`);
    expect(shown).toEqual([['alone'], ['removed'], ['lost'], ['alone']]);
  }, 240_000);

  it('is nowhere wider than the window, on a small screen either', () => {
    const widths = found('return [document.documentElement.scrollWidth, innerWidth];', [
      '--window-size=500,900',
    ]);
    expect(widths).toEqual([expect.any(Number), expect.any(Number)]);
    const [needed = 0, there = 0] = widths as number[];
    expect(needed).toBeLessThanOrEqual(there);
  }, 240_000);
});
