import type { NetworkDiff } from '../network/index.ts';
import { html, type Markup } from '../scenarios/index.ts';
import { madeTime, networkPage } from './network-page.ts';

type Change = NetworkDiff['gained'][number];

/** What a change of the network comes to, as one HTML file that asks nothing of any server and runs no script. */
export function diffPage(diff: NetworkDiff): string {
  const { gained, lost, newlyReachable, attacks, care, sessions, idle, madeAt } = diff;
  const name = `${nameOf(diff.old)} to ${nameOf(diff.new)}`;
  return networkPage({
    title: `What the change does: ${name}`,
    heading: 'What the change does',
    meta: html`${name}, ${madeTime(madeAt)}`,
    main: html`${verdict(diff)}
<h2>Attacks</h2>
<p class="note">Each of the ${attacks.tried} attacks of the catalogue was rehearsed on both networks, with segmentation alone in its way.</p>
${names('Become possible', attacks.possible)}
${names('Become impossible', attacks.impossible)}
<h2>Care</h2>
<p class="note">${care.tried} workflows, with every control on.</p>
${names('Break', care.broken)}
${names('Work again', care.mended)}
<h2>Reachable now, and not before</h2>
${
  newlyReachable.length === 0
    ? html`<p>Nothing.</p>`
    : html`<ul>${newlyReachable.map((one) => html`<li><strong>${one.asset}</strong> for ${one.for.join(', ')}</li>`)}</ul>`
}
${changes('Opened', gained)}
${changes('Closed', lost)}
<h2>Sessions that were open when the rules changed</h2>
${sessionsOf(sessions)}
${idle === null ? html`` : idleOf(idle)}`,
    footer: `${diff.old.probes + diff.new.probes} probes in network namespaces.`,
  });
}

function nameOf({ plan, ruleset }: NetworkDiff['old']): string {
  return ruleset === 'compiled' ? plan : `${ruleset.replace(/^.*\//, '')} (zones ${plan})`;
}

function verdict({ gained, lost, attacks, care }: NetworkDiff): Markup {
  const facts = `${gained.length} ways open, ${lost.length} close; ${attacks.possible.length} attacks become possible, ${attacks.impossible.length} impossible`;
  return care.broken.length === 0
    ? html`<p class="verdict ${attacks.possible.length === 0 ? 'good' : 'bad'}">${facts}; care goes on as it did.</p>`
    : html`<p class="verdict bad">${facts}; ${care.broken.length} ${care.broken.length === 1 ? 'care workflow breaks' : 'care workflows break'}.</p>`;
}

function names(title: string, ids: readonly string[]): Markup {
  return html`<p><strong>${title}:</strong> ${ids.length === 0 ? 'none' : ids.join(', ')}</p>`;
}

function changes(title: string, all: readonly Change[]): Markup {
  if (all.length === 0) return html`<h2>${title}</h2><p>Nothing.</p>`;
  return html`<h2>${title}: ${all.length}</h2>
<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table>
<thead><tr><th scope="col">From</th><th scope="col">To</th><th scope="col">What</th><th scope="col">Over</th><th scope="col">Was</th><th scope="col">Is</th><th scope="col">Decides now</th></tr></thead>
<tbody>${all.map(
    ({ from, roles, to, service, probe, ipVersions, was, is, by }) =>
      html`<tr><th scope="row">${roles.length === 0 ? from : `${from} as ${roles.join(', ')}`}</th><td>${to}</td><td>${service === undefined ? probe : `${service} ${probe}`}</td><td>${ipVersions.join(', ')}</td><td>${was.join(', ')}</td><td>${is.join(', ')}</td><td>${by}</td></tr>
`,
  )}</tbody></table></div>`;
}

function sessionsOf(sessions: NetworkDiff['sessions']): Markup {
  if (sessions === null) return html`<p>The zones are others, so nothing stayed open.</p>`;
  if (sessions.length === 0) return html`<p>None was open that would not be let in any more.</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Sessions"><table>
<thead><tr><th scope="col">From</th><th scope="col">To</th><th scope="col">Service</th><th scope="col">Over</th><th scope="col">Outcome</th></tr></thead>
<tbody>${sessions.map(
    ({ from, to, service, ipVersion, outcome }) =>
      html`<tr><th scope="row">${from}</th><td>${to}</td><td>${service}</td><td>${ipVersion}</td><td>${outcome}</td></tr>
`,
  )}</tbody></table></div>`;
}

function idleOf({ idleTimeoutS, keepAliveS, scaledBy, outcome }: NonNullable<NetworkDiff['idle']>): Markup {
  return html`<h2>Idle sessions</h2>
<p>A pump may say nothing for up to ${keepAliveS} s; the new firewall forgets a session that is idle for ${idleTimeoutS} s. Such a session <strong>${outcome}</strong>, seen with both times divided by ${scaledBy}.</p>`;
}
