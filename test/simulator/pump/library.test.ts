import { describe, expect, it } from 'vitest';
import { Rig, sampleLibrary } from './rig.ts';

const NEXT = { ...sampleLibrary(), version: '1.1.0', sequence: 2 };

const restart = (rig: Rig, newPatient: boolean): Rig => {
  rig.nurse({ action: 'pause', channel: 'A' });
  rig.nurse({ action: 'power-off' });
  return rig.on(newPatient);
};

describe('a new library', () => {
  it('waits for a power-on with a new patient', () => {
    const rig = new Rig().on().infuse();
    expect(rig.pump.offerLibrary(NEXT)).toBe('pending');
    expect(rig.pump.reading().library).toEqual({ inUse: '1.0.0', pending: '1.1.0' });
    restart(rig, false);
    expect(rig.pump.reading().library).toEqual({ inUse: '1.0.0', pending: '1.1.0' });
    restart(rig, true);
    expect(rig.pump.reading().library).toEqual({ inUse: '1.1.0', pending: null });
    expect(rig.lastEvent('library-activated')?.detail).toEqual({
      library: 'adult-icu',
      version: '1.1.0',
      sequence: 2,
      replaced: '1.0.0',
    });
  });

  it('is written down when it comes, is refused and becomes active, each with its version and at its time', () => {
    const rig = new Rig().on();
    const written = (event: string) => ({
      ...rig.lastEvent(event)?.detail,
      atMs: rig.lastEvent(event)?.atMs,
    });
    rig.pump.offerLibrary(sampleLibrary('paediatrics'));
    expect(written('library-refused')).toMatchObject({
      version: sampleLibrary('paediatrics').version,
      reason: expect.stringContaining('paediatrics'),
      atMs: rig.clock.now(),
    });
    rig.run(60_000).pump.offerLibrary(NEXT);
    const came = rig.facts.at(-1);
    expect(came).toMatchObject({ atMs: rig.clock.now(), detail: { version: '1.1.0' } });
    expect(rig.story()).not.toContain('library-activated');
    rig.run(60_000);
    rig.nurse({ action: 'power-off' });
    rig.on(true);
    expect(written('library-activated')).toMatchObject({ version: '1.1.0', replaced: '1.0.0' });
    expect(written('library-activated').atMs).toBeGreaterThan(came!.atMs);
    expect(rig.story().filter((what) => what === 'library-activated')).toHaveLength(1);
  });

  it('does not move the limits of a patient under way', () => {
    const strict = {
      ...NEXT,
      entries: NEXT.entries.map((entry) =>
        entry.drug === 'norepinephrine' ? { ...entry, rateLimitsMlPerH: { hardMax: 1 } } : entry,
      ),
    };
    const rig = new Rig().on().infuse();
    rig.pump.offerLibrary(strict);
    expect(rig.nurse({ action: 'change-rate', channel: 'A', rateMlPerH: 14 })).toEqual({ accepted: true });
    restart(rig, true);
    expect(() => rig.infuse()).toThrow(/hard limit/);
  });

  it('is turned down for another care area, and that is written down', () => {
    const rig = new Rig().on();
    expect(rig.pump.offerLibrary(sampleLibrary('paediatrics'))).toMatchObject({ accepted: false });
    expect(rig.pump.reading().library.pending).toBeNull();
    expect(rig.story()).toContain('library-refused');
  });

  it('is replaced by a newer one that arrives while it waits, and survives a refused one', () => {
    const rig = new Rig().on();
    rig.pump.transfer('library', { step: 'download-started', version: '1.1.0' });
    rig.pump.transfer('library', { step: 'download-ended', version: '1.1.0' });
    rig.pump.offerLibrary(NEXT);
    rig.pump.transfer('library', { step: 'download-started', version: '1.2.0' });
    rig.pump.transfer('library', {
      step: 'refused',
      version: '1.2.0',
      reason: 'no valid signature',
      control: 'signed-library',
    });
    expect(rig.lastEvent('library-refused')?.detail.control).toBe('signed-library');
    expect(rig.pump.libraries.pending).toBe(NEXT);
    rig.pump.offerLibrary({ ...NEXT, version: '1.3.0', sequence: 4 });
    restart(rig, true);
    expect(rig.pump.reading().library.inUse).toBe('1.3.0');
  });
});
