import type { EvidenceEvent } from '../../../protocol/index.ts';
import { clockTime, count } from '../words.ts';
import { html, type Markup } from './markup.ts';

/** So many events of a claim are shown; all of them are in the evidence log beside the page. */
const SHOWN = 12;

/** The raw events behind a claim, folded away. */
export function evidenceTable(what: string, events: readonly EvidenceEvent[]): Markup {
  if (events.length === 0) return html``;
  const rest = events.length - SHOWN;
  return html`<details class="evidence"><summary>${count(events.length, 'event')}: ${what}</summary>
<div class="scroll" role="group" aria-label="Evidence: ${what}" tabindex="0"><table class="raw"><caption class="vh">Evidence: ${what}</caption>
<thead><tr><th scope="col">Time</th><th scope="col">Source</th><th scope="col">Event</th><th scope="col">Outcome</th><th scope="col">Control</th><th scope="col">Subject</th><th scope="col">Object</th><th scope="col">Cause</th><th scope="col">Seen by</th></tr></thead>
<tbody>
${events.slice(0, SHOWN).map(
  (
    event,
  ) => html`<tr><th scope="row">${event.simulatedMs === null ? '–' : clockTime(event.simulatedMs)}</th><td>${event.source}</td><td>${event.event}</td><td>${event.outcome}</td><td>${event.control ?? '–'}</td><td>${event.subject ?? event.address ?? '–'}</td><td>${event.object ?? '–'}</td><td>${event.cause ?? '–'}</td><td>${event.visibility}</td></tr>
`,
)}</tbody></table></div>${rest > 0 ? html`<p class="note">and ${count(rest, 'more', 'more')} in the evidence log</p>` : html``}</details>`;
}
