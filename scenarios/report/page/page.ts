import { attackFacts } from '../attack-facts.ts';
import type { PriceList } from '../prices.ts';
import type { RehearsalReport } from '../rehearsal-report.ts';
import { verdictOf } from '../verdict.ts';
import { attackIndex } from './attack-index.ts';
import { attackSection, rehearsalSection } from './attack-section.ts';
import { careSection } from './care-section.ts';
import { harmsSection } from './harms-section.ts';
import { heatMap } from './heat-map.ts';
import { layersChart } from './layers-chart.ts';
import { html, type Markup, trusted } from './markup.ts';
import { methodSection } from './method-section.ts';
import { residualsSection } from './residuals-section.ts';
import { STYLE } from './style.ts';
import { summarySection } from './summary-section.ts';

export interface PageOptions {
  readonly report: RehearsalReport;
  readonly prices?: PriceList | undefined;
  /** Names of the files that lie beside the page. */
  readonly files: readonly string[];
}

/**
 * The whole report as one HTML file that asks nothing of any server and runs no script: its policy forbids both, so that even a text that
 * got around the escaping could do nothing. The same report gives the same bytes.
 */
export function reportPage({ report, prices, files }: PageOptions): string {
  const { matrix } = report;
  const facts = attackFacts(report);
  const others = matrix === null ? report.rehearsed : [];
  const posture = matrix?.posture ?? '';
  const title = matrix === null ? 'Rehearsal report' : `Attack rehearsal of the posture ${posture}`;
  const sections: readonly (readonly [string, string, Markup])[] = [
    ['summary', 'Summary', summarySection(verdictOf(report))],
    ...(matrix === null
      ? []
      : ([
          ['harms', 'Harms', harmsSection(facts, posture, prices)],
          ['layers', 'Depth', layersChart(facts)],
          ['matrix', 'Matrix', heatMap(facts, posture)],
          ['residuals', 'Residuals', residualsSection(report, facts)],
          ['care', 'Care', careSection(matrix)],
        ] as const)),
    [
      'attacks',
      matrix === null ? 'Rehearsals' : 'Attacks',
      html`<section id="attacks" aria-labelledby="attacks-h"><h2 id="attacks-h">${matrix === null ? 'Rehearsals' : 'Attack by attack'}</h2>
${attackIndex(facts, posture)}
${facts.map((one) => attackSection(one, posture, prices))}${others.map(rehearsalSection)}</section>`,
    ],
    ['method', 'Method', methodSection(report, files)],
  ];
  const there = sections.filter(([id, , { text }]) => text.includes(`id="${id}"`) || text !== '');
  return `${
    html`<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="${report.tool}">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">To the summary</a>
<header>
<p class="brand">Pumprange <span>TRAINING, NOT FOR HUMAN USE</span></p>
<h1>${title}</h1>
<p class="meta">Made on <time datetime="${report.madeAt}">${report.madeAt.slice(0, 16).replace('T', ' ')} UTC</time> by ${report.tool}</p>
</header>
<nav aria-label="On this page"><ul>${there.filter(([id, , { text }]) => text.includes(`id="${id}"`)).map(([id, label]) => html`<li><a href="#${id}">${label}</a></li>`)}</ul></nav>
<main id="main" tabindex="-1">
${sections.map(
  ([, , section]) => html`${section}
`,
)}</main>
<footer><p>A simulated testbed made this report. It contains no patient data: every patient in it is made up.</p></footer>
</body>
</html>
`.text
  }`;
}
