import { type AttackFacts, depthOf, unprotectedText } from '../attack-facts.ts';
import { duration } from '../words.ts';
import { html, type Markup } from './markup.ts';
import { harmText } from './run-words.ts';

/** Every attack as one line: what it does, what is left of it, how deep the defence is, and how soon it is noticed and ended. */
export function attackIndex(facts: readonly AttackFacts[], posture: string): Markup {
  if (facts.length === 0) return html``;
  return html`<div class="scroll" role="group" aria-label="All attacks" tabindex="0"><table class="plain index">
<caption>All attacks, one line each</caption>
<thead><tr><th scope="col">Attack</th><th scope="col">Unprotected</th><th scope="col">With <code>${posture}</code></th><th scope="col">Layers</th><th scope="col">Noticed after</th><th scope="col">Ended after</th></tr></thead>
<tbody>
${facts.map(({ key, name, attack, bare, all }) => {
  const outcome = all?.result.attack;
  return html`<tr><th scope="row"><a href="#${key}">${attack.title}</a> <small>${name}</small></th><td>${attack.succeedsBare ? '' : html`<strong>${unprotectedText(attack)}</strong> `}${bare === undefined ? '–' : harmText(bare)}</td><td>${attack.boundedByAll ? '' : html`<strong>goes too far</strong> `}${all === undefined ? '–' : harmText(all)}</td><td class="number">${depthOf(attack) ?? 'firmware'}</td><td>${time(outcome?.detectedAfterMs)}</td><td>${time(outcome?.containedAfterMs)}</td></tr>
`;
})}</tbody></table></div>`;
}

function time(afterMs: number | null | undefined): Markup {
  return typeof afterMs === 'number' ? html`${duration(afterMs)}` : html`<span class="zero">–</span>`;
}
