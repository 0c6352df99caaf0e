import { describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS, modelOf, Rig } from './rig.ts';

const SALINE = {
  drug: 'sodium chloride 0.9%',
  rateMlPerH: 60,
  volumeToBeInfusedMl: 100,
  loading: { volumeMl: 20, rateMlPerH: 240 },
} as const;

describe('a loading dose', () => {
  it('runs first at its own rate and is part of the volume', () => {
    const rig = new Rig().on().infuse(SALINE);
    expect(rig.channel()).toMatchObject({ mode: 'loading', therapy: 'infusing', flowMlPerH: 240 });
    rig.run(5 * MINUTE_MS);
    expect(rig.channel()).toMatchObject({ mode: 'primary', flowMlPerH: 60 });
    expect(rig.story()).toContain('loading-dose-completed');
    const startMs = rig.clock.now();
    rig.run(2 * HOUR_MS);
    expect(rig.lastEvent('infusion-completed')).toMatchObject({
      atMs: startMs + 80 * MINUTE_MS,
      detail: { deliveredMl: 100 },
    });
  });

  it('goes on with its rest after a pause', () => {
    const rig = new Rig()
      .on()
      .infuse(SALINE)
      .run(2 * MINUTE_MS);
    rig.nurse({ action: 'pause', channel: 'A' });
    rig.run(MINUTE_MS);
    rig.nurse({ action: 'resume', channel: 'A' });
    expect(rig.channel()).toMatchObject({ mode: 'loading', flowMlPerH: 240 });
    rig.run(3 * MINUTE_MS);
    expect(rig.channel().mode).toBe('primary');
    expect(rig.channel().deliveredMl).toBeCloseTo(20, 9);
  });

  it('that is all there is completes the infusion', () => {
    const rig = new Rig()
      .on()
      .infuse({ ...SALINE, volumeToBeInfusedMl: 20 })
      .run(5 * MINUTE_MS);
    expect(rig.channel().therapy).toBe('keepVeinOpen');
    expect(rig.lastEvent('infusion-completed')?.detail.deliveredMl).toBe(20);
  });

  it('is refused beyond what the library allows', () => {
    const rig = new Rig().on();
    const entry = {
      orderId: null,
      ...SALINE,
      volumeToBeInfusedMl: 900,
      loading: { volumeMl: 260, rateMlPerH: 240 },
    };
    expect(rig.nurse({ action: 'programme', channel: 'A', programme: entry })).toMatchObject({
      accepted: false,
      reason: expect.stringContaining('loading dose of 250 mL'),
    });
  });

  it('counts towards the accumulated limit of a PCA pump', () => {
    const rig = new Rig({ model: modelOf('pca') }).on().infuse({
      drug: null,
      rateMlPerH: 1,
      volumeToBeInfusedMl: 60,
      loading: { volumeMl: 10, rateMlPerH: 60 },
    });
    let given = 0;
    for (let minute = 0; minute < 200; minute += 10) {
      rig.run(10 * MINUTE_MS);
      if (rig.pump.bedside('patient', { action: 'pca-demand', channel: 'A' }).accepted) given += 1;
    }
    // 15 mL in 4 h, of which 10 mL load and 4 mL run continuously.
    expect(given).toBe(1);
  });
});
