import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadAdvisories, loadInventory } from '../../../pump-server/index.ts';
import { loadWardData } from '../../../testbed/data.ts';
import { exposureOf, shippedAdvisories } from '../../../testbed/exposure.ts';
import { tempFolder } from '../../helpers/command.ts';

const SHIPPED = readFileSync(shippedAdvisories(), 'utf8');

function file(text: string, name = 'file.yaml'): string {
  const path = join(tempFolder(), name);
  writeFileSync(path, text);
  return path;
}

const schemaOf = (name: string) =>
  new Ajv2020({ strict: false }).compile(
    JSON.parse(readFileSync(`pump-server/schemas/${name}.schema.json`, 'utf8')),
  );

describe('an advisory file', () => {
  it('that is shipped follows the published schema', () => {
    const validate = schemaOf('advisories');
    expect(validate(parse(SHIPPED))).toBe(true);
    expect(validate({ ...parse(SHIPPED), colour: 'red' })).toBe(false);
  });

  it.each<[string, (text: string) => string, RegExp]>([
    [
      'an unknown weakness',
      (text) => text.replace('accepts-stale-library', 'tired'),
      /:\d+:\d+: advisories\.12\.affected\.weakness/,
    ],
    ['an unknown key', (text) => text.replace('    severity: high', '    mood: high'), /:8:5: advisories\.0/],
    [
      'a severity of its own',
      (text) => text.replace('severity: high', 'severity: dire'),
      /:10:15: advisories\.0\.severity/,
    ],
    ['an id twice', (text) => text.replace('PRA-0002', 'PRA-0001'), /an id is there twice/],
    [
      'nothing that is affected',
      (text) => text.replace('{ weakness: skips-countersignature }', '{}'),
      /names neither a weakness nor a component/,
    ],
    [
      'a version that is none',
      (text) => text.replace('below: 6.9.0', 'below: new'),
      /not major\.minor\.patch/,
    ],
    ['no YAML', () => 'a: [', /file\.yaml:1:\d+: /],
    ['what is no text', () => '\u0000', /file\.yaml:1:/],
  ])('with %s is refused with line and reason', (_, spoil, reason) => {
    expect(() => loadAdvisories(file(spoil(SHIPPED)))).toThrow(reason);
  });
});

describe('an inventory', () => {
  it('may be the document of `up --json`, of which it takes what it needs', () => {
    const path = file(
      '{"pumps":[{"serial":"LVP-000001","model":"lvp","firmware":"1.0.0","link":"online"}],"readyMs":1}',
    );
    expect(loadInventory(path)).toEqual([
      { serial: 'LVP-000001', model: 'lvp', firmware: '1.0.0', careArea: null },
    ]);
  });

  it.each([
    [
      'a pump without firmware',
      '{"pumps":[\n{"serial":"A","model":"lvp"}]}',
      /file\.yaml:2:1: pumps\.0\.firmware/,
    ],
    ['no pumps', '{}', /pumps/],
    ['a bomb of aliases', 'a: &a [x,x]\nb: &b [*a,*a]\npumps: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]', /./],
  ])('with %s is refused', (_, text, reason) => {
    expect(() => loadInventory(file(text))).toThrow(reason);
  });

  it('is reported on in the form of the published schema, with bills of materials of versions that are not shipped', async () => {
    const bill = file(
      JSON.stringify({
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
        metadata: { component: { type: 'firmware', name: 'lvp', version: '1.3.0' } },
        components: [{ type: 'library', name: 'network-stack', version: '6.5.0' }],
      }),
      'bom.json',
    );
    const inventory = { file: file('{"pumps":[{"serial":"A","model":"lvp","firmware":"1.3.0"}]}') };
    const without = await exposureOf(loadWardData(), { inventory, bills: [] });
    expect(without.before.unknownPumps).toBe(1);
    const report = await exposureOf(loadWardData(), { inventory, bills: [bill] });
    expect(report.pumps[0]?.exposedTo).toContainEqual({
      advisory: 'PRA-0014',
      severity: 'critical',
      because: 'component network-stack 6.5.0',
    });
    const validate = schemaOf('exposure-report');
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    await expect(
      exposureOf(loadWardData(), { inventory, bills: [], plan: new Map([['lvp', '7.0.0']]) }),
    ).rejects.toThrow(/nobody knows what is in lvp 7\.0\.0/);
  });
});
