import { describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS, Rig, shippedModel } from './rig.ts';

/** An infusion that the power is taken from after `ranMs`; then mains again. */
function cut(
  ranMs: number,
  rig = new Rig({ batteryPercent: 100 }).on().infuse({ rateMlPerH: 60, volumeToBeInfusedMl: 200 }),
): Rig {
  rig.run(ranMs);
  rig.pump.physical({ event: 'battery-failed' });
  rig.pump.physical({ event: 'mains-lost' });
  rig.run(1);
  expect(rig.pump.reading()).toMatchObject({ on: false });
  return rig;
}

function back(rig: Rig, newPatient = false): Rig {
  rig.pump.physical({ event: 'battery-replaced' });
  rig.pump.physical({ event: 'mains-restored' });
  return rig.on(newPatient);
}
const recall = (rig: Rig) => rig.nurse({ action: 'recall', channel: 'A' });

describe('what a loss of power interrupts', () => {
  it('is kept: recall gives the rest of the programme, to be confirmed and started anew', () => {
    const rig = new Rig().on().infuse({ rateMlPerH: 60, volumeToBeInfusedMl: 200 }).run(HOUR_MS);
    rig.nurse({ action: 'pause', channel: 'A' });
    rig.nurse({ action: 'power-off' });
    rig.on(false);
    expect(recall(rig)).toEqual({ accepted: true });
    expect(rig.channel()).toMatchObject({ therapy: 'programming', flowMlPerH: 0, programmedRateMlPerH: 60 });
    expect(rig.channel().volumeToBeInfusedMl).toBeCloseTo(140, 9);
    expect(rig.lastEvent('programmed')?.detail).toMatchObject({ recalled: true, orderId: 'order-1' });
    rig.nurse({ action: 'confirm', channel: 'A' });
    rig.nurse({ action: 'start', channel: 'A' });
    rig.run(3 * HOUR_MS);
    expect(rig.channel().totalDeliveredMl).toBeCloseTo(60 + 140 + (40 / 60) * 5, 6);
  });

  it('is kept over a battery that fails while it runs, to the microlitre', () => {
    const rig = back(cut(30 * MINUTE_MS));
    recall(rig);
    // The battery fails first and stops the pump: 30 minutes have run.
    expect(rig.channel().volumeToBeInfusedMl).toBeCloseTo(170, 6);
  });

  it.each([
    [4 * HOUR_MS, true],
    [8 * HOUR_MS - 5 * MINUTE_MS, true],
    [8 * HOUR_MS + MINUTE_MS, false],
  ])('is kept for %d ms: %s', (offMs, kept) => {
    const rig = cut(MINUTE_MS).run(offMs);
    back(rig);
    expect(recall(rig)).toMatchObject(kept ? { accepted: true } : { reason: 'what was kept is too old' });
  });

  it('is not for the next patient, nor for anybody once it was taken up or replaced', () => {
    expect(recall(back(cut(MINUTE_MS), true))).toMatchObject({ reason: 'nothing is kept of a programme' });
    const rig = back(cut(MINUTE_MS));
    recall(rig);
    // An entry that was left again, by the key or for idleness, is not lost.
    rig.nurse({ action: 'stop', channel: 'A' });
    expect(recall(rig)).toEqual({ accepted: true });
    rig.nurse({ action: 'confirm', channel: 'A', overrideSoftLimit: true });
    rig.nurse({ action: 'start', channel: 'A' });
    rig.nurse({ action: 'stop', channel: 'A' });
    expect(recall(rig)).toMatchObject({ reason: 'nothing is kept of a programme' });
    const other = back(cut(MINUTE_MS)).infuse();
    other.nurse({ action: 'stop', channel: 'A' });
    expect(recall(other)).toMatchObject({ reason: 'nothing is kept of a programme' });
  });

  it('is kept when the entry is cleared for idleness, and over another loss of power before its start', () => {
    const whole = new Rig().on().infuse({ rateMlPerH: 60, volumeToBeInfusedMl: 200 });
    const rig = back(cut(30 * MINUTE_MS, whole));
    expect(recall(rig)).toEqual({ accepted: true });
    rig.run(11 * MINUTE_MS);
    expect(rig.channel().therapy).toBe('standby');
    expect(rig.alarms()).toContain('programme-cleared');
    expect(recall(rig)).toEqual({ accepted: true });
    back(cut(MINUTE_MS, rig));
    expect(recall(rig)).toEqual({ accepted: true });
    expect(rig.channel().volumeToBeInfusedMl).toBeCloseTo(170, 6);
    rig.nurse({ action: 'confirm', channel: 'A' });
    rig.nurse({ action: 'start', channel: 'A' });
    expect(rig.run(4 * HOUR_MS).lastEvent('infusion-completed')?.detail.deliveredMl).toBeCloseTo(170, 6);
  });

  it('and was a rest already is still judged as the whole that it came from', () => {
    const potassium = { drug: 'potassium chloride peripheral', rateMlPerH: 60, volumeToBeInfusedMl: 50 };
    const rig = back(cut(30 * MINUTE_MS, new Rig().on().infuse(potassium)));
    for (const leftMl of [20, 10]) {
      expect(recall(rig)).toEqual({ accepted: true });
      expect(rig.channel().volumeToBeInfusedMl).toBeCloseTo(leftMl, 6);
      expect(rig.nurse({ action: 'confirm', channel: 'A' })).toEqual({ accepted: true });
      expect(rig.nurse({ action: 'start', channel: 'A' })).toEqual({ accepted: true });
      back(cut(10 * MINUTE_MS, rig));
    }
    expect(recall(rig)).toMatchObject({ reason: 'nothing is kept of a programme' });
  });

  it('is judged again: what can no longer be programmed is refused with its reason', () => {
    const rig = cut(
      MINUTE_MS,
      new Rig({ model: shippedModel('syringe') }).on().infuse({ drug: null, rateMlPerH: 40 }),
    );
    rig.pump.physical({ event: 'reservoir-changed', channel: 'A', volumeMl: 1, syringeMl: 1 });
    expect(recall(back(rig))).toMatchObject({
      accepted: false,
      reason: expect.stringContaining('a syringe of 1 mL allows at most 30 mL/h'),
    });
  });

  it('keeps the volume and the duration of the whole: a small rest of what was allowed is taken up', () => {
    const small = cut(60 * MINUTE_MS, new Rig().on().infuse({ rateMlPerH: 60, volumeToBeInfusedMl: 60.5 }));
    expect(recall(back(small))).toEqual({ accepted: true });
    // 50 mL over 50 min; the 10 min that are left would be below the hard limit of 25 min by themselves.
    const potassium = { drug: 'potassium chloride peripheral', rateMlPerH: 60, volumeToBeInfusedMl: 50 };
    const late = back(cut(40 * MINUTE_MS, new Rig().on().infuse(potassium)));
    expect(recall(late)).toEqual({ accepted: true });
    expect(late.nurse({ action: 'confirm', channel: 'A' })).toEqual({ accepted: true });
    expect(late.nurse({ action: 'start', channel: 'A' })).toEqual({ accepted: true });
  });
});

describe('over any power cut', () => {
  it('the settings stay, and a new patient gets the presets', () => {
    const rig = new Rig().on();
    rig.nurse({ action: 'configure', channel: 'A', setting: { name: 'occlusionLimitMmHg', value: 100 } });
    rig.infuse();
    back(cut(MINUTE_MS, rig));
    expect(rig.channel().occlusionLimitMmHg).toBe(100);
    expect(rig.channel('B').occlusionLimitMmHg).toBe(525);
    rig.nurse({ action: 'power-off' });
    rig.on(true);
    expect(rig.channel().occlusionLimitMmHg).toBe(525);
  });

  it('the log tells what happened, each fact at its time and none twice', () => {
    const rig = back(cut(30 * MINUTE_MS));
    const times = rig.facts.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const story = rig.story();
    const from = story.indexOf('mains-lost');
    expect(story.slice(from)).toEqual([
      'mains-lost',
      'battery-low raised',
      'battery-depleted raised',
      'power-failed',
      'infusion-stopped',
      'battery-defective cleared',
      'battery-low cleared',
      'battery-depleted cleared',
      'no-power raised',
      'battery-replaced',
      'no-power cleared',
      'mains-restored',
      'powered-on',
      'self-test-passed',
    ]);
    expect(rig.lastEvent('infusion-stopped')?.detail).toMatchObject({ by: 'power', deliveredMl: 30 });
  });
});

describe('a setting', () => {
  it.each([
    ['occlusionLimitMmHg', 50, true],
    ['occlusionLimitMmHg', 525, true],
    ['occlusionLimitMmHg', 60, false],
    ['occlusionLimitMmHg', 550, false],
    ['airLimitMicroL', 75, true],
    ['airLimitMicroL', 100, false],
    ['keepVeinOpenMlPerH', 20, true],
    ['keepVeinOpenMlPerH', 20.1, false],
    ['keepVeinOpenMlPerH', 5.05, false],
    ['autoRestarts', 9, true],
    ['autoRestarts', 10, false],
    ['autoRestarts', 1.5, false],
  ] as const)('%s of %d: %s', (name, value, taken) => {
    const rig = new Rig().on();
    const result = rig.nurse({ action: 'configure', channel: 'A', setting: { name, value } });
    expect(result.accepted).toBe(taken);
    expect(rig.story().at(-1)).toBe(taken ? 'setting-changed' : 'action-refused');
  });

  it('is changed in standby only', () => {
    const rig = new Rig().on().infuse();
    const setting = { name: 'autoRestarts', value: 1 } as const;
    expect(rig.nurse({ action: 'configure', channel: 'A', setting })).toMatchObject({ accepted: false });
    expect(rig.nurse({ action: 'configure', channel: 'B', setting })).toEqual({ accepted: true });
  });
});
