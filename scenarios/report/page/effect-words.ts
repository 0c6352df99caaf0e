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
  limits:
    'harm stays within the bound of the attack; of essential performance: without it there is more harm',
  contains: 'it is noticed and ended in the time that the attack allows',
  detects: 'it is noticed, and succeeds all the same',
  none: 'it succeeds, and nobody notices',
} as const satisfies Record<Effect, string>;

/** `S stops` as a coloured tag; `left`: what is left of protection, where nothing means that the attack gets through. */
export function effectTag(effect: Effect, left = false): Markup {
  const none = left ? 'gets through' : 'no effect';
  const detects = left ? 'noticed only' : 'detects';
  const word = effect === 'none' ? none : effect === 'detects' ? detects : effect;
  return html`<span class="tag e-${effect}"><b aria-hidden="true">${EFFECT_LETTERS[effect]}</b> ${word}</span>`;
}
