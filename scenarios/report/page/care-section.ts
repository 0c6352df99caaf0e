import type { MatrixReport } from '../matrix-report.ts';
import { html, type Markup } from './markup.ts';

/** Whether ordinary work goes on under protection. */
export function careSection({ care, idleControls, attacks }: MatrixReport): Markup {
  const idle =
    attacks.length === 0 || idleControls.length === 0
      ? html``
      : html`<p><strong>Controls that decided nothing</strong> in these attacks: ${idleControls.map((id, index) => html`${index === 0 ? '' : ', '}<code>${id}</code>`)}. They may matter for attacks that are not in the catalogue.</p>`;
  if (care.length === 0) {
    return idle.text === ''
      ? idle
      : html`<section aria-labelledby="idle-h"><h2 id="idle-h">Controls</h2>${idle}</section>`;
  }
  return html`<section id="care" aria-labelledby="care-h">
<h2 id="care-h">Does it get in the way of care?</h2>
<p>Each care scenario is ordinary clinical work. It was run without any control, with each one alone, and with all of them.</p>
<div class="scroll" role="group" aria-label="Care" tabindex="0"><table class="plain"><caption class="vh">Care scenarios</caption>
<thead><tr><th scope="col">Care scenario</th><th scope="col">Goes on</th><th scope="col">Broken by</th><th scope="col">False alerts</th></tr></thead><tbody>
${care.map(({ id, title, brokenBy, brokenByAll, falseAlerts }) => {
  const broken = [...brokenBy, ...(brokenByAll ? ['all together'] : [])];
  return html`<tr><th scope="row">${title} <small><code>${id}</code></small></th><td class="${broken.length === 0 ? 'good' : 'bad'}">${broken.length === 0 ? '✓ yes' : '✗ no'}</td><td>${broken.length === 0 ? '–' : broken.join(', ')}</td><td class="${falseAlerts.length === 0 ? '' : 'bad'}">${falseAlerts.length === 0 ? 'none' : falseAlerts.join(', ')}</td></tr>
`;
})}</tbody></table></div>
${idle}
</section>`;
}
