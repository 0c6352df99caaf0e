import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { compileRuleset, layOut, loadZonePlan } from '../../network/index.ts';
import { HOUSE } from '../../tools/house.ts';
import { pumprange, tempFolder } from '../helpers/command.ts';
import { canHaveLab, hostChanges, hostNetwork } from '../helpers/lab.ts';

const policy = loadZonePlan(join(HOUSE, 'network/zones/sp1800-8.yaml'));
const compiled = compileRuleset(policy, layOut(policy, 1));

/** A small table, with another ruleset. */
async function checked(ruleset: string, ...more: string[]) {
  const folder = tempFolder();
  const file = join(folder, 'rules.nft');
  writeFileSync(file, ruleset);
  const small = ['--ipv4-only', '--pumps', '1', '--json', 'table.json', '--junit', 'table.xml', ...more];
  const { code, stdout } = await pumprange(['network', 'check', '--ruleset', file, ...small], {
    cwd: folder,
  });
  const table = JSON.parse(readFileSync(join(folder, 'table.json'), 'utf8'));
  return { code, stdout, table, xml: readFileSync(join(folder, 'table.xml'), 'utf8') };
}

// On two cores beside other tests a table takes its time.
describe.skipIf(!canHaveLab())('pumprange network check', { timeout: 240_000 }, () => {
  it('finds nothing wrong with the shipped plan, writes all that it is asked for, and leaves nothing behind', async () => {
    const folder = tempFolder();
    const before = hostNetwork();
    const files = ['--json', 'table.json', '--junit', 'table.xml', '--html', 'table.html'];
    const { code, stdout } = await pumprange(['network', 'check', ...files], { cwd: folder });
    expect(stdout).toMatch(/\d+ cells hold: plan "sp1800-8", ruleset compiled/);
    expect(stdout).toMatch(/\d+ ms per thousand probes, beside \d+ ms for a thousand bare connect\(\) calls/);
    expect(code).toBe(0);

    const table = JSON.parse(readFileSync(join(folder, 'table.json'), 'utf8'));
    const schema = JSON.parse(readFileSync(join(HOUSE, 'network/schemas/truth-table.schema.json'), 'utf8'));
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    expect(ajv.validate(schema, table), ajv.errorsText()).toBe(true);
    expect(table).toMatchObject({ version: 1, mismatches: 0, disagreements: 0, ruleset: 'compiled' });
    const layers = new Set(table.cells.map(({ layer }: { layer: string }) => layer));
    expect(layers).toEqual(new Set(['l3-l4', 'tls', 'mqtt', 'pump-services']));
    expect(new Set(table.cells.map(({ ipVersion }: { ipVersion: string }) => ipVersion)).size).toBe(2);
    expect(readFileSync(join(folder, 'table.html'), 'utf8')).toContain('cells are as the plan has them');
    expect(readFileSync(join(folder, 'table.xml'), 'utf8')).toContain('failures="0"');
    expect(hostChanges(before)).toEqual([]);
    expect(execFileSync('ip', ['netns'], { encoding: 'utf8' })).not.toMatch(/pr-check/);
  });

  it('ends with 1 for a ruleset that is too wide, and names the rule', async () => {
    const wide = compiled.replace(
      'ct state invalid',
      'iifname "pr-guest" accept comment "wifi-for-all"\n ct state invalid',
    );
    const { code, stdout, table, xml } = await checked(wide);
    expect(code).toBe(1);
    expect(stdout).toContain('too wide: rule "wifi-for-all" lets through what no conduit of the plan has');
    const wrong = table.cells.filter(({ held }: { held: boolean }) => !held);
    expect(wrong).toHaveLength(table.mismatches);
    expect(new Set(wrong.map(({ by }: { by: string }) => by))).toEqual(new Set(['rule "wifi-for-all"']));
    // At each layer that the guest now reaches.
    const layers = new Set(wrong.map(({ layer }: { layer: string }) => layer));
    expect(layers).toEqual(new Set(['l3-l4', 'tls', 'mqtt']));
    expect(xml).toContain('<failure type="reachability" message="expected dropped, was open; too wide');
  });

  it('ends with 1 for a ruleset that is too narrow, and names the conduit', async () => {
    const narrow = compiled
      .split('\n')
      .filter((line) => !line.includes('"medical-devices-to-broker"'))
      .join('\n');
    const { code, stdout, table } = await checked(narrow);
    expect(code).toBe(1);
    expect(stdout).toContain('missing: the ruleset has nothing for conduit medical-devices-to-broker');
    const wrong = table.cells.filter(({ held }: { held: boolean }) => !held);
    expect(new Set(wrong.map(({ by, fromZone }: Record<string, string>) => `${by} ${fromZone}`))).toEqual(
      new Set(['conduit medical-devices-to-broker medical-devices']),
    );
  });

  it('takes a lab that is up, and leaves it up', async () => {
    const name = ['--name', `ec${process.pid % 100_000}`];
    try {
      const up = await pumprange([
        'network',
        'lab',
        'up',
        ...name,
        '--no-floor',
        '--ipv4-only',
        '--pumps',
        '1',
      ]);
      expect(up).toMatchObject({ code: 0 });
      // Nothing runs in it, so that every port that may be reached is refused.
      const { code, stdout } = await pumprange(['network', 'check', ...name, '--ipv4-only', '--pumps', '1']);
      expect(stdout).toMatch(/cells hold/);
      expect(stdout).not.toContain('lab up in');
      expect(code).toBe(0);
      const rules = join(tempFolder(), 'rules.nft');
      writeFileSync(rules, compiled);
      expect(await pumprange(['network', 'check', ...name, '--ruleset', rules])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('is up with a ruleset of its own'),
      });
      expect(await pumprange(['network', 'lab', 'status', ...name])).toMatchObject({ code: 0 });
    } finally {
      await pumprange(['network', 'lab', 'down', ...name]);
    }
  });

  it('tells of a ruleset that does not load', async () => {
    const file = join(tempFolder(), 'rules.nft');
    writeFileSync(file, 'table inet x { chain');
    expect(await pumprange(['network', 'check', '--ruleset', file, '--ipv4-only'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('PR_LAB_RULESET'),
    });
  });
});
