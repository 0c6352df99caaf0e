import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONTROL_IDS, CONTROLS, ERRORS, FAILURE_DOMAINS } from '../../protocol/index.ts';
import { generatedFiles, houseVersion, staleFiles, writeStale } from '../../tools/generate.ts';
import { controlsPage } from '../../tools/generators/controls-page.ts';
import { errorsPage } from '../../tools/generators/errors-page.ts';
import { HOUSE } from '../../tools/house.ts';

const files = generatedFiles(houseVersion());

describe('the generated files', () => {
  it.each([...files.keys()])('%s is current', (path) => {
    expect(staleFiles(HOUSE, new Map([[path, files.get(path) ?? '']]))).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  it('has every code with its cause, its way out and its exit code', () => {
    const page = errorsPage();
    for (const [code, { exit, cause, wayOut }] of Object.entries(ERRORS)) {
      expect(page).toContain(`\`${code}\` | ${exit} | ${cause.replaceAll('|', '\\|')} | ${wayOut}`);
    }
  });
});

describe('docs/controls.md', () => {
  const page = controlsPage({ version: 1, attacks: [] });

  it('has every control once, under its layer', () => {
    for (const id of CONTROL_IDS) {
      expect(page.split(`<a id="${id}">`)).toHaveLength(2);
      const before = page.slice(0, page.indexOf(`<a id="${id}">`));
      expect(before.lastIndexOf('\n## ')).toBe(before.lastIndexOf(`\n## ${CONTROLS[id].layer}\n`));
    }
  });

  it('has every failure domain', () => {
    for (const { component, trustRoot, administrator } of Object.values(FAILURE_DOMAINS)) {
      expect(page).toContain(
        `Component: ${component}. Trust root: ${trustRoot}. Administrator: ${administrator}.`,
      );
    }
  });

  it('says which controls are not enforced yet', () => {
    const line = page.split('\n').find((text) => text.includes('<a id="payload-schema">'));
    const unenforced = CONTROLS['payload-schema'].enforcedIn === null;
    expect(line?.includes('not enforced yet')).toBe(unenforced);
  });

  it('names only files that are there', () => {
    for (const id of CONTROL_IDS) {
      const { enforcedIn } = CONTROLS[id];
      if (enforcedIn !== null) expect(readFileSync(join(HOUSE, enforcedIn), 'utf8')).not.toBe('');
    }
  });
});

describe('whether a generated file is current', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'pumprange-generate-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is denied for one that is missing and one that was edited', () => {
    mkdirSync(join(root, 'docs'));
    writeFileSync(join(root, 'docs/a.md'), 'a\n');
    writeFileSync(join(root, 'docs/b.md'), 'b, edited\n');
    const wanted = new Map([
      ['docs/a.md', 'a\n'],
      ['docs/b.md', 'b\n'],
      ['docs/c.md', 'c\n'],
    ]);
    expect(staleFiles(root, wanted)).toEqual(['docs/b.md', 'docs/c.md']);
  });

  it('is put right by writing', () => {
    const wanted = new Map([['docs/deep/a.md', 'a\n']]);
    expect(writeStale(root, wanted)).toEqual(['docs/deep/a.md']);
    expect(staleFiles(root, wanted)).toEqual([]);
    expect(writeStale(root, wanted)).toEqual([]);
  });
});

it('says of each control which attacks it decides, by the matrix on record', () => {
  const recorded = {
    attack: 'rogue-client',
    firmware: null,
    alone: { 'mutual-tls': 'stops' },
    missed: { 'rate-limit': 'detects' },
    domainLost: {},
  } as const;
  const page = controlsPage({ version: 1, attacks: [recorded] });
  expect(page).toContain('| `mutual-tls` | `rogue-client` (stops alone) |');
  expect(page).toContain('| `rate-limit` | `rogue-client` (missed when removed) |');
  expect(page).toContain('| `signed-library` | – |');
});
