import { describe, expect, test } from 'vitest';
import { unsettled } from '../../../clock/index.ts';
import type { FirmwarePersonality } from '../../../protocol/firmware/index.ts';
import { signFirmware } from '../../../pump-server/index.ts';
import { loadPersonalities } from '../../../simulator/firmware/index.ts';
import { samplePackage } from '../../helpers/firmware.ts';
import { ShellRig } from './shell-rig.ts';

const MINUTE_MS = 60_000;
const NEWER = loadPersonalities('simulator/firmware/personalities').find(
  ({ model, version }) => model === 'lvp' && version === '1.1.0',
)!;

/** Releases a package that nobody signed: no control looks here. */
async function release(
  rig: ShellRig,
  personality: FirmwarePersonality,
  packageBytes = samplePackage(personality, 500_000),
): Promise<void> {
  const draft = {
    model: personality.model,
    firmwareVersion: personality.version,
    sequence: 1,
    securityEpoch: personality.securityEpoch,
    dependencies: personality.dependencies,
    packageBytes,
    notAfterMs: rig.clock.now() + 86_400_000,
  };
  rig.server.releaseFirmware(await signFirmware(draft, [], unsettled));
}

const slotsOf = (rig: ShellRig) => rig.on('status').at(-1)?.message.body.firmwareSlots;
const refusals = (rig: ShellRig) => rig.seen('firmware.refused').map(({ cause }) => cause);
const confirmed = (version: string) => ({ state: 'confirmed', version });
const EMPTY = { state: 'empty', version: null };

describe('a firmware package on its way to a pump', () => {
  test('ends in the other slot, which the status shows step by step', async () => {
    const rig = await new ShellRig().start();
    const before = rig.pump.firmware.version;
    expect(slotsOf(rig)).toEqual({ active: 'A', A: confirmed(before), B: EMPTY });
    await release(rig, NEWER);
    await rig.run(10 * MINUTE_MS);
    expect(rig.pump.firmware.version).toBe('1.1.0');
    const seen = rig.on('status').map(({ message }) => message.body.firmwareSlots.B.state);
    expect(seen.filter((state, index) => state !== seen[index - 1])).toEqual([
      'empty',
      'writing',
      'staged',
      'trial',
      'confirmed',
    ]);
    expect(slotsOf(rig)).toEqual({ active: 'B', A: confirmed(before), B: confirmed('1.1.0') });
  });

  test('that needs what the pump does not have is refused before anything is fetched', async () => {
    const rig = await new ShellRig().start();
    await release(rig, { ...NEWER, dependencies: [{ component: 'bootloader', minimumVersion: '9.0.0' }] });
    await rig.run(10 * MINUTE_MS);
    expect(refusals(rig)).toEqual(['it needs bootloader 9.0.0, this pump has 1.4.0']);
    expect(
      rig.made.filter(({ body }) => 'event' in body && body.event === 'firmware-download-started'),
    ).toEqual([]);
    expect(slotsOf(rig).B).toEqual(EMPTY);
  });

  test('that is no archive is refused with the reason, and the pump keeps what it has', async () => {
    const rig = await new ShellRig().start();
    const before = rig.pump.firmware;
    await release(rig, NEWER, Buffer.concat([Buffer.from('MZ'), samplePackage(NEWER, 100)]));
    await rig.run(10 * MINUTE_MS);
    expect(refusals(rig)[0]).toMatch(/^its directory is not where it says/);
    expect(rig.pump.firmware).toBe(before);
  });

  test('that bricks is rolled back, and is not fetched again when the link comes back', async () => {
    const rig = await new ShellRig().start();
    const before = rig.pump.firmware.version;
    await release(rig, { ...NEWER, version: '1.1.7', selfTest: 'hangs' });
    await rig.run(10 * MINUTE_MS);
    expect(slotsOf(rig)).toEqual({
      active: 'A',
      A: confirmed(before),
      B: { state: 'failed', version: '1.1.7' },
    });
    rig.broker.goDown();
    await rig.run(MINUTE_MS);
    rig.broker.comeUp();
    await rig.run(10 * MINUTE_MS);
    expect(rig.shell.isOnline).toBe(true);
    expect(rig.seen('firmware.accepted')).toHaveLength(1);
  });

  test.each([1, 2, 4, 8])(
    'is fetched anew, and is there in the end, when the supply goes at chunk %i',
    async (chunk) => {
      let chunks = 0;
      const asked: number[] = [];
      const rig: ShellRig = new ShellRig({
        dial: (options, handlers) =>
          rig.broker.dial(options, {
            ...handlers,
            message: (topic, payload, ...more) => {
              if (topic.startsWith('artifacts/')) {
                asked.push(Number(topic.split('/').at(-1)));
                chunks += 1;
                if (chunks === chunk) {
                  rig.pump.physical({ event: 'mains-lost' });
                  rig.pump.physical({ event: 'battery-failed' });
                  return;
                }
              }
              handlers.message(topic, payload, ...more);
            },
          }),
      });
      await rig.start();
      await release(rig, NEWER);
      await rig.run(MINUTE_MS);
      expect(rig.pump.reading().on).toBe(false);
      expect(rig.pump.incomingFirmware).toBeNull();
      rig.pump.physical({ event: 'mains-restored' });
      rig.pump.physical({ event: 'battery-replaced' });
      rig.pump.bedside('nurse', { action: 'power-on', newPatient: true });
      await rig.run(15 * MINUTE_MS);
      expect(rig.pump.firmware.version).toBe('1.1.0');
      expect(slotsOf(rig)).toMatchObject({ active: 'B', B: confirmed('1.1.0') });
      // What the communication subsystem had in its memory is gone with the supply.
      expect(asked).toHaveLength(chunk + new Set(asked).size);
    },
  );
});
