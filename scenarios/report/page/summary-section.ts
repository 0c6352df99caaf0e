import type { Verdict } from '../verdict.ts';
import { html, type Markup } from './markup.ts';

const SIGNS = { good: '✓', bad: '✗', note: '•' } as const;
const SAID = { good: 'Holds: ', bad: 'To look at: ', note: '' } as const;

/** The summary in plain words. */
export function summarySection({ holds, headline, findings }: Verdict): Markup {
  return html`<section id="summary" aria-labelledby="summary-h">
<h2 id="summary-h">In plain words</h2>
<p class="verdict ${holds ? 'good' : 'bad'}"><span aria-hidden="true">${holds ? '✓' : '!'}</span> ${headline}</p>
<ul class="findings">
${findings.map(
  ({ kind, text }) =>
    html`<li class="k-${kind}"><span class="sign" aria-hidden="true">${SIGNS[kind]}</span><span><span class="vh">${SAID[kind]}</span>${text}</span></li>
`,
)}</ul>
</section>`;
}
