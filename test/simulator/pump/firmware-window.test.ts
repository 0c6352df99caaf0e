import { describe, expect, it } from 'vitest';
import { firmwareOf, HOUR_MS, MINUTE_MS, Rig } from './rig.ts';

const V11 = firmwareOf('lvp', '1.1.0');
const WRITTEN_MS = 5 * MINUTE_MS;

/** A window that opens in so many hours and is open for one. */
function windowIn(rig: Rig, hours: number) {
  const fromMs = rig.clock.now() + hours * HOUR_MS;
  return { fromMs, untilMs: fromMs + HOUR_MS };
}

describe('an update with a maintenance window', () => {
  it('is written at once, and applied when the window opens', () => {
    const rig = new Rig().on();
    rig.pump.stageFirmware(V11, windowIn(rig, 2));
    rig.run(2 * HOUR_MS - 1_000);
    expect(rig.pump.reading().firmware).toMatchObject({ running: '1.0.0', staged: '1.1.0' });
    rig.run(WRITTEN_MS);
    expect(rig.pump.reading().firmware).toMatchObject({ running: '1.1.0', staged: null });
  });

  it('waits for the next one if it was missed', () => {
    const rig = new Rig().on().infuse();
    rig.pump.stageFirmware(V11, windowIn(rig, 1));
    rig.run(2 * HOUR_MS + MINUTE_MS);
    rig.nurse({ action: 'stop', channel: 'A' });
    rig.nurse({ action: 'clear' });
    rig.run(HOUR_MS);
    expect(rig.pump.reading().firmware).toMatchObject({ running: '1.0.0', staged: '1.1.0' });
    rig.pump.firmwareWindow('1.1.0', windowIn(rig, 1));
    rig.run(HOUR_MS + WRITTEN_MS);
    expect(rig.pump.reading().firmware.running).toBe('1.1.0');
  });

  it('is applied at once when the window is dropped', () => {
    const rig = new Rig().on();
    rig.pump.stageFirmware(V11, windowIn(rig, 5));
    rig.run(WRITTEN_MS);
    rig.pump.firmwareWindow('1.1.0', null);
    rig.run(WRITTEN_MS);
    expect(rig.pump.reading().firmware.running).toBe('1.1.0');
  });
});

describe('a window that opens while the pump is about something else', () => {
  it('is taken note of while another release is fetched, and the infusion goes on', () => {
    const rig = new Rig().on().infuse();
    rig.pump.stageFirmware(V11, windowIn(rig, 1));
    rig.run(WRITTEN_MS);
    rig.pump.transfer('firmware', { step: 'download-started', version: '1.2.0' });
    rig.run(HOUR_MS + MINUTE_MS);
    expect(rig.channel().therapy).toBe('infusing');
    expect(rig.story()).not.toContain('system-failure');
    const refused = { version: '1.2.0', reason: 'too long', control: null } as const;
    rig.pump.transfer('firmware', { step: 'refused', ...refused });
    rig.nurse({ action: 'stop', channel: 'A' });
    rig.run(WRITTEN_MS);
    expect(rig.pump.reading().firmware.running).toBe('1.1.0');
  });

  it('is taken note of when the pump begins to apply at that very instant', () => {
    const rig = new Rig().on();
    const window = windowIn(rig, 1);
    // Written until the very instant at which the window opens.
    rig.run(HOUR_MS - rig.pump.model.stageSeconds * 1_000);
    rig.pump.stageFirmware(V11, window);
    rig.run(WRITTEN_MS);
    expect(rig.story()).not.toContain('system-failure');
    expect(rig.pump.reading().firmware.running).toBe('1.1.0');
  });
});

describe('an update that is taken back', () => {
  it('is given up while it waits, and can be offered again', () => {
    const rig = new Rig().on().infuse();
    rig.pump.stageFirmware(V11);
    rig.run(WRITTEN_MS);
    rig.pump.withdrawFirmware('1.1.0');
    expect(rig.lastEvent('firmware-withdrawn')?.detail).toEqual({ version: '1.1.0' });
    rig.nurse({ action: 'stop', channel: 'A' });
    rig.run(HOUR_MS);
    expect(rig.pump.reading().firmware).toMatchObject({ running: '1.0.0', staged: null });
    rig.pump.stageFirmware(V11);
    rig.run(WRITTEN_MS);
    expect(rig.pump.reading().firmware.running).toBe('1.1.0');
  });

  it('is finished once it is being applied', () => {
    const rig = new Rig().on();
    rig.pump.stageFirmware(V11);
    rig.run(20_000);
    expect(rig.story()).toContain('firmware-applying');
    rig.pump.withdrawFirmware('1.1.0');
    rig.run(WRITTEN_MS);
    expect(rig.pump.reading().firmware.running).toBe('1.1.0');
  });
});
