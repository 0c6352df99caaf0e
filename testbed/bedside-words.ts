import { nearest } from '../scenarios/index.ts';

/** Why a line was not understood, and what would be. */
export class NotUnderstood extends Error {
  readonly hint: string;

  constructor(reason: string, hint = '') {
    super(reason);
    this.name = 'NotUnderstood';
    this.hint = hint;
  }
}

/** The words of a line, taken one after the other. Every taker throws `NotUnderstood`. */
export class Words {
  readonly #words: readonly string[];
  readonly #channels: readonly string[];
  #next = 0;

  /** @param channels of the pump at which the line is typed; where there is one, it need not be named */
  constructor(words: readonly string[], channels: readonly string[]) {
    this.#words = words;
    this.#channels = channels;
  }

  /** The word that follows, or `undefined` at the end; it is not taken. */
  get peek(): string | undefined {
    return this.#words[this.#next];
  }

  /** @param what names it for whoever left it out */
  take(what: string): string {
    const word = this.peek;
    if (word === undefined) throw new NotUnderstood(`${what} is missing`);
    this.#next += 1;
    return word;
  }

  /** Takes a word if it is that one. */
  takeIf(wanted: string): boolean {
    if (this.peek?.toLowerCase() !== wanted) return false;
    this.#next += 1;
    return true;
  }

  channel(): string {
    const [first, ...more] = this.#channels;
    const named = this.#channels.find((channel) => channel === this.peek?.toUpperCase());
    if (named !== undefined) {
      this.#next += 1;
      return named;
    }
    if (first !== undefined && more.length === 0 && !/^[a-z]$/i.test(this.peek ?? '')) return first;
    const has = this.#channels.length === 0 ? 'no channel' : `channel ${this.#channels.join(' and ')}`;
    throw new NotUnderstood(
      this.peek === undefined ? 'the channel is missing' : `there is no channel ${brief(this.peek)}`,
      `this pump has ${has}`,
    );
  }

  /** A decimal number, not negative unless told. */
  number(what: string, options: { readonly negative?: boolean } = {}): number {
    const word = this.take(what);
    const value = Number(word);
    const isOne = options.negative === true ? /^-?\d*\.?\d+$/ : /^\d*\.?\d+$/;
    if (!isOne.test(word) || value > MOST) {
      throw new NotUnderstood(`${what} is not a number: ${brief(word)}`, 'a number such as 25 or 0.5');
    }
    return value;
  }

  choice<C extends string>(what: string, choices: readonly C[]): C {
    const word = this.take(what);
    const found = choices.find((choice) => choice === word.toLowerCase());
    if (found !== undefined) return found;
    throw new NotUnderstood(`${what} is not known: ${brief(word)}`, suggestion(word, choices));
  }

  /** `override` at the end of a line; anything else there is a mistake. */
  override(): boolean {
    if (this.peek === undefined) return false;
    return this.choice('what follows', ['override']) === 'override';
  }

  /** Nothing may follow. */
  end(): void {
    if (this.peek !== undefined) throw new NotUnderstood(`not expected here: ${brief(this.peek)}`);
  }
}

const MOST = 1e9;

/** A longer word is no slip of the finger. */
const LONGEST_SLIP = 32;

/** The choice that was probably meant. Of a word as short as most keys one letter may differ: two would make it another key. */
export function meant(word: string, choices: readonly string[]): string | undefined {
  if (word.length > LONGEST_SLIP) return undefined;
  return word.length < 5 ? nearest(word, choices, 1) : nearest(word, choices);
}

/**
 * `did you mean …?`, or the choices if they are few.
 *
 * @param otherwise where many choices are listed
 */
export function suggestion(word: string, choices: readonly string[], otherwise = 'see help'): string {
  const choice = choices.length === 0 ? undefined : meant(word.toLowerCase(), choices);
  if (choice !== undefined) return `did you mean ${choice}?`;
  return choices.length <= 8 ? `one of ${choices.join(', ')}` : otherwise;
}

/** A typed word as it may be shown again: short, and without anything that moves a cursor. */
export function brief(word: string): string {
  const clean = word.replace(/[\p{C}\p{Z}]/gu, '?');
  return clean.length <= 24 ? clean : `${clean.slice(0, 23)}…`;
}
