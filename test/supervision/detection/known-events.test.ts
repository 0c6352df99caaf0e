import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KNOWN_EVENTS } from '../../../supervision/detection/known-events.ts';

const FOLDERS = ['broker', 'pki', 'pump-server', 'simulator', 'supervision', 'network', 'testbed'];

/** Names behind `event:` in the sources, where an outcome stands near: other events, such as those of a state machine, have none. */
function written(): readonly string[] {
  const texts = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(folder, name), 'utf8')),
  );
  return texts.flatMap((text) =>
    [...text.matchAll(/\bevent: [^\n]*?'([a-z-]+\.[a-z-]+)'/g)].flatMap(({ 1: name, index }) =>
      name !== undefined && /\boutcome: '/.test(text.slice(index - 120, index + 160)) ? [name] : [],
    ),
  );
}

it('knows each event that the sources write', () => {
  const names = new Set(written());
  expect(names.size).toBeGreaterThan(40);
  expect([...names].filter((name) => !KNOWN_EVENTS.includes(name))).toEqual([]);
});

it('knows each event of the document', () => {
  const rows = readFileSync('docs/protocol.md', 'utf8').matchAll(
    /^\| `([a-z-]+\.[a-z-]+)` \| [a-z, -]+ \| /gm,
  );
  const names = [...rows].flatMap(([, name]) => name ?? []);
  expect(names.length).toBeGreaterThan(90);
  expect(names.filter((name) => !KNOWN_EVENTS.includes(name))).toEqual([]);
});
