import { describe, expect, it } from 'vitest';
import { readFirmwarePackage } from '../../../protocol/firmware/index.ts';
import { billFaults, buildFirmwareArtefact, componentsOf } from '../../../pump-server/index.ts';
import { loadPersonalities } from '../../../simulator/firmware/index.ts';

const ALL = loadPersonalities('simulator/firmware/personalities');

describe('the bill of materials of a firmware version', () => {
  it.each(ALL.map((each) => [each.model, each.version, each] as const))(
    'of %s %s follows the schema of CycloneDX 1.6, and names the components of its personality',
    async (_, __, personality) => {
      const { billOfMaterials: bill } = await buildFirmwareArtefact(personality, 16);
      expect(await billFaults(bill)).toEqual([]);
      const read = componentsOf(bill, 'sbom.cdx.json');
      const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
      expect(read.ok && [...read.value].sort(byName)).toEqual([...personality.components].sort(byName));
      expect(Buffer.from(bill).toString()).toContain('TEST ONLY');
    },
  );

  it('is in the package, and the package is the same when it is built again', async () => {
    const one = await buildFirmwareArtefact(ALL[0]!, 64);
    const two = await buildFirmwareArtefact(ALL[0]!, 64);
    expect(one).toEqual(two);
    const read = readFirmwarePackage(one.packageBytes);
    expect(read.personality !== null && read.billOfMaterials).toEqual(Buffer.from(one.billOfMaterials));
  });

  it('with a fault is told apart, with the place', async () => {
    const { billOfMaterials: bill } = await buildFirmwareArtefact(ALL[0]!, 16);
    const wrong = { ...JSON.parse(Buffer.from(bill).toString()), version: 'first' };
    expect(await billFaults(Buffer.from(JSON.stringify(wrong)))).toEqual(['/version must be integer']);
    expect(await billFaults(Buffer.from('{'))).toEqual([expect.stringMatching(/^no JSON/)]);
    const unknown = { ...JSON.parse(Buffer.from(bill).toString()), colour: 'red' };
    expect(await billFaults(Buffer.from(JSON.stringify(unknown)))).not.toEqual([]);
  });
});
