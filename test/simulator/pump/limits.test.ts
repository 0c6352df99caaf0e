import { describe, expect, it } from 'vitest';
import { judgeProgramme, judgeRate, type Programme } from '../../../simulator/pump/index.ts';
import { modelOf, NOREPINEPHRINE, Rig, sampleLibrary } from './rig.ts';

const programme = (change: Partial<Programme>) =>
  ({ action: 'programme', channel: 'A', programme: { ...NOREPINEPHRINE, ...change } }) as const;

describe('dose limits', () => {
  it('refuse beyond a hard limit, whoever overrides', () => {
    const rig = new Rig().on();
    // 0.06 units/min of vasopressin are 9 mL/h.
    expect(rig.nurse(programme({ drug: 'vasopressin', rateMlPerH: 9.1 }))).toMatchObject({
      accepted: false,
      control: 'dose-limits',
      reason: expect.stringContaining('hard limit of 0.06 units/min'),
    });
    expect(rig.channel().therapy).toBe('standby');
    rig.infuse({ drug: 'vasopressin', rateMlPerH: 9 });
    const change = { action: 'change-rate', channel: 'A', rateMlPerH: 9.1, overrideSoftLimit: true } as const;
    expect(rig.nurse(change)).toMatchObject({ accepted: false, control: 'dose-limits' });
    expect(rig.channel().flowMlPerH).toBe(9);
  });

  it('let a soft limit be passed on purpose, and record it', () => {
    const rig = new Rig().on();
    expect(rig.nurse(programme({ drug: 'vasopressin', rateMlPerH: 8 }))).toEqual({ accepted: true });
    expect(rig.nurse({ action: 'confirm', channel: 'A' })).toMatchObject({
      accepted: false,
      control: 'dose-limits',
      reason: expect.stringContaining('soft limit'),
    });
    expect(rig.channel().therapy).toBe('programming');
    expect(rig.story()).not.toContain('soft-limit-overridden');
    expect(rig.nurse({ action: 'confirm', channel: 'A', overrideSoftLimit: true })).toEqual({
      accepted: true,
    });
    expect(rig.lastEvent('soft-limit-overridden')?.detail.by).toBe('nurse');
  });

  it('hold for a rate changed from afar, soft ones too', () => {
    const rig = new Rig().on().infuse({ drug: 'vasopressin', rateMlPerH: 5 });
    expect(rig.pump.remoteRate('A', 8)).toMatchObject({ accepted: false, control: 'dose-limits' });
    expect(rig.pump.remoteRate('A', 900)).toMatchObject({ accepted: false, control: 'dose-limits' });
    expect(rig.channel().flowMlPerH).toBe(5);
    expect(rig.pump.remoteRate('A', 7)).toEqual({ accepted: true });
    expect(rig.channel().flowMlPerH).toBe(7);
    expect(rig.lastEvent('rate-changed')?.detail.by).toBe('remote');
    expect(rig.pump.remotePause('A')).toEqual({ accepted: true });
    expect(rig.channel().therapy).toBe('paused');
    expect(rig.pump.remoteRate('A', 6)).toMatchObject({ accepted: false });
  });

  it('refuse a drug that the library does not have, and say when no library is in use', () => {
    const rig = new Rig().on();
    expect(rig.nurse(programme({ drug: 'water' }))).toMatchObject({
      accepted: false,
      control: 'dose-limits',
    });
    rig.infuse({ drug: null });
    expect(rig.pump.reading().display).toContain('LIBRARY NOT IN USE');
    const bare = new Rig({ library: null }).on().infuse({ drug: 'anything' });
    expect(bare.pump.reading().display).toContain('LIBRARY NOT IN USE');
  });

  it('allow no bolus of a drug without a bolus limit, nor one above it', () => {
    const rig = new Rig().on().infuse();
    expect(rig.nurse({ action: 'bolus', channel: 'A', volumeMl: 1 })).toMatchObject({
      control: 'dose-limits',
    });
    const morphine = new Rig().on().infuse({ drug: 'morphine', rateMlPerH: 1 });
    expect(morphine.nurse({ action: 'bolus', channel: 'A', volumeMl: 4 })).toMatchObject({
      control: 'dose-limits',
    });
    expect(morphine.nurse({ action: 'bolus', channel: 'A', volumeMl: 2 })).toEqual({ accepted: true });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 0.04, 1_000])(
    'refuse a rate of %s mL/h',
    (rateMlPerH) => {
      const rig = new Rig().on();
      expect(rig.nurse(programme({ drug: null, rateMlPerH }))).toMatchObject({
        accepted: false,
        control: 'dose-limits',
      });
    },
  );

  it.each([Number.NaN, Number.NEGATIVE_INFINITY, 0, 10_000])(
    'refuse a volume of %s mL',
    (volumeToBeInfusedMl) => {
      const rig = new Rig().on();
      expect(rig.nurse(programme({ volumeToBeInfusedMl }))).toMatchObject({
        accepted: false,
        control: 'dose-limits',
      });
    },
  );

  it('take a rate right at a limit, and hold the maximum of a care area', () => {
    const question = { model: modelOf('lvp'), library: sampleLibrary(), drug: 'vasopressin' };
    expect(judgeRate(question, 9)).toMatchObject({ limit: 'soft' });
    expect(judgeRate(question, 7.5)).toEqual({ within: true });
    const children = { model: modelOf('lvp'), library: sampleLibrary('paediatrics'), drug: null };
    expect(judgeRate(children, 151)).toMatchObject({ within: false, limit: 'hard' });
    expect(judgeProgramme(children, { ...NOREPINEPHRINE, rateMlPerH: 150 })).toEqual({ within: true });
  });
});
