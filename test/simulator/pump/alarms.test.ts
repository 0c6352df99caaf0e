import { describe, expect, it } from 'vitest';
import { Rig } from './rig.ts';

const occluded = (): Rig => {
  const rig = new Rig().on().infuse({ rateMlPerH: 60 });
  rig.pump.physical({ event: 'line-clamped', channel: 'A' });
  // Long after its alarm: too late to start again by itself.
  return rig.run(2 * 60_000);
};

describe('alarms', () => {
  it('carry their priority', () => {
    expect(occluded().pump.reading().alarms).toMatchObject([
      { alarm: 'downstream-occlusion', priority: 'high', channel: 'A' },
    ]);
  });

  it('are silenced for 2 minutes, not longer', () => {
    const rig = occluded();
    rig.nurse({ action: 'silence' });
    const silencedMs = rig.clock.now();
    expect(rig.pump.reading().alarms[0]?.silencedUntilMs).toBe(silencedMs + 120_000);
    rig.run(120_000);
    expect(rig.pump.reading().alarms[0]?.silencedUntilMs).toBeNull();
    expect(rig.lastEvent('silence-ended')).toMatchObject({ atMs: silencedMs + 120_000, channel: 'A' });
  });

  it('sound again when another one comes', () => {
    const rig = new Rig({ batteryPercent: 2 }).on().infuse();
    rig.pump.physical({ event: 'mains-lost' });
    rig.run(1);
    rig.nurse({ action: 'silence' });
    rig.pump.physical({ event: 'door-opened', channel: 'A' });
    const silenced = rig.pump
      .reading()
      .alarms.map(({ alarm, silencedUntilMs }) => [alarm, silencedUntilMs !== null]);
    expect(silenced).toEqual([
      ['battery-low', true],
      ['door-open', false],
    ]);
  });

  it('are not cleared while their cause is there, and refuse where there is none', () => {
    const rig = occluded();
    expect(rig.nurse({ action: 'clear' })).toMatchObject({ accepted: false });
    rig.pump.physical({ event: 'line-opened', channel: 'A' });
    expect(rig.nurse({ action: 'clear' })).toEqual({ accepted: true });
    expect(rig.nurse({ action: 'clear' })).toMatchObject({ reason: 'there is no alarm' });
    expect(rig.nurse({ action: 'silence' })).toMatchObject({ reason: 'there is no alarm' });
  });

  it('stay when another one is cleared', () => {
    const rig = new Rig({ batteryPercent: 2 }).on().infuse();
    rig.pump.physical({ event: 'mains-lost' });
    rig.run(1);
    rig.pump.physical({ event: 'door-opened', channel: 'A' });
    rig.pump.physical({ event: 'door-closed', channel: 'A' });
    rig.nurse({ action: 'clear' });
    expect(rig.alarms()).toEqual(['battery-low']);
  });

  it('are raised once, however often the cause comes back before it is cleared', () => {
    const rig = new Rig().on().infuse();
    rig.pump.physical({ event: 'door-opened', channel: 'A' });
    rig.pump.physical({ event: 'door-closed', channel: 'A' });
    rig.pump.physical({ event: 'door-opened', channel: 'A' });
    expect(rig.story().filter((what) => what === 'door-open raised')).toHaveLength(1);
    rig.pump.physical({ event: 'door-closed', channel: 'A' });
    rig.nurse({ action: 'clear' });
    expect(rig.alarms()).toEqual([]);
  });

  it('show the most urgent first', () => {
    const rig = new Rig({ batteryPercent: 2 }).on().infuse({ rateMlPerH: 60 });
    rig.pump.physical({ event: 'mains-lost' });
    rig.run(1);
    expect(rig.pump.reading().display).toMatch(/^BATTERY LOW/);
    rig.pump.physical({ event: 'door-opened', channel: 'A' });
    expect(rig.pump.reading().display).toMatch(/^A: DOOR OPEN/);
  });
});
