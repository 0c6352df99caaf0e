import { cleanText } from '../clean-text.ts';

/** Text that is HTML already. Only `html` and `trusted` make it, so that nothing of a scenario gets into a page unescaped. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Content = Markup | string | number | readonly Content[];

/** HTML with what is put into it escaped: for text and for attributes in double quotes. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.reduce((text, part, index) => text + textOf(values[index - 1] ?? '') + part));
}

/** Takes a text of the program's own, such as a style sheet or a drawing of the chart library, as it is. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

/** Puts something between the items of a list. */
export function joined(items: readonly Content[], between: string): readonly Content[] {
  return items.flatMap((item, index) => (index === 0 ? [item] : [between, item]));
}

function textOf(content: Content): string {
  if (content instanceof Markup) return content.text;
  if (typeof content === 'string' || typeof content === 'number') return escaped(String(content));
  return content.map(textOf).join('');
}

function escaped(text: string): string {
  return cleanText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
