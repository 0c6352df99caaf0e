import {
  type Cell,
  cellName,
  matrixOf,
  type Summary,
  type TableLayer,
  type TruthTable,
} from '../network/index.ts';
import { html, type Markup } from '../scenarios/index.ts';
import { madeTime, networkPage } from './network-page.ts';

/** Rows of mismatches beyond these are in the JSON document. */
const MOST_ROWS = 500;

interface View {
  readonly layer: TableLayer;
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly rows: string;
  readonly row: (cell: Cell) => string;
  readonly column: (cell: Cell) => string;
  readonly named: (cell: Cell) => string;
  /** What nothing is called. */
  readonly nothing: string;
}

const VIEWS: readonly View[] = [
  {
    ...{ layer: 'l3-l4', id: 'ports', title: 'Ports', rows: 'From', nothing: 'closed' },
    note: 'What answers, over IPv4 and IPv6, to a visitor of a zone and to each device in it. "All ways" says that nothing is in between, as between neighbours.',
    row: ({ fromZone }) => fromZone,
    column: ({ to }) => to,
    named: ({ probe, service }) => service ?? probe,
  },
  {
    ...{ layer: 'tls', id: 'tls', title: 'TLS', rows: 'Certificate of', nothing: 'none' },
    note: 'In which handshakes a certificate was accepted, by the zone that it was shown from.',
    row: ({ role = '' }) => role,
    column: ({ fromZone }) => fromZone,
    named: ({ to }) => to,
  },
  {
    ...{ layer: 'mqtt', id: 'mqtt', title: 'MQTT', rows: 'Role', nothing: 'nothing' },
    note: 'What each role was allowed at the broker, by the zone that it came from.',
    row: ({ role = '' }) => role,
    column: ({ fromZone }) => fromZone,
    named: ({ probe }) => probe,
  },
  {
    ...{
      layer: 'pump-services',
      id: 'services',
      title: 'Services of pumps',
      rows: 'From',
      nothing: 'not reached',
    },
    note: 'Which of a pump\u2019s own services greeted and answered.',
    row: ({ from }) => from,
    column: ({ device }) => device,
    named: ({ probe }) => probe,
  },
];

/** A truth table as one HTML file that asks nothing of any server and runs no script. The same table gives the same bytes. */
export function checkPage(table: TruthTable): string {
  const { cells, plan, ruleset, madeAt } = table;
  const views = VIEWS.filter(({ layer }) => cells.some((cell) => cell.layer === layer));
  return networkPage({
    title: `Who reaches what: ${plan}`,
    heading: 'Who reaches what',
    meta: html`Plan ${plan}, ruleset ${ruleset}, ${madeTime(madeAt)}`,
    nav: html`<nav aria-label="On this page">${views.map(({ id, title }) => html`<a href="#${id}">${title}</a> `)}</nav>`,
    main: html`${verdict(table)}
${cellTable(
  'mismatches',
  'Other than the plan has it',
  cells.filter(({ held }) => !held),
)}
${cellTable(
  'disagreements',
  'Other than worked out from the ruleset',
  cells.filter(({ held, agrees }) => held && !agrees),
)}
${views.map((view) => matrix(cells, view))}`,
    footer: timing(table),
  });
}

function verdict({ cells, mismatches, disagreements }: TruthTable): Markup {
  const agree =
    disagreements === 0
      ? 'What was worked out from the ruleset is what was seen, in each of them.'
      : `Cells in which something else was seen than was worked out from the ruleset: ${disagreements}.`;
  return mismatches === 0
    ? html`<p class="verdict good">\u2713 All ${cells.length} cells are as the plan has them.</p><p>${agree}</p>`
    : html`<p class="verdict bad">\u2717 ${mismatches} of ${cells.length} cells are other than the plan has them.</p><p>${agree}</p>`;
}

function cellTable(id: string, title: string, cells: readonly Cell[]): Markup {
  if (cells.length === 0) return html``;
  const rest = cells.length - MOST_ROWS;
  return html`<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${title}</h2>
<div class="scroll" role="group" aria-label="${title}" tabindex="0"><table><caption>Cells: ${cells.length}</caption>
<thead><tr><th scope="col">Probe</th><th scope="col">Expected</th><th scope="col">Seen</th><th scope="col">Ruleset</th><th scope="col">By</th><th scope="col">Why</th><th scope="col">ms</th></tr></thead>
<tbody>${cells.slice(0, MOST_ROWS).map(
    (cell) => html`
<tr><th scope="row">${cellName(cell)}<small>${cell.method}</small></th><td>${cell.expected}</td><td class="wrong"><strong>${cell.actual}</strong><small>${cell.detail}</small></td><td>${cell.static}</td><td>${cell.by}</td><td>${cell.why ?? ''}</td><td class="number">${Math.round(cell.ms)}</td></tr>`,
  )}
</tbody></table></div>${rest > 0 ? html`<p class="note">And ${rest} more, in the JSON document.</p>` : html``}</section>`;
}

function matrix(cells: readonly Cell[], view: View): Markup {
  const { layer, id, title, note, rows } = view;
  const groups = matrixOf(cells, layer, view);
  const columns = [...new Set([...groups.values()].flatMap((one) => [...one.keys()]))];
  return html`<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${title}</h2><p class="note">${note}</p>
<div class="scroll" role="group" aria-label="${title}" tabindex="0"><table><caption>${title}</caption>
<thead><tr><th scope="col">${rows}</th>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${[...groups].map(
    ([name, row]) => html`
<tr><th scope="row">${name}</th>${columns.map((column) => summaryCell(row.get(column), view))}</tr>`,
  )}
</tbody></table></div></section>`;
}

function summaryCell(summary: Summary | undefined, { layer, nothing }: View): Markup {
  if (summary === undefined) return html`<td class="none">itself</td>`;
  const { word, passed, tried, mismatches } = summary;
  const names = passed.length === 0 ? (word === 'none' ? nothing : 'no service') : passed.join(', ');
  const wrong = mismatches === 0 ? html`` : html`<strong>\u2717 ${mismatches} wrong</strong>`;
  const kind = mismatches > 0 ? 'wrong' : word === 'all' && layer !== 'l3-l4' ? 'some' : word;
  const way = layer === 'l3-l4' && word === 'all' && tried > 1 ? html`<small>all ways</small>` : html``;
  return html`<td class="${kind}">${wrong}${names}${way}</td>`;
}

function timing({
  probes,
  secondLooks,
  wallMs,
  msPerThousandProbes,
  msPerThousandConnects,
}: TruthTable): string {
  return `${probes} probes (${secondLooks} of them twice) in ${(wallMs / 1_000).toFixed(1)} s: ${msPerThousandProbes} ms per thousand, beside ${msPerThousandConnects} ms for a thousand bare connect() calls on loopback.`;
}
