import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { publishedSchemas, renderReport } from '../../../scenarios/index.ts';
import { sampleReport } from './sample-report.ts';

const HOSTILE = `</title><script>alert(1)</script><img src=x onerror=alert(2)> "' & \u0000\u001b[31m --> ]]>`;

it('has a sample that follows the published schema', () => {
  const validate = new Ajv2020({ strict: false, formats: { 'date-time': true } }).compile(
    publishedSchemas()['rehearsal-report'],
  );
  validate(JSON.parse(JSON.stringify(sampleReport())));
  expect(validate.errors).toBeNull();
});

it('gives the same bytes for the same report, however often charts were drawn before', async () => {
  const once = await renderReport({ report: sampleReport(), files: [] });
  expect(await renderReport({ report: sampleReport(), files: [] })).toBe(once);
});

it('asks no server for anything and runs nothing', async () => {
  const page = await renderReport({ report: sampleReport(), files: ['report.json'] });
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'`);
  expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\((?!#)|\bon[a-z]+=/i);
  expect([...page.matchAll(/(?:href|src)="([^"#][^"]*)"/g)].map(([, at]) => at)).toEqual([]);
});

it('escapes whatever a scenario says', async () => {
  const report = sampleReport(2, () => HOSTILE);
  for (const rehearsed of report.rehearsed) {
    Object.assign(rehearsed, { summary: HOSTILE, success: [HOSTILE] });
    rehearsed.references.push({ source: HOSTILE, id: HOSTILE });
    for (const run of rehearsed.runs) {
      for (const step of run.steps) Object.assign(step, { actor: HOSTILE, object: HOSTILE, detail: HOSTILE });
      for (const event of run.evidence)
        Object.assign(event, { cause: HOSTILE, subject: HOSTILE, object: HOSTILE });
      for (const alert of run.alerts) alert.subject = HOSTILE;
      run.command = HOSTILE;
    }
  }
  const page = await renderReport({ report, files: [HOSTILE] });
  expect(page).not.toContain('<script');
  expect(page).not.toContain('<img');
  expect(page).not.toMatch(/(?!\n)\p{Cc}/u);
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
});

it('has every id once, and every link within the page leads somewhere', async () => {
  const page = await renderReport({ report: sampleReport(), files: [] });
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  const targets = [...page.matchAll(/(?:href="|url\()#([^")]+)/g)].map(([, id]) => id);
  expect(targets.length).toBeGreaterThan(20);
  expect(targets.filter((id) => !ids.includes(id))).toEqual([]);
});

it('shows money only with a price list, and then with what it rests on', async () => {
  const without = await renderReport({ report: sampleReport(), files: [] });
  expect(without).toContain('No amounts of money are shown');
  expect(without).not.toMatch(/EUR/);
  const prices = {
    currency: 'EUR',
    source: 'Made up for a test.',
    prices: [{ figure: 'recordsRead' as const, each: 100, once: 5_000, atLeast: 0, what: 'Letters' }],
  };
  const page = await renderReport({ report: sampleReport(), prices, files: [] });
  expect(page).toContain('EUR 5,300');
  expect(page).toContain('Made up for a test.');
  expect(page).toContain('Letters: EUR 5,000 once, and EUR 100 for each of the patients');
});

it('tells each effect by a letter, and marks what was inferred', async () => {
  const page = await renderReport({ report: sampleReport(), files: [] });
  expect(page).toMatch(/<td class="e-stops[^"]*">S<\/td>/);
  expect(page).toMatch(/<td class="e-none[^"]*">·<\/td>/);
  expect(page).toMatch(/<td class="e-stops[^"]* inferred">S<\/td>/);
});

it('says what nobody has looked at', async () => {
  const page = await renderReport({ report: sampleReport(), files: [] });
  expect(page).toContain('Nobody has looked at this yet.');
  expect(page).toContain('Whoever has the broker has what it forwards.');
  expect(page).toContain('attack-0 when device is lost');
});

it('shows single rehearsals without a matrix', async () => {
  const sample = sampleReport(2);
  const page = await renderReport({ report: { ...sample, matrix: null }, files: [] });
  expect(page).toContain('<h1>Rehearsal report</h1>');
  expect(page).not.toContain('id="matrix"');
  expect(page).toContain('Attack number 1');
});

it('says of a line that the firmware itself mends neither that it does not work nor that nothing stands before it', async () => {
  const report = sampleReport(1);
  const mended = { mendedByFirmware: true, succeedsBare: false, layers: [], alone: {}, residual: [] };
  Object.assign(report.matrix?.attacks[0] ?? {}, mended);
  const page = await renderReport({ report, files: [] });
  expect(page).toContain('The newest firmware itself stops it');
  expect(page).toContain('mended by the firmware');
  expect(page).toContain('<td class="edge number">firmware</td>');
  expect(page).not.toMatch(/does not work|No layer stands alone/);
});
