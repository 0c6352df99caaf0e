/** A key as `readline` reports it. */
export interface TypedKey {
  readonly text: string | undefined;
  readonly name?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
}

export type Typed =
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'submit'; readonly line: string }
  | { readonly kind: 'end' };

/** Keys that act at once where nothing is typed yet. */
const AT_ONCE: Readonly<Record<string, string>> = { '!': 'silence', '?': 'help' };
const LONGEST_LINE = 500;

/** What one key makes of a line that is being typed. */
export function typeKey(line: string, { text, name, ctrl, meta }: TypedKey): Typed {
  if (ctrl === true) {
    switch (name) {
      case 'c':
      case 'd':
        return { kind: 'end' };
      case 'u':
        return { kind: 'line', line: '' };
      case 'w':
        return { kind: 'line', line: line.trimEnd().replace(/\S+$/, '') };
      case 'h':
        return { kind: 'line', line: [...line].slice(0, -1).join('') };
      default:
        return { kind: 'line', line };
    }
  }
  if (name === 'return' || name === 'enter') return { kind: 'submit', line };
  if (name === 'backspace') return { kind: 'line', line: [...line].slice(0, -1).join('') };
  const atOnce = line === '' && text !== undefined ? AT_ONCE[text] : undefined;
  if (atOnce !== undefined) return { kind: 'submit', line: atOnce };
  const isText = text !== undefined && meta !== true && !/[\p{C}]/u.test(text);
  return { kind: 'line', line: isText ? `${line}${text}`.slice(0, LONGEST_LINE) : line };
}
