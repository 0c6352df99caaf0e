import { CONTROLS, type ControlId, LAYERS } from '../../../protocol/index.ts';
import { cellCommand } from '../../matrix/cells.ts';
import {
  type AttackFacts,
  aloneEffects,
  depthOf,
  entriesOf,
  essentialOf,
  indispensable,
  isAcceptable,
  unprotectedText,
  withoutOnlyLayer,
} from '../attack-facts.ts';
import type { PriceList } from '../prices.ts';
import type { Rehearsed, RunDetail } from '../rehearsal-report.ts';
import { duration, figure } from '../words.ts';
import { curveChart } from './curve-chart.ts';
import { effectTag } from './effect-words.ts';
import { evidenceTable } from './evidence-table.ts';
import { costLine } from './harms-section.ts';
import { html, joined, type Markup } from './markup.ts';
import { harmText } from './run-words.ts';
import { redMarks, timeline } from './timeline.ts';

/** All that there is to say of one attack. */
export function attackSection(facts: AttackFacts, posture: string, prices: PriceList | undefined): Markup {
  const { key, name, attack, rehearsed, bare, all } = facts;
  const columns = [
    ...(bare ? [{ label: 'unprotected', run: bare, style: 'bare' as const }] : []),
    ...(all ? [{ label: `with ${posture}`, run: all, style: 'all' as const }] : []),
  ];
  return html`<article id="${key}" aria-labelledby="${key}-h" class="attack">
<h3 id="${key}-h">${attack.title}</h3>
<p class="byline"><code>${name}</code> ${
    rehearsed === undefined
      ? ''
      : joined(
          rehearsed.references.map(({ source, id }) => html`<span class="ref">${source} ${id}</span>`),
          ' ',
        )
  }</p>
${rehearsed === undefined ? '' : html`<p>${rehearsed.summary}</p>`}
${successTable(facts, posture)}
<dl class="facts">
<div><dt>Unprotected</dt><dd><span class="outcome o-${attack.succeedsBare ? 'succeeded' : 'refused'}">${unprotectedText(attack)}</span>${bare === undefined ? '' : html` ${harmText(bare)}`}</dd></div>
<div><dt>With <code>${posture}</code></dt><dd>${attack.boundedByAll ? html`<span class="outcome o-held">held</span>` : html`<span class="outcome o-succeeded">goes too far</span>`}${all === undefined ? '' : html` ${harmText(all)}`}</dd></div>
<div><dt>What stopped it</dt><dd>${all === undefined ? 'not run' : stoppedText(all)}</dd></div>
<div><dt>What noticed it</dt><dd>${all === undefined ? 'not run' : noticedText(all)}</dd></div>
<div class="broad"><dt>What stands by itself</dt><dd>${aloneText(facts)}</dd></div>
${prices === undefined || bare === undefined || all === undefined ? '' : html`<div><dt>Cost</dt><dd>${costLine(bare, all, prices)}</dd></div>`}
</dl>
${curveChart(`${key}-curve`, columns, redMarks(columns))}
${timeline(key, columns)}
${stillStops(facts, posture)}
${all === undefined ? '' : evidenceOf(all, posture)}
${commands(facts)}
</article>`;
}

/** One rehearsal outside a matrix: what was expected in place of what would still stop it. */
export function rehearsalSection(rehearsed: Rehearsed): Markup {
  const { id, title, summary, references, runs } = rehearsed;
  const columns = runs.map((run) => ({ label: run.result.posture, run }));
  return html`<article id="${id}" aria-labelledby="${id}-h" class="attack">
<h3 id="${id}-h">${title}</h3>
<p class="byline"><code>${id}</code> ${joined(
    references.map(({ source, id: at }) => html`<span class="ref">${source} ${at}</span>`),
    ' ',
  )}</p>
<p>${summary}</p>
${runs.map(
  (
    run,
  ) => html`<h4>Under <code>${run.result.posture}</code>: ${!run.result.judged ? 'not judged' : run.result.verdict === 'pass' ? 'as expected' : 'not as expected'}</h4>
${expectations(run)}
<dl class="facts">${outcomeOf(run)}<div><dt>Harm</dt><dd>${harmText(run)}</dd></div><div><dt>Denied by</dt><dd>${stoppedText(run)}</dd></div><div><dt>Noticed by</dt><dd>${noticedText(run)}</dd></div></dl>
${curveChart(`${id}-${run.result.posture}-curve`, [{ label: run.result.posture, run, style: 'only' }], redMarks([{ label: '', run }]))}
${evidenceOf(run, run.result.posture)}
`,
)}
${timeline(id, columns)}
<p>Again: ${joined(
    runs.map(({ command }) => html`<code class="command">${command}</code>`),
    ' ',
  )}</p>
</article>`;
}

function outcomeOf({ result: { attack } }: RunDetail): Markup {
  if (attack === undefined) return html``;
  return html`<div><dt>The attack</dt><dd>${attack.succeeded ? html`<span class="outcome o-succeeded">succeeds</span>` : html`<span class="outcome o-refused">does not succeed</span>`}</dd></div>`;
}

function expectations({ result }: RunDetail): Markup {
  if (!result.judged) return html`<p class="zero">Nothing is expected under this posture.</p>`;
  return html`<ul class="expected">${result.expectations.map(
    ({ what, expected, actual, held }) =>
      html`<li class="k-${held ? 'good' : 'bad'}"><span class="sign" aria-hidden="true">${held ? '✓' : '✗'}</span> <span><span class="vh">${held ? 'held: ' : 'not held: '}</span>${what} <small>expected ${expected}; was ${actual}</small></span></li>`,
  )}</ul>`;
}

/** What the attack is after, and what was measured of it in each run. */
function successTable({ rehearsed, bare, all }: AttackFacts, posture: string): Markup {
  if (rehearsed === undefined || rehearsed.success.length === 0) return html``;
  const measured = (run: RunDetail | undefined, index: number): Markup => {
    const predicate = run?.result.attack?.predicates[index];
    if (predicate === undefined) return html`<span class="zero">–</span>`;
    const { held, actual } = predicate;
    return html`<span class="outcome o-${held ? 'succeeded' : 'refused'}">${held ? 'reached' : 'not reached'}</span> <span class="detail">${actual}</span>`;
  };
  return html`<div class="scroll" role="group" aria-label="What it is after" tabindex="0"><table class="plain facts">
<caption class="vh">What it is after</caption>
<thead><tr><th scope="col">It is after</th><th scope="col">Unprotected</th><th scope="col">With <code>${posture}</code></th></tr></thead>
<tbody>${rehearsed.success.map((what, index) => html`<tr><th scope="row">${what}</th><td>${measured(bare, index)}</td><td>${measured(all, index)}</td></tr>`)}</tbody></table></div>`;
}

function stoppedText({ result, evidence }: RunDetail): Markup {
  if (result.stoppedBy.length === 0) return html`<span class="zero">no control denied anything</span>`;
  return html`<ul class="plain-list">${result.stoppedBy.map((control) => {
    const denials = evidence.filter(
      (event) => event.outcome === 'denied' && event.control === control,
    ).length;
    return html`<li>${controlName(control)} denied ${figure(denials)} ${denials === 1 ? 'time' : 'times'}</li>`;
  })}</ul>`;
}

function noticedText({ result, alerts }: RunDetail): Markup {
  const after = result.attack?.detectedAfterMs;
  const contained = result.attack?.containedAfterMs;
  if (alerts.length === 0) return html`<span class="zero">no detection rule alerted</span>`;
  const rules = [...new Set(alerts.map(({ rule }) => rule))];
  return html`${joined(
    rules.map((rule) => html`<code>${rule}</code>`),
    ', ',
  )}${typeof after === 'number' ? html`; first alert ${after === 0 ? 'at the first step' : `${duration(after)} after the first step`}` : ''}${typeof contained === 'number' ? html`; ended after ${duration(contained)}` : ''}`;
}

function aloneText({ attack }: AttackFacts): Markup {
  if (depthOf(attack) === undefined) return html`<p class="layers">The newest firmware itself stops it</p>`;
  const effects = aloneEffects(attack);
  const essential = essentialOf(attack);
  const kept =
    essential.length === 0
      ? html``
      : html`<p>Essential performance, on in every cell: without ${joined(
          essential.map((control) => html`<code>${control}</code>`),
          ', ',
        )} there is more harm.</p>`;
  if (effects.length === 0)
    return html`<span class="zero">no control changes anything by itself</span>${kept}`;
  const kinds = [...new Set(effects.map(([, effect]) => effect))];
  const { layers } = attack;
  const only = withoutOnlyLayer(attack);
  return html`<p class="layers">${layers.length === 0 ? 'No layer stands alone' : html`${layers.length} ${layers.length === 1 ? 'layer stands' : 'layers stand'} alone: ${layers.join(', ')}`}${only === undefined ? '' : html`; ${only.left}`}</p>
<ul class="plain-list">${kinds.map(
    (kind) =>
      html`<li>${effectTag(kind)} ${joined(
        effects.filter(([, effect]) => effect === kind).map(([control]) => html`<code>${control}</code>`),
        ', ',
      )}</li>`,
  )}</ul>${kept}`;
}

/** What is left with each domain lost, and which control cannot be spared. */
function stillStops({ attack }: AttackFacts, posture: string): Markup {
  const lost = LAYERS.flatMap((layer) => {
    const effect = attack.domainLost[layer];
    return effect === undefined ? [] : [{ layer, effect }];
  });
  const single = indispensable(attack);
  if (lost.length === 0) return html``;
  return html`<h4>What would still stop it</h4>
<ul class="lost">${lost.map(({ layer, effect }) => html`<li class="${isAcceptable(effect) ? '' : 'open'}"><span class="without">without ${layer}</span> ${effectTag(effect, true)}</li>`)}</ul>
${
  single.length === 0
    ? html`<p>No single control of <code>${posture}</code> is indispensable.</p>`
    : html`<p><strong>Cannot be spared:</strong> ${joined(
        single.map((control) => html`${controlName(control)}`),
        ', ',
      )}. Without it, nothing else holds the attack.</p>`
}`;
}

function controlName(control: ControlId): Markup {
  return html`<span class="control"><code>${control}</code> <small>${CONTROLS[control].title}, ${CONTROLS[control].layer}</small></span>`;
}

/** The raw events behind what the section says. */
function evidenceOf({ result, evidence, alerts }: RunDetail, posture: string): Markup {
  const claims = [
    ...result.stoppedBy.map((control) => ({
      what: `denied by ${control}, with ${posture}`,
      events: evidence.filter((event) => event.outcome === 'denied' && event.control === control),
    })),
    ...[...new Set(alerts.map(({ rule }) => rule))].map((rule) => ({
      what: `what ${rule} could see, with ${posture}`,
      events: evidence.filter(
        ({ simulatedMs, visibility }) =>
          visibility === 'blue' &&
          simulatedMs !== null &&
          alerts.some(
            (alert) => alert.rule === rule && alert.sinceMs <= simulatedMs && simulatedMs <= alert.atMs,
          ),
      ),
    })),
  ].filter(({ events }) => events.length > 0);
  if (claims.length === 0) return html``;
  return html`<h4>Evidence</h4>
${claims.map(({ what, events }) => evidenceTable(what, events))}`;
}

function commands({ attack, bare, all }: AttackFacts): Markup {
  const { id, firmware } = attack;
  const runs = [bare, all].flatMap((run) => (run === undefined ? [] : [run.command]));
  const open = entriesOf(attack.domainLost).filter(([, effect]) => !isAcceptable(effect));
  const lost = open.map(
    ([domain]) =>
      `npx ${cellCommand(id, firmware, { cell: 'lost', domain }, all?.result.posture ?? 'layered')}`,
  );
  const lines = [...runs, ...lost];
  if (lines.length === 0) return html``;
  const posture = all?.result.posture ?? 'layered';
  const rest = [
    ...entriesOf(attack.alone).map(([control]) => ({ cell: 'alone', control }) as const),
    ...entriesOf(attack.removed).map(([control]) => ({ cell: 'removed', control }) as const),
    ...entriesOf(attack.domainLost).map(([domain]) => ({ cell: 'lost', domain }) as const),
  ]
    .map((cell) => `npx ${cellCommand(id, firmware, cell, posture)}`)
    .filter((line) => !lines.includes(line));
  return html`<h4>Do it again</h4>
<pre class="commands" tabindex="0" aria-label="Commands">${lines.join('\n')}</pre>
${
  rest.length === 0
    ? ''
    : html`<details><summary>Every other cell of this line</summary>
<pre class="commands" tabindex="0" aria-label="Commands of every other cell">${rest.join('\n')}</pre></details>`
}`;
}
