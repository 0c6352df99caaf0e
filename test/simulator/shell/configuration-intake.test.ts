import { expect, test } from 'vitest';
import { unsettled } from '../../../clock/index.ts';
import { createMemoryPki } from '../../../pki/index.ts';
import { CONTROL_IDS, type DeviceConfiguration } from '../../../protocol/index.ts';
import { signDocument } from '../../../pump-server/index.ts';
import { configurationOf } from '../../helpers/configuration.ts';
import { ShellRig } from './shell-rig.ts';

const PRESET = 525;

/** A pump that goes by every control, and a server that releases whatever it is given. */
class ConfigurationRig extends ShellRig {
  readonly pki = createMemoryPki({ clock: this.clock });

  constructor() {
    super({
      firmware: '1.2.0',
      controls: new Set(CONTROL_IDS),
      judge: (chain, use, atMs) => this.pki.judge({ revocation: true })(chain, use, atMs),
    });
  }

  async release(change: Partial<DeviceConfiguration> = {}) {
    const keys = (['biomed', 'security'] as const).map((kind) =>
      this.pki.credentialFor({ kind, id: `${kind}-01` }),
    );
    this.server.releaseDocument(await signDocument(configurationOf(change), keys, unsettled));
    await this.run(10_000);
  }

  async switchedOn(): Promise<this> {
    await this.start();
    this.pump.bedside('nurse', { action: 'power-on', newPatient: true });
    await this.run(120_000);
    return this;
  }

  async infuse(): Promise<void> {
    const programme = { orderId: 'o', drug: null, rateMlPerH: 20, volumeToBeInfusedMl: 50 };
    this.pump.bedside('nurse', { action: 'programme', channel: 'A', programme });
    this.pump.bedside('nurse', { action: 'confirm', channel: 'A' });
    expect(this.pump.bedside('nurse', { action: 'start', channel: 'A' })).toEqual({ accepted: true });
    await this.run(60_000);
  }

  get occlusionLimitMmHg(): number | undefined {
    return this.pump.channelReading('A')?.occlusionLimitMmHg;
  }
}

test('a configuration is taken in standby, really changes the limits, and shows in status, log and evidence', async () => {
  const rig = await new ConfigurationRig().switchedOn();
  expect([rig.occlusionLimitMmHg, rig.on('status').at(-1)?.message.body.configuration]).toEqual([
    PRESET,
    null,
  ]);
  await rig.release();
  expect(rig.occlusionLimitMmHg).toBe(400);
  expect(rig.on('status').at(-1)?.message.body.configuration).toBe('1.0.0');
  const taken = rig.on('event').filter(({ message }) => message.body.event === 'configuration-taken');
  expect(taken.map(({ message }) => message.body.detail)).toMatchObject([
    { version: '1.0.0', networkProfile: 'ward-eap-tls', broker: '127.0.0.1:8883', occlusionLimitMmHg: 400 },
  ]);
  expect(rig.seen('configuration.accepted')).toMatchObject([{ object: 'configuration 1.0.0' }]);
});

test('it holds for the next patient too, and after the power went', async () => {
  const rig = await new ConfigurationRig().switchedOn();
  await rig.release();
  rig.pump.physical({ event: 'battery-failed' });
  rig.pump.physical({ event: 'mains-lost' });
  await rig.run(60_000);
  rig.pump.physical({ event: 'battery-replaced' });
  rig.pump.physical({ event: 'mains-restored' });
  rig.pump.bedside('nurse', { action: 'power-on', newPatient: true });
  await rig.run(120_000);
  expect(rig.occlusionLimitMmHg).toBe(400);
  expect(rig.pump.configuration).toMatchObject({ settings: { timeServer: '127.0.0.1' } });
  // The retained one that comes again changes nothing.
  expect(rig.seen('configuration.accepted')).toHaveLength(1);
});

test('while a therapy runs it is refused, and taken when the therapy has ended', async () => {
  const rig = await new ConfigurationRig().switchedOn();
  await rig.infuse();
  await rig.release();
  expect(rig.occlusionLimitMmHg).toBe(PRESET);
  expect(rig.seen('configuration.refused')).toMatchObject([{ control: 'therapy-lock' }]);
  rig.pump.bedside('nurse', { action: 'pause', channel: 'A' });
  await rig.run(1_000);
  expect(rig.occlusionLimitMmHg).toBe(PRESET);
  rig.pump.bedside('nurse', { action: 'stop', channel: 'A' });
  await rig.run(1_000);
  expect(rig.occlusionLimitMmHg).toBe(400);
  expect(rig.seen('configuration.refused')).toHaveLength(1);
});

test('what waits is judged anew: it may have expired', async () => {
  const rig = await new ConfigurationRig().switchedOn();
  await rig.infuse();
  await rig.release({ notAfter: new Date(rig.clock.now() + 60_000).toISOString() });
  await rig.run(120_000);
  rig.pump.bedside('nurse', { action: 'stop', channel: 'A' });
  await rig.run(1_000);
  expect(rig.seen('configuration.refused').map(({ control }) => control)).toEqual([
    'therapy-lock',
    'signed-configuration',
  ]);
  expect(rig.occlusionLimitMmHg).toBe(PRESET);
});

test('what nobody signed, or one person, is refused and changes nothing', async () => {
  const rig = await new ConfigurationRig().switchedOn();
  rig.server.releaseDocument(configurationOf());
  await rig.run(10_000);
  expect(rig.seen('configuration.refused')).toMatchObject([{ control: 'signed-configuration' }]);
  expect([rig.occlusionLimitMmHg, rig.pump.configuration]).toEqual([PRESET, null]);
});
