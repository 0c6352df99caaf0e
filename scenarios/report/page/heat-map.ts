import {
  CONTROL_IDS,
  CONTROLS,
  type ControlId,
  FAILURE_DOMAINS,
  LAYERS,
  type Layer,
} from '../../../protocol/index.ts';
import { type AttackFacts, depthOf } from '../attack-facts.ts';
import { EFFECTS, type Effect } from '../matrix-report.ts';
import { EFFECT_LETTERS, EFFECT_WORDS } from './effect-words.ts';
import { html, type Markup } from './markup.ts';

/**
 * Attack × control as three tables of which one is shown at a time; radio buttons switch, without a script. In print all three
 * follow each other.
 */
export function heatMap(facts: readonly AttackFacts[], posture: string): Markup {
  if (facts.length === 0) return html``;
  const controls = CONTROL_IDS.filter((id) =>
    facts.some(({ attack }) => attack.alone[id] ?? attack.removed[id]),
  );
  const views = [
    { id: 'alone', label: 'each control alone', table: controlTable(facts, controls, 'alone', posture) },
    {
      id: 'removed',
      label: 'each control removed',
      table: controlTable(facts, controls, 'removed', posture),
    },
    { id: 'lost', label: 'each failure domain lost', table: domainTable(facts, posture) },
  ];
  return html`<section id="matrix" aria-labelledby="matrix-h" class="wide">
<h2 id="matrix-h">Every attack against every control</h2>
<div class="views">
<fieldset><legend>Show the floor with</legend>
${views.map(
  (
    { id, label },
    index,
  ) => html`<input type="radio" name="view" id="view-${id}"${index === 0 ? html` checked` : html``}><label for="view-${id}">${label}</label>
`,
)}</fieldset>
${legend()}
${views.map(
  ({ id, table }) => html`<div class="view view-${id}">${table}</div>
`,
)}</div>
</section>`;
}

function legend(): Markup {
  return html`<ul class="legend" aria-label="Letters">
${EFFECTS.map(
  (
    effect,
  ) => html`<li><span class="key e-${effect}" aria-hidden="true">${EFFECT_LETTERS[effect]}</span> <span><strong>${effect === 'none' ? 'no effect' : effect}</strong><span class="vh"> (${EFFECT_LETTERS[effect]})</span>: ${EFFECT_WORDS[effect]}</span></li>
`,
)}</ul>`;
}

const INTRODUCTIONS = {
  alone:
    'What one control does by itself on a floor that has no other. A dot is no fault: most controls are not meant for most attacks. A dash: the attack is on this control, so it is on throughout.',
  removed:
    'What is left of each attack when one control is taken out of the whole posture. A dot or a D here is a single point of failure. Italic: not run, since nobody asked for that control in the run with all of them; the result is the same by construction. A dash: the attack is on this control, so it is on throughout.',
  lost: 'What is left when a whole failure domain fails, is stolen or turns bad, and what it guarded is in the hands of the adversary. A dot or a D is a residual.',
} as const;

function controlTable(
  facts: readonly AttackFacts[],
  controls: readonly ControlId[],
  view: 'alone' | 'removed',
  posture: string,
): Markup {
  const layers = LAYERS.flatMap((layer) => {
    const span = controls.filter((id) => CONTROLS[id].layer === layer).length;
    return span === 0 ? [] : [{ layer, span }];
  });
  const ordered = LAYERS.flatMap((layer) => controls.filter((id) => CONTROLS[id].layer === layer));
  const first = new Set(layers.map(({ layer }) => ordered.find((id) => CONTROLS[id].layer === layer)));
  return html`<p class="intro">${INTRODUCTIONS[view]}</p>
<div class="scroll" role="group" aria-label="${view === 'alone' ? 'Each control alone' : 'Each control removed'}" tabindex="0">
<table class="heat ${view}">
<caption>${view === 'alone' ? 'Effect of each control alone' : `Effect of ${posture} without one control`}</caption>
<thead>
<tr><td rowspan="2"></td>${layers.map(({ layer, span }) => html`<th scope="colgroup" colspan="${span}" class="edge${span < 3 ? ' narrow' : ''}"><span>${layer}</span></th>`)}</tr>
<tr>${ordered.map((id) => html`<th scope="col" class="up${first.has(id) ? ' edge' : ''}"><span>${id}</span></th>`)}</tr>
</thead>
<tbody>
${facts.map(
  (
    one,
  ) => html`<tr><th scope="row"><a href="#${one.key}">${one.name}</a></th>${ordered.map((id) => cell(one.attack[view][id], first.has(id), view === 'removed' && one.attack.inferred.includes(id)))}</tr>
`,
)}</tbody></table></div>`;
}

function domainTable(facts: readonly AttackFacts[], posture: string): Markup {
  return html`<p class="intro">${INTRODUCTIONS.lost}</p>
<div class="scroll" role="group" aria-label="Each failure domain lost" tabindex="0">
<table class="heat lost">
<caption>Effect of ${posture} with one failure domain lost</caption>
<thead><tr><td></td>${LAYERS.map((layer) => html`<th scope="col" class="up edge"><span>${layer}</span></th>`)}<th scope="col" class="up edge"><span>layers that stand alone</span></th></tr></thead>
<tbody>
${facts.map(
  (
    one,
  ) => html`<tr><th scope="row"><a href="#${one.key}">${one.name}</a></th>${LAYERS.map((layer) => cell(one.attack.domainLost[layer], true, false))}<td class="edge number">${depthOf(one.attack) ?? 'firmware'}</td></tr>
`,
)}</tbody></table></div>
<details class="more"><summary>What a failure domain is</summary>
<table class="plain"><caption class="vh">Failure domains</caption><thead><tr><th scope="col">Domain</th><th scope="col">Component</th><th scope="col">Trust root</th><th scope="col">Administrator</th></tr></thead>
<tbody>${LAYERS.map(
    (
      layer: Layer,
    ) => html`<tr><th scope="row">${layer}</th><td>${FAILURE_DOMAINS[layer].component}</td><td>${FAILURE_DOMAINS[layer].trustRoot}</td><td>${FAILURE_DOMAINS[layer].administrator}</td></tr>
`,
  )}</tbody></table></details>`;
}

function cell(effect: Effect | undefined, isEdge: boolean, isInferred: boolean): Markup {
  const edge = isEdge ? ' edge' : '';
  if (effect === undefined) return html`<td class="absent${edge}">–</td>`;
  return html`<td class="e-${effect}${edge}${isInferred ? ' inferred' : ''}">${EFFECT_LETTERS[effect]}</td>`;
}
