import type { AttackFacts } from '../attack-facts.ts';
import { FIGURES, type FigureId, type Figures, figuresOf } from '../figures.ts';
import { assumptionsOf, costOf, money, type PriceList } from '../prices.ts';
import type { RunDetail } from '../rehearsal-report.ts';
import { figure } from '../words.ts';
import { html, type Markup } from './markup.ts';

/** The harms that a hospital faces by SP 1800-8, and what of them a rehearsal can count. */
const HARMS: readonly {
  readonly harm: string;
  readonly asks: string;
  readonly figures: readonly FigureId[];
}[] = [
  {
    harm: 'Patient',
    asks: 'Did somebody get another dose than was ordered, or was an alarm not shown?',
    figures: ['overMl', 'underMl', 'alarmsMissed'],
  },
  {
    harm: 'Access',
    asks: 'What did the adversary reach that its role should not?',
    figures: ['pumpsReached', 'topicsReached'],
  },
  { harm: 'Records', asks: 'Whose records were read?', figures: ['recordsRead'] },
  {
    harm: 'Disruption',
    asks: 'What was out of reach, and who had to act?',
    figures: ['offlinePumpMinutes', 'manualPumpMinutes', 'staffActions'],
  },
];

/** From here on the regulator is told within 60 days and the media too [45 CFR 164.406, 164.408]. */
const MANY_PATIENTS = 500;

/** The worst single attack, without protection and with the posture: attacks are told apart, never added up. */
export function harmsSection(
  facts: readonly AttackFacts[],
  posture: string,
  prices: PriceList | undefined,
): Markup {
  const counted = facts.flatMap(({ name, key, bare, all }) =>
    bare === undefined || all === undefined
      ? []
      : [{ name, key, bare: figuresOf(bare), all: figuresOf(all) }],
  );
  if (counted.length === 0) return html``;
  const worst = (side: 'bare' | 'all', of: (figures: Figures) => number) =>
    counted.reduce((most, one) => (of(one[side]) > of(most[side]) ? one : most));
  const cell = (side: 'bare' | 'all', id: FigureId): Markup => {
    const most = worst(side, (figures) => figures[id]);
    const value = most[side][id];
    const { unit, one, what } = FIGURES[id];
    return value === 0
      ? html`<li class="zero">no ${unit} ${what}</li>`
      : html`<li><strong>${figure(value)} ${value === 1 ? one : unit}</strong> ${what} <span class="in">in <a href="#${most.key}">${most.name}</a></span></li>`;
  };
  const patients = {
    bare: worst('bare', (f) => f.recordsRead).bare.recordsRead,
    all: worst('all', (f) => f.recordsRead).all.recordsRead,
  };
  return html`<section id="harms" aria-labelledby="harms-h">
<h2 id="harms-h">What it would do to the hospital</h2>
<p>The worst single attack of each kind. Attacks are alternatives, so nothing is added up. Volumes count only beyond the accuracy of a pump, and say nothing about what they would do to a person.</p>
<div class="scroll" role="group" aria-label="Harms" tabindex="0">
<table class="harms">
<caption class="vh">Harms without protection and with the posture ${posture}</caption>
<thead><tr><th scope="col">Harm</th><th scope="col">Unprotected floor</th><th scope="col">With <code>${posture}</code></th></tr></thead>
<tbody>
${HARMS.map(
  ({
    harm,
    asks,
    figures,
  }) => html`<tr><th scope="row">${harm}<small>${asks}</small></th><td><ul>${figures.map((id) => cell('bare', id))}</ul></td><td><ul>${figures.map((id) => cell('all', id))}</ul></td></tr>
`,
)}<tr><th scope="row">Compliance<small>Would a breach have to be reported?</small></th><td>${complianceText(patients.bare)}</td><td>${complianceText(patients.all)}</td></tr>
<tr><th scope="row">Reputation and money<small>What would it cost?</small></th><td>${costText(
    counted.map(({ bare }) => bare),
    patients.bare,
    prices,
  )}</td><td>${costText(
    counted.map(({ all }) => all),
    patients.all,
    prices,
  )}</td></tr>
</tbody></table></div>
${prices === undefined ? html`<p class="note">No amounts of money are shown: the testbed knows none. Declare a price list with <code>--prices FILE</code>.</p>` : priceNote(prices)}
</section>`;
}

function complianceText(patients: number): Markup {
  if (patients === 0) return html`<p class="zero">Nothing that names a patient was read.</p>`;
  const many = patients >= MANY_PATIENTS;
  return html`<p>Unsecured records of <strong>${figure(patients)} ${patients === 1 ? 'patient' : 'patients'}</strong> were read: under HIPAA a breach of any size is presumed to be notifiable.${many ? ' From 500 on the regulator is told when the patients are, within 60 days, and so are the media.' : ' Below 500 the regulator learns of it once a year; the patients are told all the same.'}</p>`;
}

function costText(all: readonly Figures[], patients: number, prices: PriceList | undefined): Markup {
  const talk =
    patients === 0
      ? html``
      : html`<p>Patients would be written to${patients >= MANY_PATIENTS ? ', and the media told' : ''}.</p>`;
  if (prices === undefined) return html`${talk}<p class="zero">no price list</p>`;
  const most = Math.max(...all.map((figures) => costOf(prices, figures)));
  return html`${talk}<p><strong>${money(prices, most)}</strong> for the dearest single attack, by the price list below</p>`;
}

/** What every amount on the page rests on. */
function priceNote(prices: PriceList): Markup {
  return html`<div class="note" id="prices"><p><strong>Amounts rest on a declared price list.</strong> ${prices.source}</p><ul>${assumptionsOf(prices).map((line) => html`<li>${line}</li>`)}</ul></div>`;
}

/** What one attack would cost, bare and with all, always with its reference to the list. */
export function costLine(bare: RunDetail, all: RunDetail, prices: PriceList): Markup {
  return html`${money(prices, costOf(prices, figuresOf(bare)))} unprotected, ${money(prices, costOf(prices, figuresOf(all)))} with the posture (<a href="#prices">by the price list</a>)`;
}
