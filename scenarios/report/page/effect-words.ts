import type { Effect } from '../matrix-report.ts';
import { html, type Markup } from './markup.ts';

/** A letter for each effect, so that colour is never all there is. */
export const EFFECT_LETTERS = {
  stops: 'S',
  limits: 'L',
  contains: 'C',
  detects: 'D',
  none: '·',
} as const satisfies Record<Effect, string>;

export const EFFECT_WORDS = {
  stops: 'the attack does not succeed, and no harm beyond its bound is done',
  limits: 'harm stays within the bound of the attack',
  contains: 'it is noticed and ended in the time that the attack allows',
  detects: 'it is noticed, and succeeds all the same',
  none: 'it succeeds, and nobody notices',
} as const satisfies Record<Effect, string>;

/** `S stops` as a coloured tag. */
export function effectTag(effect: Effect): Markup {
  return html`<span class="tag e-${effect}"><b aria-hidden="true">${EFFECT_LETTERS[effect]}</b> ${effect === 'none' ? 'no effect' : effect}</span>`;
}
