import { figuresOf } from '../figures.ts';
import type { RunDetail } from '../rehearsal-report.ts';
import type { RunResult } from '../run-report.ts';
import { count, figure, ml } from '../words.ts';
import { html, type Markup } from './markup.ts';

/** `4.2 mL over the order; records of 12 patients read` */
export function harmText(run: RunDetail): Markup {
  const { overMl, underMl, alarmsMissed, topicsReached, recordsRead, offlinePumpMinutes } = figuresOf(run);
  const { attack, harmWithoutAttack } = run.result;
  const parts = [
    ...(overMl > 0 ? [`${ml(overMl)} over the order`] : []),
    ...(underMl > 0 ? [`${ml(underMl)} under the order`] : []),
    ...(harmWithoutAttack === undefined ? [] : [bystanderText(harmWithoutAttack)]),
    ...(alarmsMissed > 0 ? [`${count(alarmsMissed, 'alarm')} not shown`] : []),
    ...(recordsRead > 0 ? [`records of ${count(recordsRead, 'patient')} read`] : []),
    ...(offlinePumpMinutes > 0 ? [`${figure(offlinePumpMinutes)} pump-minutes out of touch`] : []),
    ...(topicsReached > 0 ? [`${count(topicsReached, 'topic')} read`] : []),
  ];
  // What it reached may be nothing that is counted as harm, such as a secret or a log.
  const reached =
    attack?.succeeded === true ? attack.predicates.map(({ what, actual }) => `${what} (${actual})`) : [];
  const all = parts.length > 0 ? parts : reached;
  return html`<span class="harm">${all.length === 0 ? 'delivered as ordered, nothing read' : all.join('; ')}</span>`;
}

/** What is no doing of the attack, such as of a line that kinks. */
function bystanderText({ overMl, underMl }: NonNullable<RunResult['harmWithoutAttack']>): string {
  const parts = [
    ...(overMl > 0 ? [`${ml(overMl)} over`] : []),
    ...(underMl > 0 ? [`${ml(underMl)} under`] : []),
  ];
  return `without the attack ${parts.length === 0 ? 'as ordered' : parts.join(', ')}`;
}
