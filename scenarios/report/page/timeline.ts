import type { RunDetail } from '../rehearsal-report.ts';
import { clockTime } from '../words.ts';
import type { Mark } from './curve-chart.ts';
import { html, type Markup } from './markup.ts';

/** A run as a column. */
export interface Column {
  readonly label: string;
  readonly run: RunDetail;
}

interface Row {
  readonly atMs: number;
  readonly team: string;
  readonly number: string;
  readonly who: string;
  readonly what: string;
  /** One for each column; empty where it did not happen there. */
  readonly cells: readonly Markup[];
}

/** What happened in one or more runs side by side: steps, alarms at the pumps, alerts of security operations and what they did. */
export function timeline(id: string, columns: readonly Column[]): Markup {
  const rows = [
    ...stepRows(columns),
    ...alarmRows(columns),
    ...alertRows(columns),
    ...responseRows(columns),
  ].sort((a, b) => a.atMs - b.atMs);
  if (rows.length === 0) return html``;
  return html`<div class="scroll" role="group" aria-label="Timeline" tabindex="0"><table class="timeline" id="${id}-timeline">
<caption>What happened</caption>
<thead><tr><th scope="col">Time</th><th scope="col">Who</th><th scope="col">What</th>${columns.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr></thead>
<tbody>
${rows.map(
  ({
    atMs,
    team,
    number,
    who,
    what,
    cells,
  }) => html`<tr class="t-${team}"><th scope="row">${clockTime(atMs)}</th><td><span class="team">${team}</span> ${who}</td><td>${number === '' ? '' : html`<span class="step">${number}</span> `}${what}</td>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
`,
)}</tbody></table></div>`;
}

/** The steps of the adversary, numbered as in the timeline. */
export function redMarks(columns: readonly Column[]): readonly Mark[] {
  return stepRows(columns).flatMap(({ atMs, number }) => (number === '' ? [] : [{ atMs, label: number }]));
}

/** Each step once, in the order of the first run that has it. */
function stepRows(columns: readonly Column[]): readonly Row[] {
  const ids = [...new Set(columns.flatMap(({ run }) => run.steps.map((step) => step.id)))];
  const found = ids.flatMap((id) => {
    const inColumns = columns.map(({ run }) => run.steps.find((step) => step.id === id));
    const step =
      inColumns.find((one) => one !== undefined && one.outcome !== 'skipped') ?? inColumns.find(Boolean);
    return step === undefined ? [] : [{ step, inColumns }];
  });
  const red = found.filter(({ step }) => step.team === 'red').sort((a, b) => a.step.atMs - b.step.atMs);
  return found.map(({ step, inColumns }) => ({
    atMs: step.atMs,
    team: step.team,
    number: step.team === 'red' ? String(red.findIndex((one) => one.step === step) + 1) : '',
    who: step.actor,
    what: `${step.verb}${step.object === '' ? '' : ` ${step.object}`}`,
    cells: inColumns.map((one) =>
      one === undefined
        ? html`<span class="zero">–</span>`
        : html`<span class="outcome o-${one.outcome}">${one.outcome}</span>${one.detail === '' ? '' : html` <span class="detail">${one.detail}</span>`}`,
    ),
  }));
}

function alarmRows(columns: readonly Column[]): readonly Row[] {
  return columns.flatMap(({ run }, at) =>
    run.alarms.map(({ serial, channel, alarm, priority, change, atMs }) => ({
      atMs,
      team: 'alarm',
      number: '',
      who: `${serial}${channel === null ? '' : ` ${channel}`}`,
      what: `${alarm} (${priority})`,
      cells: columns.map((_, index) => (index === at ? html`${change}` : html`<span class="zero">–</span>`)),
    })),
  );
}

function alertRows(columns: readonly Column[]): readonly Row[] {
  return columns.flatMap(({ run }, at) =>
    run.alerts.map(({ rule, level, subject, atMs }) => ({
      atMs,
      team: 'alert',
      number: '',
      who: 'security operations',
      what: `${rule} (${level})`,
      cells: columns.map((_, index) =>
        index === at ? html`alert <span class="detail">${subject}</span>` : html`<span class="zero">–</span>`,
      ),
    })),
  );
}

/** What defenders did by their playbooks. */
function responseRows(columns: readonly Column[]): readonly Row[] {
  return columns.flatMap(({ run }, at) =>
    (run.result.response?.playbooks ?? []).flatMap(({ id, actions }) =>
      actions.map(({ action, outcome, detail, atMs }) => ({
        atMs,
        team: 'blue',
        number: '',
        who: `playbook ${id}`,
        what: action,
        cells: columns.map((_, index) =>
          index === at
            ? html`<span class="outcome o-${outcome}">${outcome}</span> <span class="detail">${detail}</span>`
            : html`<span class="zero">–</span>`,
        ),
      })),
    ),
  );
}
