import { describe, expect, test } from 'vitest';
import { unsettled } from '../../../clock/index.ts';
import { signFirmware, signLibrary } from '../../../pump-server/index.ts';
import { loadPersonalities } from '../../../simulator/firmware/index.ts';
import { loadWardData } from '../../../testbed/data.ts';
import { samplePackage } from '../../helpers/firmware.ts';
import { ShellRig } from './shell-rig.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A library that nobody signed, for firmware from `minimumFirmware` on: no control looks here. */
async function release(rig: ShellRig, minimumFirmware: string): Promise<void> {
  const { careArea } = rig.pump;
  const shipped = loadWardData().libraries.find(({ library }) => library.careArea === careArea)!;
  const library = { ...shipped.library, version: '2.0.0', sequence: 2 };
  const draft = {
    libraryId: library.id,
    version: library.version,
    sequence: library.sequence,
    careArea,
    models: [rig.pump.model.id],
    minimumFirmware,
    contentBytes: Buffer.from(JSON.stringify(library)),
    notAfterMs: rig.clock.now() + DAY_MS,
  };
  rig.server.releaseLibrary(await signLibrary(draft, [], unsettled));
}

async function update(rig: ShellRig, version: string): Promise<void> {
  const newer = loadPersonalities('simulator/firmware/personalities').find(
    (one) => one.model === rig.pump.model.id && one.version === '1.1.0',
  )!;
  const personality = { ...newer, version };
  const draft = {
    model: personality.model,
    firmwareVersion: version,
    sequence: 1,
    securityEpoch: personality.securityEpoch,
    dependencies: personality.dependencies,
    packageBytes: samplePackage(personality, 1_000),
    notAfterMs: rig.clock.now() + DAY_MS,
  };
  rig.server.releaseFirmware(await signFirmware(draft, [], unsettled));
  await rig.run(10 * MINUTE_MS);
}

const pending = (rig: ShellRig) => rig.pump.libraries.pending?.version ?? null;

describe('a library for a firmware that is not there yet', () => {
  test('is refused, and taken when that firmware runs, though the link never went and nobody sends it again', async () => {
    const rig = await new ShellRig().start();
    await release(rig, '1.8.0');
    await rig.run(MINUTE_MS);
    expect([pending(rig), rig.seen('library.refused').length]).toEqual([null, 1]);
    await update(rig, '1.8.0');
    expect(rig.pump.firmware.version).toBe('1.8.0');
    expect(pending(rig)).toBe('2.0.0');
  });

  test('is refused once more by a firmware that is still too old', async () => {
    const rig = await new ShellRig().start();
    await release(rig, '1.9.0');
    await update(rig, '1.8.0');
    expect([pending(rig), rig.seen('library.refused').length]).toEqual([null, 2]);
  });
});
