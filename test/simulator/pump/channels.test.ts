import { describe, expect, it } from 'vitest';
import type { PhysicalEvent } from '../../../simulator/pump/index.ts';
import { HOUR_MS, MINUTE_MS, Rig } from './rig.ts';

const HEPARIN = {
  orderId: 'order-b',
  drug: 'heparin',
  weightKg: 80,
  rateMlPerH: 20,
  volumeToBeInfusedMl: 200,
} as const;
const both = (): Rig => new Rig().on().infuse().infuse(HEPARIN, 'B');

/** What can happen to channel B, each followed by half an hour. */
const AFFAIRS: readonly (readonly [string, (rig: Rig) => void])[] = [
  ...(
    [
      { event: 'line-clamped', channel: 'B' },
      { event: 'supply-clamped', channel: 'B' },
      { event: 'air-entered', channel: 'B', volumeMicroL: 300 },
      { event: 'reservoir-changed', channel: 'B', volumeMl: 1 },
      { event: 'door-opened', channel: 'B' },
      { event: 'channel-detached', channel: 'B' },
      { event: 'sensor-failed', channel: 'B', sensor: 'flow' },
      { event: 'motor-slipping', channel: 'B', share: 0.5 },
    ] satisfies PhysicalEvent[]
  ).map((event) => [event.event, (rig: Rig) => rig.pump.physical(event)] as const),
  ['a pause', (rig) => rig.nurse({ action: 'pause', channel: 'B' })],
  ['a stop', (rig) => rig.nurse({ action: 'stop', channel: 'B' })],
  ['a new rate', (rig) => rig.nurse({ action: 'change-rate', channel: 'B', rateMlPerH: 40 })],
];

describe('what happens to one channel', () => {
  it.each(AFFAIRS)('%s does not disturb the other', (_, affair) => {
    const rig = both().run(MINUTE_MS);
    affair(rig);
    rig.run(30 * MINUTE_MS);
    const quiet = both().run(31 * MINUTE_MS);
    expect(rig.channel('A')).toEqual(quiet.channel('A'));
    const ofA = (each: Rig) => each.facts.filter(({ channel }) => channel === 'A');
    expect(ofA(rig)).toEqual(ofA(quiet));
    expect(rig.pump.flow().filter(({ channel }) => channel === 'A')).toEqual(
      quiet.pump.flow().filter(({ channel }) => channel === 'A'),
    );
  });

  it.each(AFFAIRS)('%s is told with the name of its channel', (_, affair) => {
    const rig = both();
    const before = rig.facts.length;
    affair(rig);
    rig.run(30 * MINUTE_MS);
    const told = rig.facts.slice(before);
    expect(told.length).toBeGreaterThan(0);
    for (const { channel } of told) expect(channel).toBe('B');
  });
});

describe('two channels', () => {
  it('alarm side by side, and each ends its own', () => {
    const rig = both();
    for (const channel of ['A', 'B']) rig.pump.physical({ event: 'door-opened', channel });
    rig.pump.physical({ event: 'door-closed', channel: 'A' });
    rig.nurse({ action: 'clear' });
    expect(rig.pump.reading().alarms).toMatchObject([{ alarm: 'door-open', channel: 'B' }]);
    expect(rig.nurse({ action: 'resume', channel: 'A' })).toEqual({ accepted: true });
    expect(rig.nurse({ action: 'resume', channel: 'B' })).toMatchObject({ accepted: false });
  });

  it('stand both on the display, each with its drug and rate', () => {
    const { display } = both().pump.reading();
    expect(display).toContain('A INFUSING norepinephrine 12 mL/h');
    expect(display).toContain('B INFUSING heparin 20 mL/h');
  });

  it('count each for itself', () => {
    const rig = both().run(HOUR_MS);
    expect(rig.channel('A').deliveredMl).toBeCloseTo(12, 9);
    expect(rig.channel('B').deliveredMl).toBeCloseTo(20, 9);
  });
});
