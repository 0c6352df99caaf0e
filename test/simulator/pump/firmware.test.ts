import { describe, expect, it } from 'vitest';
import { firmwareOf, MINUTE_MS, Rig } from './rig.ts';

const V11 = firmwareOf('lvp', '1.1.0');
const BAD = { ...V11, version: '1.1.1', selfTest: 'fails' } as const;

describe('an update', () => {
  it('is written beside what runs, applied in standby, tried, and kept', () => {
    const rig = new Rig().on();
    rig.pump.transfer('firmware', { step: 'download-started', version: '1.1.0' });
    rig.pump.transfer('firmware', { step: 'download-ended', version: '1.1.0' });
    expect(rig.pump.stageFirmware(V11)).toBe('staging');
    expect(rig.channel().therapy).toBe('standby');
    rig.run(20_000);
    expect(rig.channel().therapy).toBe('off');
    expect(rig.nurse({ action: 'power-off' })).toMatchObject({ accepted: false });
    rig.run(5 * MINUTE_MS);
    expect(rig.pump.firmware).toBe(V11);
    expect(rig.pump.highestEpoch).toBe(2);
    expect(rig.channel().therapy).toBe('standby');
    expect(
      rig
        .story()
        .filter((what) => what !== 'action-refused')
        .slice(-4),
    ).toEqual(['firmware-applying', 'firmware-trial', 'self-test-passed', 'firmware-updated']);
  });

  it('waits while something is programmed, and comes of itself when it is not', () => {
    const rig = new Rig().on().infuse();
    expect(rig.pump.stageFirmware(V11)).toBe('deferred');
    rig.run(5 * MINUTE_MS);
    expect(rig.story()).toContain('firmware-deferred');
    rig.nurse({ action: 'pause', channel: 'A' });
    rig.run(5 * MINUTE_MS);
    expect(rig.pump.reading().firmware).toMatchObject({ running: '1.0.0', staged: '1.1.0' });
    rig.nurse({ action: 'stop', channel: 'A' });
    rig.run(5 * MINUTE_MS);
    expect(rig.pump.reading().firmware).toMatchObject({ running: '1.1.0', staged: null });
  });

  it('is applied when the pump is off, which stays off', () => {
    const rig = new Rig().on().infuse();
    rig.pump.stageFirmware(V11);
    rig.nurse({ action: 'pause', channel: 'A' });
    rig.nurse({ action: 'power-off' });
    rig.run(5 * MINUTE_MS);
    expect(rig.pump.reading()).toMatchObject({ on: false, firmware: { running: '1.1.0', staged: null } });
    expect(rig.on().channel().therapy).toBe('standby');
  });

  it('goes back to what ran before if it does not pass its trial', () => {
    const rig = new Rig().on();
    rig.pump.stageFirmware(BAD);
    rig.run(5 * MINUTE_MS);
    expect(rig.pump.reading().firmware.running).toBe('1.0.0');
    expect(rig.pump.highestEpoch).toBe(1);
    expect(rig.lastEvent('firmware-rolled-back')?.detail).toEqual({ from: '1.1.1', to: '1.0.0', slot: 'A' });
    expect(rig.channel().therapy).toBe('standby');
    expect(rig.pump.stageFirmware(V11)).toBe('staging');
  });

  it('does not begin on a weak battery, and survives a power cut', () => {
    const rig = new Rig({ batteryPercent: 10 }).on();
    rig.pump.physical({ event: 'mains-lost' });
    rig.pump.stageFirmware(V11);
    rig.run(MINUTE_MS);
    expect(rig.story()).toContain('firmware-deferred');
    rig.pump.physical({ event: 'mains-restored' });
    expect(rig.pump.reading().display).toContain('UPDATE IN PROGRESS');
    rig.run(5 * MINUTE_MS);
    expect(rig.pump.firmware).toBe(V11);
  });

  it('is not taken for another model, nor while another is under way', () => {
    const rig = new Rig().on();
    expect(rig.pump.stageFirmware(firmwareOf('pca', '1.1.0'))).toMatchObject({ accepted: false });
    rig.pump.stageFirmware(V11);
    rig.run(MINUTE_MS);
    expect(rig.pump.stageFirmware(firmwareOf('lvp', '1.2.0'))).toMatchObject({ accepted: false });
    rig.run(5 * MINUTE_MS);
    expect(rig.pump.firmware).toBe(V11);
    rig.pump.transfer('firmware', {
      step: 'refused',
      version: '9.9.9',
      reason: 'x',
      control: 'signed-firmware',
    });
    expect(rig.lastEvent('firmware-refused')?.detail.control).toBe('signed-firmware');
  });

  it('counts a downgrade as run, but the highest epoch stays', () => {
    const rig = new Rig({ firmware: firmwareOf('lvp', '1.2.0') }).on();
    rig.pump.stageFirmware(V11);
    rig.run(5 * MINUTE_MS);
    expect(rig.pump.reading().firmware.running).toBe('1.1.0');
    expect(rig.pump.highestEpoch).toBe(3);
  });
});
