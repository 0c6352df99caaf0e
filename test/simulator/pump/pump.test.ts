import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../clock/index.ts';
import { integrateMl } from '../../../simulator/physics/index.ts';
import { HOUR_MS, MINUTE_MS, NOREPINEPHRINE, Rig, sampleLibrary } from './rig.ts';

/** A shift with a bit of everything; what happens depends on the seed only. */
function shift(seed: number): Rig {
  const rig = new Rig({ seed })
    .on()
    .infuse({ rateMlPerH: 30 })
    .run(20 * MINUTE_MS);
  rig.nurse({ action: 'change-rate', channel: 'A', rateMlPerH: 55 });
  rig.pump.link('online');
  rig.pump.physical({ event: 'line-clamped', channel: 'A' });
  rig.run(10 * MINUTE_MS);
  rig.pump.physical({ event: 'line-opened', channel: 'A' });
  rig.nurse({ action: 'clear' });
  rig.nurse({ action: 'resume', channel: 'A' });
  return rig.run(3 * HOUR_MS);
}

describe('a pump', () => {
  it('tells the same facts for the same seed, and its own self-test for another', () => {
    expect(shift(1).facts).toEqual(shift(1).facts);
    expect(shift(1).lastEvent('self-test-passed')?.atMs).not.toBe(
      shift(2).lastEvent('self-test-passed')?.atMs,
    );
  });

  it('keeps the flow as it was: its integral is what was delivered, at any time', () => {
    const rig = shift(3);
    const flow = rig.pump.flow().filter(({ channel }) => channel === 'A');
    for (let atMs = 0; atMs <= rig.clock.now(); atMs += 97_531) {
      expect(integrateMl(flow, atMs)).toBeCloseTo(rig.pump.totalDeliveredMl('A', atMs), 6);
    }
    expect(rig.pump.totalDeliveredMl('A', rig.clock.now())).toBe(rig.channel().totalDeliveredMl);
    expect(rig.pump.totalDeliveredMl('Z', rig.clock.now())).toBe(0);
    for (const [index, segment] of flow.entries()) {
      expect(segment.flowMlPerH).not.toBe(flow[index - 1]?.flowMlPerH);
      expect(segment.fromMs).toBeGreaterThan(flow[index - 1]?.fromMs ?? -1);
    }
  });

  it('does not care about its link', () => {
    const quiet = new Rig().on().infuse().run(HOUR_MS);
    const busy = new Rig().on().infuse();
    for (let minute = 0; minute < 60; minute++) {
      busy.pump.link((['offline', 'connecting', 'online', 'online'] as const)[minute % 4]!);
      busy.run(MINUTE_MS);
    }
    expect(busy.pump.flow()).toEqual(quiet.pump.flow());
    expect(busy.channel()).toEqual(quiet.channel());
    expect(busy.story().filter((what) => what.startsWith('link-'))).toHaveLength(44);
  });

  it('writes down that an outage begins and ends, and not each attempt to end it', () => {
    const rig = new Rig().on();
    rig.pump.link('online');
    for (let attempt = 0; attempt < 100; attempt++) {
      rig.pump.link('offline');
      rig.pump.link('connecting');
      rig.run(MINUTE_MS);
    }
    rig.pump.link('online');
    rig.pump.link('offline');
    const told = rig.story().filter((what) => what.startsWith('link-'));
    expect(told).toEqual(
      ['online', 'offline', 'connecting', 'offline', 'online', 'offline'].map((state) => `link-${state}`),
    );
  });

  it('acts on what is due at its own time, even if the timer comes late', () => {
    const rig = new Rig().on();
    const startMs = rig.clock.now();
    let lateMs = 0;
    // A clock that has run on by 7 s before it calls, as a busy process lets it.
    const late: Clock = {
      now: () => rig.clock.now() + lateMs,
      at: (dueMs, callback) => rig.clock.at(dueMs, callback),
      after: (delayMs, callback) => rig.clock.after(delayMs, callback),
    };
    const other = new Rig({ clock: late });
    other.nurse({ action: 'power-on', newPatient: true });
    rig.run(70_000);
    other.infuse({ rateMlPerH: 60, volumeToBeInfusedMl: 10 });
    lateMs = 10 * MINUTE_MS + 7_000;
    expect(other.nurse({ action: 'pause', channel: 'A' })).toEqual({ accepted: true });
    expect(other.raised('infusion-complete')?.atMs).toBe(startMs + 70_000 + 10 * MINUTE_MS);
    expect(other.pump.totalDeliveredMl('A', late.now())).toBeCloseTo(10 + (5 * 7_000) / HOUR_MS, 6);
  });

  it('lets a listener press keys: facts stay in order', () => {
    const rig = new Rig().on().infuse();
    const heard: string[] = [];
    rig.pump.onFact((fact) => {
      const what = fact.fact === 'event' ? fact.event : fact.alarm;
      heard.push(what);
      if (what === 'infusion-paused') rig.nurse({ action: 'stop', channel: 'A' });
    });
    const heardLast: string[] = [];
    rig.pump.onFact((fact) => heardLast.push(fact.fact === 'event' ? fact.event : fact.alarm));
    rig.nurse({ action: 'pause', channel: 'A' });
    expect(heard).toEqual(['infusion-paused', 'infusion-stopped']);
    expect(heardLast).toEqual(heard);
    expect(rig.story().slice(-2)).toEqual(heard);
  });

  it('ends its reports when the listener leaves, and all when it is taken away', () => {
    const rig = new Rig();
    const heard: unknown[] = [];
    const leave = rig.pump.onFact((fact) => heard.push(fact));
    leave();
    rig.on();
    expect(heard).toEqual([]);
    rig.infuse();
    rig.pump.dispose();
    expect(rig.clock.nextDueMs()).toBeUndefined();
    const before = rig.facts.length;
    rig.run(HOUR_MS * 10);
    expect(rig.nurse({ action: 'silence' })).toMatchObject({ accepted: false });
    expect(rig.facts).toHaveLength(before);
  });

  it('lets only those press a key who may', () => {
    const rig = new Rig().on();
    for (const role of ['patient', 'pharmacist', 'biomed'] as const) {
      const result = rig.pump.bedside(role, { action: 'programme', channel: 'A', programme: NOREPINEPHRINE });
      expect(result).toEqual({ accepted: false, reason: `a ${role} may not programme`, control: null });
    }
    expect(rig.channel().therapy).toBe('standby');
    expect(rig.lastEvent('action-refused')?.channel).toBe('A');
  });
});

describe('a pump whose machine throws', () => {
  /** An infusion under limits that rot away while it runs; the next look at them throws. */
  function broken(): Rig {
    let rotten = false;
    const entries = sampleLibrary().entries.map((entry) =>
      entry.drug === NOREPINEPHRINE.drug
        ? Object.defineProperty({ ...entry }, 'doseUnit', {
            get: () => {
              if (rotten) throw new Error('bit rot');
              return entry.doseUnit;
            },
          })
        : entry,
    );
    const rig = new Rig({ library: { ...sampleLibrary(), entries } }).on().infuse().run(HOUR_MS);
    rotten = true;
    return rig;
  }
  const change = { action: 'change-rate', channel: 'A', rateMlPerH: 20 } as const;

  it('stops safely, alarms, and refuses whatever comes', () => {
    const rig = broken();
    expect(rig.channel().flowMlPerH).toBe(12);
    expect(rig.nurse(change)).toMatchObject({ accepted: false });
    expect(rig.alarms()).toEqual(['system-failure']);
    expect(rig.lastEvent('system-failure')?.detail.reason).toContain('bit rot');
    expect(rig.channel()).toMatchObject({ therapy: 'stopped', flowMlPerH: 0 });
    expect(rig.nurse({ action: 'power-off' })).toMatchObject({ accepted: false });
    rig.pump.physical({ event: 'mains-lost' });
    rig.pump.link('online');
    expect(rig.pump.offerLibrary(sampleLibrary())).toMatchObject({ accepted: false });
    expect(rig.story().filter((what) => what === 'event-not-taken')).toHaveLength(4);
    expect(() => rig.run(HOUR_MS)).not.toThrow();
    expect(rig.channel().totalDeliveredMl).toBeCloseTo(12, 9);
  });

  it('stops every channel, whichever one the failure was about', () => {
    const rig = broken().infuse({ drug: 'heparin', rateMlPerH: 20 }, 'B').run(HOUR_MS);
    const givenMl = ['A', 'B'].map((id) => rig.channel(id).totalDeliveredMl);
    expect(givenMl[1]).toBeGreaterThan(19);
    rig.nurse(change);
    rig.run(HOUR_MS);
    for (const [index, id] of ['A', 'B'].entries()) {
      expect(rig.channel(id)).toMatchObject({ therapy: 'stopped', motorRateMlPerH: 0, flowMlPerH: 0 });
      expect(rig.channel(id).totalDeliveredMl).toBeCloseTo(givenMl[index]!, 9);
    }
  });

  it('does not disturb its neighbour on the same clock', () => {
    const rig = broken();
    const neighbour = new Rig({ clock: rig.clock });
    neighbour.nurse({ action: 'power-on', newPatient: true });
    rig.run(70_000);
    neighbour.infuse();
    rig.nurse(change);
    rig.run(HOUR_MS);
    expect(rig.alarms()).toEqual(['system-failure']);
    expect(neighbour.channel().totalDeliveredMl).toBeCloseTo(12, 9);
  });
});
