/** Which events count, by the names of selections: what `condition` says. */
export type Expression =
  | { readonly kind: 'selection'; readonly name: string }
  /** `1 of filter*`, `all of filter*`. */
  | { readonly kind: 'some' | 'every'; readonly prefix: string }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Expression[] };

const TOKEN = /\s*(?:(\(|\))|([A-Za-z0-9_-]+\*?))/y;
const DEEPEST = 16;

/**
 * Parses `a and not (b or 1 of filter*)`: `not` binds more than `and`, and that more than `or`, as in Sigma.
 *
 * @returns the reason where it is none
 */
export function parseExpression(text: string): Expression | { readonly fault: string } {
  const tokens = tokensOf(text);
  if (tokens === undefined) return { fault: `"${text}" has a character that means nothing here` };
  try {
    const reader = new Reader(tokens);
    const expression = reader.or(0);
    const left = reader.peek();
    return left === undefined ? expression : { fault: `"${left}" is not expected there` };
  } catch (error) {
    if (error instanceof Fault) return { fault: error.message };
    throw error;
  }
}

class Fault extends Error {}

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    tokens.push(match[1] ?? match[2] ?? '');
  }
  return tokens;
}

const WORDS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'of', '(', ')']);

class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  or(depth: number): Expression {
    return this.#joined('or', () => this.#joined('and', () => this.#single(depth)));
  }

  #joined(kind: 'and' | 'or', one: () => Expression): Expression {
    const first = one();
    const more: Expression[] = [];
    while (this.#takes(kind)) more.push(one());
    return more.length === 0 ? first : { kind, of: [first, ...more] };
  }

  #single(depth: number): Expression {
    if (depth > DEEPEST) throw new Fault('it is nested too deeply');
    if (this.#takes('not')) return { kind: 'not', of: this.#single(depth + 1) };
    if (this.#takes('(')) {
      const inner = this.or(depth + 1);
      if (!this.#takes(')')) throw new Fault('a ")" is missing');
      return inner;
    }
    const word = this.peek();
    if (word === undefined) throw new Fault('the name of a selection is missing at the end');
    this.#at += 1;
    if ((word === '1' || word === 'all') && this.#takes('of')) {
      const pattern = this.peek();
      if (pattern === undefined || !pattern.endsWith('*')) {
        throw new Fault(`"${word} of" wants the beginning of names, such as filter*`);
      }
      this.#at += 1;
      return { kind: word === '1' ? 'some' : 'every', prefix: pattern.slice(0, -1) };
    }
    if (WORDS.has(word) || word.endsWith('*'))
      throw new Fault(`"${word}" stands where the name of a selection should`);
    return { kind: 'selection', name: word };
  }

  #takes(word: string): boolean {
    if (this.peek() !== word) return false;
    this.#at += 1;
    return true;
  }
}

/** Names of selections that an expression speaks of, out of those that there are, and those that there are not. */
export function namesIn(
  expression: Expression,
  known: readonly string[],
): { readonly used: readonly string[]; readonly unknown: readonly string[] } {
  switch (expression.kind) {
    case 'selection':
      return known.includes(expression.name)
        ? { used: [expression.name], unknown: [] }
        : { used: [], unknown: [expression.name] };
    case 'some':
    case 'every': {
      const used = known.filter((name) => name.startsWith(expression.prefix));
      return { used, unknown: used.length === 0 ? [`${expression.prefix}*`] : [] };
    }
    case 'not':
      return namesIn(expression.of, known);
    case 'and':
    case 'or': {
      const parts = expression.of.map((one) => namesIn(one, known));
      return {
        used: parts.flatMap(({ used }) => used),
        unknown: parts.flatMap(({ unknown }) => unknown),
      };
    }
  }
}
