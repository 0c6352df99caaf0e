import type { PageOptions } from './page/page.ts';

/** The report as one HTML file. The chart library is loaded only now: most commands never need it. */
export async function renderReport(options: PageOptions): Promise<string> {
  const { reportPage } = await import('./page/page.ts');
  return reportPage(options);
}
