import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { HOUSE } from '../../tools/house.ts';

/** What users read, by path from the root of the house. */
export function pages(): ReadonlyMap<string, string> {
  const inDocs = readdirSync(join(HOUSE, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  return new Map(
    ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...inDocs.sort()].map((path) => [
      relative(HOUSE, join(HOUSE, path)),
      readFileSync(join(HOUSE, path), 'utf8'),
    ]),
  );
}

/**
 * The commands of a page, in order: the lines of its `sh` and `console` blocks. A line of a `console` block is a command if it begins
 * with `$ `; the rest is what the command printed. A backslash at the end of a line goes on in the next one.
 */
export function commandsOf(page: string): string[] {
  const blocks = page.matchAll(/^```(sh|bash|shell|console)\n([\s\S]*?)^```$/gm);
  return [...blocks].flatMap(([, kind, body = '']) => {
    const lines = body.replaceAll(/\\\n\s*/g, '').split('\n');
    const commands =
      kind === 'console'
        ? lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2))
        : lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
    return commands.map((command) => command.trim());
  });
}
