import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integrateMl } from '../../../simulator/physics/index.ts';
import { judgeRate, SILENCE_MS } from '../../../simulator/pump/index.ts';
import { type Happening, happenings } from './commands.ts';
import { firmwareOf, HOUR_MS, modelOf, Rig, sampleLibrary } from './rig.ts';

/** No line can give more than this after its motor has stopped, and only by having been clamped before, in mL. */
const RELEASED_AT_MOST_ML = 0.5;

function apply(rig: Rig, happening: Happening): void {
  const { pump } = rig;
  switch (happening.what) {
    case 'key':
      pump.bedside(happening.role, happening.action);
      return;
    case 'cause':
      pump.physical(happening.event);
      return;
    case 'link':
      pump.link(happening.state);
      return;
    case 'remote-rate':
      pump.remoteRate('A', happening.rateMlPerH);
      return;
    case 'remote-pause':
      pump.remotePause('A');
      return;
    case 'firmware': {
      const version = firmwareOf(pump.model.id, happening.version);
      pump.stageFirmware(happening.fails ? { ...version, selfTest: 'fails' } : version);
      return;
    }
    case 'library':
      pump.offerLibrary({ ...sampleLibrary(), version: happening.version, sequence: 2 });
      return;
    case 'wait':
      rig.run(happening.ms);
  }
}

const models = fc.constantFrom('lvp', 'syringe', 'pca').map(modelOf);
const DELIVERING = ['infusing', 'keepVeinOpen'];

describe('whatever happens to a pump', () => {
  it('keeps its essential performance', () => {
    fc.assert(
      fc.property(models, happenings, fc.integer({ min: 1, max: 100 }), (model, sequence, batteryPercent) => {
        const rig = new Rig({ model, batteryPercent });
        let totalMl = 0;
        let released = 0;
        for (const happening of sequence) {
          const before = rig.channel();
          apply(rig, happening);
          const after = rig.channel();
          const reading = rig.pump.reading();
          // The volume never decreases, and is finite.
          expect(after.totalDeliveredMl).toBeGreaterThanOrEqual(totalMl);
          expect(Number.isFinite(reading.batteryPercent + after.pressureMmHg + after.reservoirMl)).toBe(true);
          totalMl = after.totalDeliveredMl;
          // Nothing is driven in self-test, pause, off, stop: only what a clamped line had taken up may come.
          if (!DELIVERING.includes(after.therapy)) {
            expect([0, 1_800]).toContain(after.flowMlPerH);
            if (
              happening.what === 'wait' &&
              before.therapy === after.therapy &&
              before.therapy !== 'standby'
            ) {
              released = after.totalDeliveredMl - before.totalDeliveredMl;
              expect(released).toBeLessThanOrEqual(RELEASED_AT_MOST_ML);
            }
          }
          const driven = after.flowMlPerH % 1_800;
          if (after.therapy === 'keepVeinOpen') {
            expect(driven).toBeLessThanOrEqual(
              Math.min(after.programmedRateMlPerH, model.keepVeinOpenMlPerH),
            );
          }
          expect(driven).toBeLessThanOrEqual(model.rateMlPerH.max);
          // No sequence of keys gets past a hard limit.
          if (DELIVERING.includes(after.therapy)) {
            const library = rig.pump.libraries.inUse;
            const verdict = judgeRate({ model, library, drug: after.drug }, after.programmedRateMlPerH);
            expect(verdict).not.toMatchObject({ limit: 'hard' });
          }
          // No silence outlasts 2 minutes.
          for (const { silencedUntilMs } of reading.alarms) {
            if (silencedUntilMs !== null) expect(silencedUntilMs).toBeGreaterThanOrEqual(reading.atMs);
            if (silencedUntilMs !== null)
              expect(silencedUntilMs - reading.atMs).toBeLessThanOrEqual(SILENCE_MS);
          }
          expect(reading.alarms.map(({ alarm }) => alarm)).not.toContain('system-failure');
        }
        // The history of flow holds all that was delivered.
        expect(
          integrateMl(
            rig.pump.flow().filter((segment) => segment.channel === 'A'),
            rig.clock.now(),
          ),
        ).toBeCloseTo(totalMl, 5);
      }),
      { numRuns: 400 },
    );
  });

  it('is the same with any link', () => {
    fc.assert(
      fc.property(models, happenings, (model, sequence) => {
        const plain = new Rig({ model });
        const linked = new Rig({ model });
        for (const [index, happening] of sequence.entries()) {
          if (happening.what === 'link') continue;
          apply(plain, happening);
          linked.pump.link((['online', 'offline', 'connecting'] as const)[index % 3]!);
          apply(linked, happening);
        }
        expect(linked.pump.flow()).toEqual(plain.pump.flow());
        const withoutLink = linked.facts.filter(
          (fact) => fact.fact === 'alarm' || !fact.event.startsWith('link-'),
        );
        expect(withoutLink).toEqual(plain.facts);
      }),
      { numRuns: 60 },
    );
  });

  it('clears an alarm of a cause only when the cause is gone', () => {
    fc.assert(
      fc.property(happenings, (sequence) => {
        const rig = new Rig();
        const open = { door: false, clamped: false, air: 0 };
        for (const happening of sequence) {
          const seen = rig.facts.length;
          apply(rig, happening);
          if (happening.what === 'cause' && 'channel' in happening.event && happening.event.channel === 'A') {
            const { event } = happening.event;
            if (event === 'door-opened' || event === 'door-closed') open.door = event === 'door-opened';
            if (event === 'line-clamped' || event === 'line-opened') open.clamped = event === 'line-clamped';
          }
          // Switching off ends every alarm; a staged update then wakes the pump within the same key.
          const isOff =
            !rig.pump.reading().on ||
            rig.facts
              .slice(seen)
              .some((fact) => fact.fact === 'event' && /^power(ed-off|-failed)$/.test(fact.event));
          for (const fact of rig.facts.slice(seen)) {
            if (fact.fact !== 'alarm' || fact.change !== 'cleared' || isOff) continue;
            if (fact.alarm === 'door-open') expect(open.door).toBe(false);
            if (fact.alarm === 'downstream-occlusion') expect(open.clamped).toBe(false);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('gives no demand dose within the lockout nor over the accumulated limit', () => {
    const model = modelOf('pca');
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1_000, max: 900_000 }), { minLength: 20, maxLength: 80 }),
        (waits) => {
          const rig = new Rig({ model })
            .on()
            .infuse({ drug: 'morphine', rateMlPerH: 1, volumeToBeInfusedMl: 100 });
          for (const ms of waits) {
            rig.pump.bedside('patient', { action: 'pca-demand', channel: 'A' });
            rig.run(ms);
          }
          const doses = rig.facts.flatMap((fact) =>
            fact.fact === 'event' && fact.event === 'pca-dose-started' ? [fact.atMs] : [],
          );
          for (const [index, atMs] of doses.entries()) {
            if (index > 0)
              expect(atMs - doses[index - 1]!).toBeGreaterThanOrEqual(model.pca!.lockoutMinutes * 60_000);
          }
          for (let atMs = 4 * HOUR_MS; atMs <= rig.clock.now(); atMs += 600_000) {
            const inWindowMl =
              rig.pump.totalDeliveredMl('A', atMs) - rig.pump.totalDeliveredMl('A', atMs - 4 * HOUR_MS);
            expect(inWindowMl).toBeLessThanOrEqual(model.pca!.accumulatedLimitMl + 1e-6);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
