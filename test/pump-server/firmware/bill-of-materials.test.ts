import { describe, expect, it } from 'vitest';
import { buildFirmwarePackage, readFirmwarePackage } from '../../../protocol/firmware/index.ts';
import {
  billFaults,
  buildFirmwareArtefact,
  componentsOf,
  draftFirmwareManifest,
  verifyFirmware,
} from '../../../pump-server/index.ts';
import { loadPersonalities } from '../../../simulator/firmware/index.ts';

const ALL = loadPersonalities('simulator/firmware/personalities');

/** What `verify` says of the bill of a package around it. */
async function verdictOn(
  bill: Uint8Array,
): Promise<{ readonly holds: boolean; readonly detail: string } | undefined> {
  const packageBytes = buildFirmwarePackage(ALL[0]!, new Uint8Array(8), bill);
  const manifest = draftFirmwareManifest({
    model: ALL[0]!.model,
    firmwareVersion: ALL[0]!.version,
    sequence: 1,
    securityEpoch: ALL[0]!.securityEpoch,
    packageBytes,
    notAfterMs: 1_000,
  });
  const refusesAll = () => {
    throw new Error('nobody signed');
  };
  const findings = await verifyFirmware({ manifest, packageBytes }, refusesAll, 0);
  return findings.find(({ what }) => what === 'bill of materials');
}

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

  it('in a package is held to the schema, and to the components of the personality', async () => {
    const { billOfMaterials: bill } = await buildFirmwareArtefact(ALL[0]!, 16);
    expect(await verdictOn(bill)).toEqual({
      what: 'bill of materials',
      holds: true,
      detail: `valid CycloneDX 1.6 with ${ALL[0]!.components.length} components`,
    });
    const whole = JSON.parse(Buffer.from(bill).toString());
    const hidden = { ...whole, dependencies: [], components: whole.components.slice(1) };
    expect(await verdictOn(Buffer.from(JSON.stringify(hidden)))).toMatchObject({
      holds: false,
      detail: expect.stringMatching(/^it does not name [a-z-]+ \d/),
    });
    const crooked = { ...whole, version: 'first' };
    expect(await verdictOn(Buffer.from(JSON.stringify(crooked)))).toMatchObject({
      holds: false,
      detail: 'no CycloneDX 1.6: /version must be integer',
    });
  });
});
