import { type BedsideCommand, VERB_GROUPS, VERBS } from './bedside-vocabulary.ts';
import { brief, NotUnderstood, suggestion, Words } from './bedside-words.ts';

/** A line that somebody types is not longer than this. */
const LONGEST_LINE = 1_000;

/** Other spellings of a verb. */
const ALSO: Readonly<Record<string, string>> = {
  program: 'programme',
  titrate: 'rate',
  exit: 'quit',
  '?': 'help',
};

/**
 * What a typed line means; any text gives a command or an error with a hint, and nothing is thrown.
 *
 * @param channels of the pump at which it is typed; where there is one, it need not be named
 */
export function parseBedsideCommand(text: string, channels: readonly string[]): BedsideCommand {
  const line = text.trim();
  if (line === '' || line.startsWith('#')) return { kind: 'nothing' };
  if (line.length > LONGEST_LINE) return { kind: 'error', reason: 'the line is too long', hint: '' };
  const [first = '', ...rest] = line.split(/\s+/);
  const word = first.toLowerCase();
  const name = Object.hasOwn(ALSO, word) ? (ALSO[word] ?? word) : word;
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (verb === undefined) {
    return {
      kind: 'error',
      reason: `not known: ${brief(first)}`,
      hint: suggestion(first, [...Object.keys(VERBS), ...Object.keys(ALSO)]),
    };
  }
  try {
    const words = new Words(rest, channels);
    const command = verb.read(words);
    words.end();
    return command;
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    const hint = error.hint === '' ? `usage: ${`${name} ${verb.usage}`.trimEnd()}` : error.hint;
    return { kind: 'error', reason: error.message, hint };
  }
}

const TITLES: Readonly<Record<(typeof VERB_GROUPS)[number], string>> = {
  keys: 'Keys of the pump (A is a channel; a pump with one channel needs none)',
  hands: 'Hands on bags, lines and plugs',
  faults: 'Things that fail',
  here: 'Here',
};

/** All that can be typed, as lines of at most `columns` characters. */
export function bedsideHelp(columns: number): string[] {
  return VERB_GROUPS.flatMap((group) => [
    `${TITLES[group]}:`,
    ...Object.entries(VERBS)
      .filter(([, verb]) => verb.group === group)
      .flatMap(([name, { usage }]) => folded(`  ${`${name} ${usage}`.trimEnd()}`, columns)),
  ]);
}

/** A line broken between words; what goes on is indented. */
function folded(line: string, columns: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > columns) {
    const cut = rest.lastIndexOf(' ', columns);
    if (cut <= 6) break;
    lines.push(rest.slice(0, cut));
    rest = `      ${rest.slice(cut + 1)}`;
  }
  return [...lines, rest];
}
