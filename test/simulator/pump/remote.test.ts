import { describe, expect, it } from 'vitest';
import { MINUTE_MS, modelOf, NOREPINEPHRINE, Rig } from './rig.ts';

const ACCEPTED = { accepted: true };
const PROGRAMME = { action: 'programme', channel: 'A', programme: NOREPINEPHRINE } as const;
const CONFIRM = { action: 'confirm', channel: 'A' } as const;

describe('a rate from afar', () => {
  it('changes what the next start gives, and starts nothing', () => {
    const rig = new Rig().on();
    rig.nurse(PROGRAMME);
    expect(rig.pump.remoteRate('A', 10)).toEqual(ACCEPTED);
    expect(rig.channel()).toMatchObject({ mode: 'programming', programmedRateMlPerH: 10 });
    rig.nurse(CONFIRM);
    expect(rig.pump.remoteRate('A', 8)).toEqual(ACCEPTED);
    expect(rig.channel()).toMatchObject({ mode: 'ready', programmedRateMlPerH: 8, flowMlPerH: 0 });
    rig.nurse({ action: 'start', channel: 'A' });
    expect(rig.channel().flowMlPerH).toBe(8);
    expect(rig.lastEvent('rate-changed')?.detail).toEqual({ fromMlPerH: 10, toMlPerH: 8, by: 'remote' });
  });

  it('changes what a paused infusion goes on with, and resumes nothing', () => {
    const rig = new Rig().on().infuse();
    rig.nurse({ action: 'pause', channel: 'A' });
    expect(rig.pump.remoteRate('A', 8)).toEqual(ACCEPTED);
    expect(rig.channel()).toMatchObject({ mode: 'paused', flowMlPerH: 0 });
    rig.nurse({ action: 'resume', channel: 'A' });
    expect(rig.channel().flowMlPerH).toBe(8);
  });

  it('keeps within the limits before a start too', () => {
    const rig = new Rig().on();
    expect(rig.pump.remoteRate('A', 8)).toMatchObject({
      reason: 'not possible in standby: nothing is programmed',
    });
    rig.nurse(PROGRAMME);
    expect(rig.pump.remoteRate('A', 900)).toMatchObject({ accepted: false, control: 'dose-limits' });
    expect(rig.channel().programmedRateMlPerH).toBe(12);
  });

  it('counts nothing towards the accumulated limit of a PCA pump before it ran', () => {
    const rig = new Rig({ model: modelOf('pca') }).on();
    rig.nurse({
      ...PROGRAMME,
      programme: { orderId: null, drug: null, rateMlPerH: 3.5, volumeToBeInfusedMl: 30 },
    });
    for (let times = 0; times < 5; times += 1) {
      rig.run(MINUTE_MS / 2);
      expect(rig.pump.remoteRate('A', 3 - times / 2)).toEqual(ACCEPTED);
    }
    rig.nurse(CONFIRM);
    rig.nurse({ action: 'start', channel: 'A' });
    const press = { action: 'pca-demand', channel: 'A' } as const;
    expect(rig.pump.bedside('patient', press)).toEqual(ACCEPTED);
  });
});

describe('a bolus from afar', () => {
  /** The library warns above 4 mg and refuses above 5; a millilitre has one. */
  const midazolam = (): Rig => new Rig().on().infuse({ drug: 'midazolam', rateMlPerH: 2 });

  it('is given out of a running infusion, and recorded', () => {
    const rig = midazolam();
    expect(rig.pump.remoteBolus('A', 4)).toEqual(ACCEPTED);
    expect(rig.channel().mode).toBe('bolus');
    expect(rig.lastEvent('bolus-started')?.detail).toEqual({ volumeMl: 4, by: 'remote' });
    expect(rig.run(MINUTE_MS).channel()).toMatchObject({ mode: 'primary', flowMlPerH: 2 });
  });

  it('past a soft limit is refused: nobody is there to pass it on purpose', () => {
    const rig = midazolam();
    expect(rig.pump.remoteBolus('A', 4.5)).toMatchObject({ accepted: false, control: 'dose-limits' });
    expect(rig.alarms()).toEqual([]);
  });

  it.each([5.1, -1, 0, Number.NaN])('of %d mL is refused with an alarm', (volumeMl) => {
    const rig = midazolam();
    expect(rig.pump.remoteBolus('A', volumeMl)).toMatchObject({ accepted: false, control: 'dose-limits' });
    expect(rig.channel()).toMatchObject({ mode: 'primary', flowMlPerH: 2 });
    expect(rig.alarms()).toEqual(['dose-limit']);
  });

  it('starts nothing', () => {
    const rig = new Rig().on();
    expect(rig.pump.remoteBolus('A', 1)).toMatchObject({ accepted: false });
    rig.nurse(PROGRAMME);
    rig.nurse(CONFIRM);
    expect(rig.pump.remoteBolus('A', 1)).toMatchObject({
      reason: 'not possible before the infusion is started',
    });
    expect(rig.channel().flowMlPerH).toBe(0);
  });
});

describe('an alarm limit from afar', () => {
  it('holds at rest and while something runs, and is recorded', () => {
    const rig = new Rig({ model: modelOf('syringe') }).on();
    expect(rig.pump.remoteAlarmLimit('A', 700)).toEqual(ACCEPTED);
    expect(rig.channel().occlusionLimitMmHg).toBe(700);
    rig.infuse();
    expect(rig.pump.remoteAlarmLimit('A', 1_000)).toEqual(ACCEPTED);
    expect(rig.channel()).toMatchObject({ mode: 'primary', occlusionLimitMmHg: 1_000, flowMlPerH: 12 });
    expect(rig.lastEvent('setting-changed')?.detail).toEqual({
      name: 'occlusionLimitMmHg',
      value: 1_000,
      by: 'remote',
    });
  });

  it('that is higher lets an occlusion alarm later', () => {
    const alarmAfterMs = (limitMmHg: number): number => {
      const rig = new Rig({ model: modelOf('syringe') }).on().infuse();
      rig.pump.remoteAlarmLimit('A', limitMmHg);
      rig.pump.physical({ event: 'line-clamped', channel: 'A' });
      return rig.run(20 * MINUTE_MS).raised('downstream-occlusion')?.atMs ?? 0;
    };
    expect(alarmAfterMs(1_000)).toBeGreaterThan(alarmAfterMs(500) + MINUTE_MS);
  });

  it('below the pressure that there is alarms at once', () => {
    const rig = new Rig().on().infuse();
    rig.pump.physical({ event: 'line-clamped', channel: 'A' });
    rig.run(MINUTE_MS);
    expect(rig.alarms()).toEqual([]);
    rig.pump.remoteAlarmLimit('A', 50);
    expect(rig.alarms()).toEqual(['downstream-occlusion']);
  });

  it.each([1_025, 26, 0, -25, Number.NaN])('of %d mmHg is none of the model', (limitMmHg) => {
    const rig = new Rig({ model: modelOf('syringe') }).on();
    expect(rig.pump.remoteAlarmLimit('A', limitMmHg)).toMatchObject({
      accepted: false,
      reason: 'an occlusion limit is 25–1000 mmHg in steps of 25',
    });
  });

  it('is not taken by a pump that is off', () => {
    const rig = new Rig();
    expect(rig.pump.remoteAlarmLimit('A', 100)).toMatchObject({
      reason: 'not possible while the pump is off',
    });
  });
});
