import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkImports, importsReport } from '../../tools/check-imports.ts';
import { FOLDERS, HOUSE, sourceFiles } from '../../tools/house.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

/** A small house with every folder, and these files on top. */
function house(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'pumprange-imports-'));
  roots.push(root);
  const all = {
    'package.json': JSON.stringify({ dependencies: { xstate: '*', aedes: '*', mqtt: '*' } }),
    ...Object.fromEntries(
      FOLDERS.map((folder) => [`${folder}/index.ts`, `export const name = '${folder}';\n`]),
    ),
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

async function violationsIn(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return (await checkImports(house(files), FOLDERS, [])).violations;
}

describe('the import rules', () => {
  it('find nothing where each folder keeps to what it may import', async () => {
    const findings = await checkImports(
      house({
        'broker/broker.ts':
          "import { name as clock } from '../clock/index.ts';\nimport type { name as p } from '../protocol/index.ts';\nexport const x: typeof p | string = clock;\n",
        'testbed/testbed.ts': "export { name } from '../broker/index.ts';\n",
        'test/any.test.ts': "import '../pki/index.ts';\nimport '../broker/broker.ts';\n",
      }),
      FOLDERS,
      ['broker/broker.ts'],
    );
    expect(findings).toEqual({ modules: FOLDERS.length + 3, dependencies: 5, violations: [], unseen: [] });
  });

  const planted: readonly [what: string, files: Record<string, string>, violation: string][] = [
    [
      'a sibling imported by a sibling',
      { 'broker/b.ts': "import { name } from '../pki/index.ts';\nexport const x = name;\n" },
      'broker-imports: broker/b.ts → pki/index.ts',
    ],
    [
      'a sibling imported for its types only',
      {
        'scenarios/s.ts':
          "import type { name } from '../simulator/index.ts';\nexport type X = typeof name;\n",
      },
      'scenarios-imports: scenarios/s.ts → simulator/index.ts',
    ],
    [
      'a sibling whose type is passed on',
      { 'supervision/s.ts': "export type { name } from '../pump-server/index.ts';\n" },
      'supervision-imports: supervision/s.ts → pump-server/index.ts',
    ],
    [
      'the clock reaching up',
      { 'clock/c.ts': "export { name } from '../protocol/index.ts';\n" },
      'clock-imports: clock/c.ts → protocol/index.ts',
    ],
    [
      'the command past the testbed',
      { 'cli/c.ts': "export { name } from '../simulator/index.ts';\n" },
      'cli-imports: cli/c.ts → simulator/index.ts',
    ],
    [
      'a file behind an index',
      {
        'clock/heap.ts': 'export const heap = 1;\n',
        'pki/p.ts': "export { heap } from '../clock/heap.ts';\n",
      },
      'through-the-index: pki/p.ts → clock/heap.ts',
    ],
    [
      'a test in the product',
      {
        'test/help.ts': 'export const help = 1;\n',
        'testbed/t.ts': "export { help } from '../test/help.ts';\n",
      },
      'product-imports-no-tests-or-tools: testbed/t.ts → test/help.ts',
    ],
    [
      'XState outside the pump',
      { 'simulator/ward/w.ts': "import type { Actor } from 'xstate';\nexport type A = Actor<never>;\n" },
      'xstate-confined: simulator/ward/w.ts → xstate',
    ],
    [
      'Aedes outside its adapter',
      { 'broker/b.ts': "import { Aedes } from 'aedes';\nexport const a = Aedes;\n" },
      'aedes-confined: broker/b.ts → aedes',
    ],
    [
      'a file of a confined package',
      { 'protocol/p.ts': "export { default } from 'node-forge/lib/asn1.js';\n" },
      'node-forge-confined: protocol/p.ts → node-forge/lib/asn1.js',
    ],
    [
      'MQTT in the engine',
      { 'scenarios/engine/e.ts': "import 'mqtt';\n" },
      'mqtt-confined: scenarios/engine/e.ts → mqtt',
    ],
    [
      'a circle',
      {
        'pki/a.ts': "import type { B } from './b.ts';\nexport type A = B | 1;\n",
        'pki/b.ts': "import type { A } from './a.ts';\nexport type B = A | 2;\n",
      },
      'no-cycles: pki/a.ts → pki/b.ts → pki/a.ts',
    ],
    [
      'an import that leads nowhere',
      { 'pki/a.ts': "export { gone } from './gone.ts';\n" },
      'nothing-unresolved: pki/a.ts → ./gone.ts',
    ],
  ];
  it.each(planted)('find %s', async (_what, files, violation) => {
    expect(await violationsIn(files)).toContain(violation);
  });
});

describe('the reading', () => {
  it('names a file that is expected and was not read', async () => {
    const findings = await checkImports(house({}), FOLDERS, ['pki/index.ts', 'pki/other.ts']);
    expect(findings.unseen).toEqual(['pki/other.ts']);
  });

  it('covers every folder that holds TypeScript', () => {
    const folders = sourceFiles(HOUSE, ['.']).flatMap((path) => path.split('/').slice(0, -1)[0] ?? []);
    expect([...new Set(folders)].filter((folder) => !FOLDERS.some((known) => known === folder))).toEqual([]);
  });

  it('fails when it is empty, although it finds no violation', () => {
    const empty = { modules: 0, dependencies: 0, violations: [], unseen: [] };
    expect(importsReport(empty, 300)).toEqual({
      ok: false,
      text: '0 modules were read where git knows 300',
    });
  });

  it('says how much it saw', () => {
    const fine = { modules: 3, dependencies: 4, violations: [], unseen: [] };
    expect(importsReport(fine, 3)).toEqual({ ok: true, text: '3 modules, 4 dependencies, no violations' });
  });
});
