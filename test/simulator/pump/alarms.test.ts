import { describe, expect, it } from 'vitest';
import { type PhysicalEvent, SILENCE_MS } from '../../../simulator/pump/index.ts';
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

describe('a silenced alarm whose cause was gone and is back', () => {
  const causes: readonly (readonly [string, readonly PhysicalEvent[], readonly PhysicalEvent[]])[] = [
    ['door-open', [{ event: 'door-opened', channel: 'A' }], [{ event: 'door-closed', channel: 'A' }]],
    [
      'channel-disconnected',
      [{ event: 'channel-detached', channel: 'A' }],
      [{ event: 'channel-attached', channel: 'A' }],
    ],
    [
      'sensor-failed',
      [{ event: 'sensor-failed', channel: 'A', sensor: 'air' }],
      [{ event: 'sensor-repaired', channel: 'A', sensor: 'air' }],
    ],
    [
      'air-in-line',
      [{ event: 'air-entered', channel: 'A', volumeMicroL: 300 }],
      [{ event: 'air-purged', channel: 'A' }],
    ],
    [
      'reservoir-empty',
      [{ event: 'reservoir-changed', channel: 'A', volumeMl: 0 }],
      [{ event: 'reservoir-changed', channel: 'A', volumeMl: 100 }],
    ],
    [
      'overheated',
      [{ event: 'temperature-changed', celsius: 60 }],
      [{ event: 'temperature-changed', celsius: 20 }],
    ],
    ['key-stuck', [{ event: 'key-stuck' }], [{ event: 'key-released' }]],
  ];

  it.each(causes)('sounds again: %s', (alarm, begins, ends) => {
    const rig = new Rig().on().infuse({ rateMlPerH: 60 });
    const happen = (events: readonly PhysicalEvent[]) => {
      for (const event of events) rig.pump.physical(event);
    };
    const silencedUntilMs = () =>
      rig.pump.reading().alarms.find((each) => each.alarm === alarm)?.silencedUntilMs;
    happen(begins);
    rig.run(40_000);
    expect(rig.alarms()).toContain(alarm);
    rig.nurse({ action: 'silence' });
    happen(ends);
    // Its cause is gone, and it stays silent until it is cleared.
    expect(silencedUntilMs()).toBe(rig.clock.now() + SILENCE_MS);
    rig.run(10_000);
    happen(begins);
    expect(silencedUntilMs()).toBeNull();
    expect(rig.nurse({ action: 'clear' })).toMatchObject({ reason: 'the cause is still there' });
  });

  it('sounds again: another bolus over its limit', () => {
    const rig = new Rig().on().infuse({ drug: 'midazolam', rateMlPerH: 2 });
    const bolus = () => rig.nurse({ action: 'bolus', channel: 'A', volumeMl: 6 });
    bolus();
    rig.nurse({ action: 'silence' });
    expect(rig.pump.reading().alarms[0]?.silencedUntilMs).toBe(rig.clock.now() + SILENCE_MS);
    bolus();
    expect(rig.pump.reading().alarms).toMatchObject([{ alarm: 'dose-limit', silencedUntilMs: null }]);
  });
});
