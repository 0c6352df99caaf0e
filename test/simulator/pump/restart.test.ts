import { describe, expect, it } from 'vitest';
import { MINUTE_MS, Rig } from './rig.ts';

/** An occlusion at 120 mL/h, found after some 12 s; the line is opened again `afterMs` later. */
function occlude(rig: Rig, afterMs: number): void {
  const raised = () => rig.story().filter((what) => what === 'downstream-occlusion raised').length;
  const before = raised();
  rig.pump.physical({ event: 'line-clamped', channel: 'A' });
  for (let waits = 0; raised() === before; waits++) {
    expect(waits).toBeLessThan(300);
    rig.run(100);
  }
  rig.run(afterMs);
  rig.pump.physical({ event: 'line-opened', channel: 'A' });
}
const fast = (): Rig => new Rig().on().infuse({ drug: null, rateMlPerH: 120, volumeToBeInfusedMl: 500 });
const set = (rig: Rig, value: number) =>
  rig.nurse({ action: 'configure', channel: 'A', setting: { name: 'autoRestarts', value } });

describe('an occlusion that is gone soon', () => {
  it('starts the infusion again without a key, and dismisses its alarm', () => {
    const rig = fast();
    occlude(rig, 30_000);
    expect(rig.channel()).toMatchObject({ mode: 'primary', therapy: 'infusing' });
    expect(rig.alarms()).toEqual([]);
    expect(rig.lastEvent('auto-restarted')?.detail).toEqual({ times: 1 });
  });

  it('waits for somebody if it took longer than 40 s', () => {
    const rig = fast();
    occlude(rig, 41_000);
    expect(rig.channel().therapy).toBe('stopped');
    expect(rig.alarms()).toEqual(['downstream-occlusion']);
  });

  it('starts again so many times within ten minutes, and again once they have rolled by', () => {
    const rig = fast();
    for (let times = 1; times <= 3; times++) {
      occlude(rig, 1_000);
      expect(rig.channel().therapy).toBe('infusing');
    }
    occlude(rig, 1_000);
    expect(rig.channel().therapy).toBe('stopped');
    rig.nurse({ action: 'clear' });
    rig.nurse({ action: 'resume', channel: 'A' });
    rig.run(10 * MINUTE_MS);
    occlude(rig, 1_000);
    expect(rig.lastEvent('auto-restarted')?.detail).toEqual({ times: 1 });
  });

  it('never does with 0 restarts', () => {
    const rig = new Rig().on();
    set(rig, 0);
    rig.infuse({ drug: null, rateMlPerH: 120, volumeToBeInfusedMl: 500 });
    occlude(rig, 1_000);
    expect(rig.channel().therapy).toBe('stopped');
  });

  it('does not past another alarm or fault', () => {
    const rig = fast();
    rig.pump.physical({ event: 'line-clamped', channel: 'A' });
    rig.run(15_000);
    rig.pump.physical({ event: 'temperature-changed', celsius: 60 });
    rig.pump.physical({ event: 'line-opened', channel: 'A' });
    expect(rig.channel().therapy).toBe('stopped');
    const faulty = fast();
    faulty.pump.physical({ event: 'line-clamped', channel: 'A' });
    faulty.run(15_000);
    faulty.pump.physical({ event: 'door-opened', channel: 'A' });
    faulty.pump.physical({ event: 'line-opened', channel: 'A' });
    expect(faulty.channel().therapy).toBe('stopped');
  });

  it('is written down and told for its own channel only', () => {
    const rig = fast().infuse({ drug: 'heparin', rateMlPerH: 20 }, 'B');
    occlude(rig, 1_000);
    expect(rig.lastEvent('auto-restarted')?.channel).toBe('A');
    expect(rig.channel('B')).toMatchObject({ therapy: 'infusing', flowMlPerH: 20 });
  });
});
