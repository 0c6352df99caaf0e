import type { RehearsalReport } from '../rehearsal-report.ts';
import { count, duration } from '../words.ts';
import { html, type Markup } from './markup.ts';

/** How the results came about, and what they do not say. */
export function methodSection(report: RehearsalReport, files: readonly string[]): Markup {
  const { matrix, rehearsed } = report;
  const runs = rehearsed.flatMap((one) => one.runs);
  const modes = [...new Set(runs.map(({ result }) => result.timeMode))];
  const assumptions = runs[0]?.result.harm.assumptions;
  return html`<section id="method" aria-labelledby="method-h">
<h2 id="method-h">How this was found out</h2>
<ul>
<li>${matrix === null ? count(runs.length, 'run') : `${count(matrix.runs, 'run')} in ${duration(matrix.wallMs)}`}, each from a clean start: simulated pumps, a real broker and real sockets on this machine. The adversary acts through connections of its own; nothing is looked up in a configuration.</li>
<li>Time: ${modes.length === 0 ? 'lockstep' : modes.join(', ')}. <em>lockstep</em> means real sockets in simulated time; the same seed gives the same outcome.</li>
<li>What an attack achieved is read off the physics of the pumps against what clinicians ordered, off what the adversary's own connections received, and off the evidence. What counts as success was written down before any control was chosen.</li>
${
  assumptions === undefined
    ? ''
    : html`<li>A pump errs: only what lies beyond ±${Math.round(assumptions.accuracyShare * 100)}% of the ordered volume and ${assumptions.accuracyMl} mL counts as harm.</li>
`
}<li>Network zones are emulated by a gate at the listeners. Weaknesses are modelled as classes; no product is reproduced, and nothing here is a statement about one.</li>
<li><strong>TRAINING, NOT FOR HUMAN USE.</strong> Harm is told in mL, records and minutes, never in what it would do to a person.</li>
</ul>
<h3>Beside this page</h3>
<ul>
${files.map(
  (file) => html`<li><code>${file}</code></li>
`,
)}</ul>
<p>Whether an evidence log is whole is found out by <code class="command">npx pumprange evidence verify evidence-NAME.jsonl --checkpoints evidence-NAME.checkpoints.jsonl --key evidence-signer.pem</code></p>
</section>`;
}
