import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KINDS } from '../../protocol/index.ts';
import { LIBRARY_RULES } from '../../pump-server/library/findings.ts';
import { ROLLOUT_PHASES } from '../../pump-server/rollouts/rollout.ts';
import { asyncApiDocument } from '../../tools/generators/asyncapi.ts';
import { HOUSE, sourceFiles } from '../../tools/house.ts';
import { pages } from './markdown.ts';

const protocolPage = readFileSync(join(HOUSE, 'docs/protocol.md'), 'utf8');

/** The first cells of the rows of a table that has this head. */
function rowsOf(page: string, head: string): string[][] {
  const [, after = ''] = page.split(`${head}\n`);
  return (after.split('\n\n')[0] ?? '')
    .split('\n')
    .slice(1)
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
}

describe('the pages', () => {
  it.each([...pages()])('%s links to what is there', (path, page) => {
    const targets = [...page.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].flatMap(([, target]) => target ?? []);
    const missing = targets
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(join(HOUSE, dirname(path), target)));
    expect(missing).toEqual([]);
  });

  it('say at once that this is for training, and no medical device', () => {
    const firstScreen = (pages().get('README.md') ?? '').split('\n').slice(0, 20).join('\n');
    expect(firstScreen).toContain('TRAINING, NOT FOR HUMAN USE');
    expect(firstScreen).toMatch(/no medical device|not a medical device/);
  });
});

describe('docs/drug-libraries.md', () => {
  it('has every rule with its severity, and no other', () => {
    const page = pages().get('docs/drug-libraries.md') ?? '';
    const documented = rowsOf(page, '| rule | severity | finds |').flatMap(([rules = '', severity]) =>
      rules.split(', ').map((rule) => [rule.replaceAll('`', ''), severity]),
    );
    const known = Object.entries(LIBRARY_RULES).map(([rule, { severity }]) => [rule, severity]);
    expect(documented).toEqual(known);
  });
});

describe('docs/protocol.md', () => {
  it('says of every topic who publishes, who reads and what is retained, as the generated document does', () => {
    const document: unknown = asyncApiDocument('0.0.0');
    const channels = Object.values(
      (document as { channels: Record<string, Record<string, unknown>> }).channels,
    ).map((channel) => ({
      topic: String(channel['address']).replaceAll('{', '<').replaceAll('}', '>'),
      publishes: kindsOf(channel['x-publish']),
      reads: kindsOf(channel['x-subscribe']),
      retained: channel['x-retained'],
    }));
    const documented = rowsOf(protocolPage, '| topic | publishes | reads | QoS | retained |').map(
      ([topic = '', publishes = '', reads = '', , retained]) => ({
        topic: topic.replaceAll('`', '').replace('<care-area>', '<careArea>'),
        publishes: kindsIn(publishes),
        reads: kindsIn(reads),
        retained: retained === 'yes',
      }),
    );
    expect(documented).toEqual(channels);
  });

  it('names every event of the evidence that the code writes, and no other', () => {
    const known =
      /'((?:session|publish|subscribe|subscription|command|certificate|crl|record|release|log|evidence|artifact|message|packet|queue|enrolment|request|ocsp|status|service|store|broker|identity|connection|tls|authority|migration|renewal|ceiling|configuration|communications|storage|network|vendor|server|process|pump-log|downgrade|firewall)\.[a-z-]+)'/g;
    const written = new Set(
      sourceFiles(HOUSE, [
        'broker',
        'pki',
        'pump-server',
        'simulator/shell',
        'simulator/enrolment',
        'simulator/services',
        'simulator/storage',
        'network',
        'supervision/evidence',
        'testbed',
      ])
        .map((path) => readFileSync(join(HOUSE, path), 'utf8'))
        .flatMap((text) => [...text.matchAll(known)].flatMap(([, event]) => event ?? []))
        .filter((event) => !event.endsWith('.jsonl')),
    );
    // Those whose names are put together.
    for (const what of ['library', 'firmware'])
      for (const end of ['accepted', 'refused']) written.add(`${what}.${end}`);
    for (const change of [...ROLLOUT_PHASES, 'begun', 'wave', 'not-stored']) written.add(`rollout.${change}`);
    for (const end of ['dropped', 'beyond-ceiling', 'capped']) written.add(`library.${end}`);
    for (const action of ['publish', 'subscribe']) written.add(`${action}.denied`);
    for (const kind of ['malformed', 'misattributed']) written.add(`message.${kind}`);
    const documented = rowsOf(protocolPage, '| event | written by | means |').map(([event = '']) =>
      event.replaceAll('`', ''),
    );
    expect(documented.toSorted()).toEqual([...written].sort());
  });
});

function kindsOf(roles: unknown): string[] {
  if (!Array.isArray(roles)) return [];
  return roles.flatMap((role: { kind: string }) => role.kind).sort();
}

function kindsIn(cell: string): string[] {
  return KINDS.filter((kind) => new RegExp(`(?:^|[ ,])${kind}(?:$|,)`).test(cell)).sort();
}
