import type { Layer } from '../../../protocol/index.ts';
import type { AttackFacts } from '../attack-facts.ts';
import type { RehearsalReport } from '../rehearsal-report.ts';
import { html, type Markup } from './markup.ts';

/** What gets through when one failure domain is lost: why, what bounds it all the same, what would mend it. */
export function residualsSection(
  { matrix, residuals }: RehearsalReport,
  facts: readonly AttackFacts[],
): Markup {
  const found = facts.flatMap((one) => one.attack.residual.map((domain) => ({ one, domain })));
  if (matrix === null || facts.length === 0) return html``;
  const reviewed = (attack: string, firmware: string | null, domain: Layer) =>
    residuals.find(
      (it) =>
        it.attack === attack &&
        (it.firmware === undefined || it.firmware === firmware) &&
        (it.domains === 'all' || it.domains.includes(domain)),
    );
  return html`<section id="residuals" aria-labelledby="residuals-h">
<h2 id="residuals-h">Residuals</h2>
${
  found.length === 0
    ? html`<p>None: with any one failure domain lost, each attack is still bounded or ended in time.</p>`
    : html`<p>With this one domain lost, the attack is neither bounded nor ended in time. Nothing here is hidden by averaging.</p>
<div class="scroll" role="group" aria-label="Residuals" tabindex="0"><table class="plain"><caption class="vh">Residuals with their reasons</caption>
<thead><tr><th scope="col">Attack</th><th scope="col">Lost domain</th><th scope="col">Why</th><th scope="col">What bounds it all the same</th><th scope="col">What would mend it</th></tr></thead><tbody>
${grouped(found).map(({ one, domains }) => {
  const entries = domains.map((domain) => ({
    domain,
    entry: reviewed(one.attack.id, one.attack.firmware, domain),
  }));
  const byEntry = new Map<unknown, string[]>();
  for (const { domain, entry } of entries) byEntry.set(entry, [...(byEntry.get(entry) ?? []), domain]);
  return [...byEntry].map(([key, names]) => {
    const entry = entries.find((it) => it.entry === key)?.entry;
    return html`<tr><th scope="row"><a href="#${one.key}">${one.name}</a></th><td>${names.join(', ')}</td>${
      entry === undefined
        ? html`<td colspan="3" class="bad"><strong>Nobody has looked at this yet.</strong> It belongs into <code>scenarios/residual.yaml</code>, or has to be mended.</td>`
        : html`<td>${entry.reason}</td><td>${entry.bound}</td><td>${entry.mends}</td>`
    }</tr>
`;
  });
})}</tbody></table></div>`
}
</section>`;
}

interface Residue {
  readonly one: AttackFacts;
  readonly domain: Layer;
}

/** The domains of each attack together. */
function grouped(
  found: readonly Residue[],
): readonly { readonly one: AttackFacts; readonly domains: readonly Layer[] }[] {
  return [...new Set(found.map(({ one }) => one))].map((one) => ({
    one,
    domains: found.filter((it) => it.one === one).map(({ domain }) => domain),
  }));
}
