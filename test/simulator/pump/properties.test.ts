import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integrateMl } from '../../../simulator/physics/index.ts';
import { type ChannelReading, type PhysicalEvent, SILENCE_MS } from '../../../simulator/pump/index.ts';
import { judgeBolus, judgeProgramme, judgeRate } from '../../../simulator/pump/limits.ts';
import type { Programme } from '../../../simulator/pump/programme.ts';
import { type Happening, happenings, OPENINGS } from './commands.ts';
import { firmwareOf, HOUR_MS, MINUTE_MS, modelOf, Rig, sampleLibrary } from './rig.ts';

/** What comes at once out of a line that was clamped, in mL/h; nothing else flows where nothing is driven. */
const RELEASE_ML_PER_H = 1_800;
/** What a line can hold at the pressure against which the motor moves nothing more, in mL. */
const MOST_TRAPPED_ML = 0.82;

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
    case 'code': {
      const wrong = pump.codes.biomed === '0000' ? '1111' : '0000';
      pump.bedside('biomed', { action: happening.key, code: happening.right ? pump.codes.biomed : wrong });
      return;
    }
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

/** Rate, dose, weight, volume, duration, loading dose and button of a programme that runs, as it runs. */
function expectWithinHardLimits(
  rig: Rig,
  { mode, syringeMl }: ChannelReading,
  programme: Programme,
  motorRateMlPerH: number,
  seen: Set<string>,
): void {
  const { model } = rig.pump;
  const { drug, concentration, weightKg, rateMlPerH, loading, volumeToBeInfusedMl } = programme;
  const question = { model, library: rig.pump.libraries.inUse, drug, concentration, weightKg, syringeMl };
  expect(judgeRate(question, rateMlPerH)).not.toMatchObject({ limit: 'hard' });
  expect(judgeProgramme(question, programme)).not.toMatchObject({ limit: 'hard' });
  // And by what stands in the library, apart from the pump's own judgement of it.
  const library = rig.pump.libraries.inUse;
  const listed = library?.entries.find((each) => each.drug === drug);
  const wholeMl = programme.restOfMl ?? volumeToBeInfusedMl;
  expect(wholeMl).toBeGreaterThanOrEqual(model.volumeToBeInfusedMl.min);
  expect(wholeMl).toBeLessThanOrEqual(model.volumeToBeInfusedMl.max);
  if (library?.weightLimitsKg !== undefined && weightKg !== null) {
    expect(weightKg).toBeGreaterThanOrEqual(library.weightLimitsKg.hardMin ?? 0);
    expect(weightKg).toBeLessThanOrEqual(library.weightLimitsKg.hardMax ?? 0);
  }
  if (loading !== null && listed !== undefined)
    expect(loading.volumeMl).toBeLessThanOrEqual(listed.loadingMaxMl ?? 0);
  const shortestMinutes = listed?.durationLimitsMinutes?.hardMin ?? 0;
  if (loading === null && rateMlPerH > 0)
    expect((wholeMl / rateMlPerH) * 60).toBeGreaterThanOrEqual(shortestMinutes * (1 - 1e-9));
  // What it says of itself is what the motor does.
  if (mode === 'primary' || mode === 'secondary') {
    seen.add(mode);
    if (mode === 'primary') expect(motorRateMlPerH).toBe(rateMlPerH);
  }
  if (mode === 'loading') {
    seen.add('loading');
    expect(motorRateMlPerH).toBe(loading?.rateMlPerH);
    expect(loading?.volumeMl).toBeLessThanOrEqual(volumeToBeInfusedMl);
  }
  if (weightKg !== null) seen.add('weight');
  if (drug?.startsWith('potassium') === true) seen.add('duration');
}

/** Each dose at once, by what was said of it when it began; the library may have been lost since. */
function expectDosesWithinHardLimits(rig: Rig, from: number, seen: Set<string>): void {
  for (const fact of rig.facts.slice(from)) {
    if (fact.fact !== 'event' || fact.event !== 'bolus-started') continue;
    const reading = rig.pump.reading().channels.find(({ channel }) => channel === fact.channel);
    const { drug = null, concentration = null, weightKg = null } = reading?.programme ?? {};
    const question = {
      model: rig.pump.model,
      library: rig.pump.libraries.inUse,
      drug,
      concentration,
      weightKg,
    };
    expect(judgeBolus(question, Number(fact.detail.volumeMl))).not.toMatchObject({ limit: 'hard' });
    const listed = rig.pump.libraries.inUse?.entries.find((each) => each.drug === drug);
    const mostMl = listed === undefined ? rig.pump.model.bolus?.maxMl : (listed.bolusMaxMl ?? 0);
    expect(Number(fact.detail.volumeMl)).toBeLessThanOrEqual(mostMl ?? 0);
    seen.add('bolus');
  }
}

/** What holds for every channel at any time, whatever happened. */
function expectSafe(rig: Rig, seen: Set<string>): void {
  const { model } = rig.pump;
  const reading = rig.pump.reading();
  for (const channel of reading.channels) {
    const { therapy, mode, flowMlPerH, motorRateMlPerH, programmedRateMlPerH, programme } = channel;
    expect(Number.isFinite(channel.pressureMmHg + channel.reservoirMl + channel.airMicroL + flowMlPerH)).toBe(
      true,
    );
    // What is shown is what runs.
    const { running } = channel;
    expect(running === null).toBe(programme === null);
    if (motorRateMlPerH > 0) expect(running?.rateMlPerH).toBe(motorRateMlPerH);
    const shown = mode === 'secondary' ? channel.secondary?.programme : programme;
    if (motorRateMlPerH > 0) expect(running?.drug).toBe(shown?.drug);
    if (running !== null && running.leftMl !== null) {
      expect(running.leftMl).toBeGreaterThanOrEqual(0);
      expect(running.leftMl).toBeLessThanOrEqual(running.volumeToBeInfusedMl * (1 + 1e-9));
    }
    if (!DELIVERING.includes(therapy)) {
      expect(motorRateMlPerH).toBe(0);
      expect([0, RELEASE_ML_PER_H]).toContain(flowMlPerH);
      continue;
    }
    expect(reading.on).toBe(true);
    const syringe = model.syringes?.find(({ sizeMl }) => sizeMl === channel.syringeMl);
    expect(motorRateMlPerH).toBeLessThanOrEqual(syringe?.maximumRateMlPerH ?? model.rateMlPerH.max);
    if (mode === 'keepVeinOpen')
      expect(motorRateMlPerH).toBeLessThanOrEqual(Math.min(programmedRateMlPerH, 20));
    // No sequence of keys gets past a hard limit.
    if (programme !== null) expectWithinHardLimits(rig, channel, programme, motorRateMlPerH, seen);
    if (channel.secondary?.runs === true) {
      seen.add('secondary');
      expectWithinHardLimits(rig, channel, channel.secondary.programme, motorRateMlPerH, seen);
    }
  }
  for (const { silencedUntilMs, alarm } of reading.alarms) {
    expect(alarm).not.toBe('system-failure');
    if (silencedUntilMs === null) continue;
    expect(silencedUntilMs).toBeGreaterThanOrEqual(reading.atMs);
    expect(silencedUntilMs - reading.atMs).toBeLessThanOrEqual(SILENCE_MS);
  }
}

describe('whatever happens to a pump', () => {
  it('keeps its essential performance', () => {
    /** What was really judged, so that none of it is judged in vain. */
    const seen = new Set<string>();
    fc.assert(
      fc.property(models, happenings, fc.integer({ min: 1, max: 100 }), (model, sequence, batteryPercent) => {
        const rig = new Rig({ model, batteryPercent });
        for (const happening of sequence) {
          const before = rig.pump.reading().channels;
          const facts = rig.facts.length;
          apply(rig, happening);
          expectSafe(rig, seen);
          expectDosesWithinHardLimits(rig, facts, seen);
          const isQuiet = rig.facts.length === facts;
          for (const [index, after] of rig.pump.reading().channels.entries()) {
            const gainedMl = after.totalDeliveredMl - before[index]!.totalDeliveredMl;
            expect(gainedMl).toBeGreaterThanOrEqual(0);
            // Nothing in self-test, pause, off and alarm stop, but what a clamped line had taken up.
            if (isQuiet && !DELIVERING.includes(after.therapy))
              expect(gainedMl).toBeLessThanOrEqual(MOST_TRAPPED_ML);
          }
        }
        const times = rig.facts.map(({ atMs }) => atMs);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        // The history of flow holds all that was delivered.
        for (const { channel, totalDeliveredMl } of rig.pump.reading().channels) {
          const flow = rig.pump.flow().filter((segment) => segment.channel === channel);
          expect(integrateMl(flow, rig.clock.now())).toBeCloseTo(totalDeliveredMl, 5);
        }
      }),
      // Each opening once, so that what is judged does not hang on chance.
      { numRuns: 150, examples: OPENINGS.map((opening) => [modelOf('lvp'), opening, 100]) },
    );
    expect([...seen].sort()).toEqual(['bolus', 'duration', 'loading', 'primary', 'secondary', 'weight']);
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
    /** What begins a cause, what ends it, and its alarm; a pump that hangs takes no key that would clear anything. */
    const causes: readonly (readonly [string, string, string])[] = [
      ['door-opened', 'door-closed', 'door-open'],
      ['set-misloaded', 'set-loaded', 'set-misloaded'],
      ['barrel-unclamped', 'barrel-clamped', 'syringe-not-held'],
      ['plunger-disengaged', 'plunger-engaged', 'plunger-disengaged'],
      ['channel-detached', 'channel-attached', 'channel-disconnected'],
      ['key-stuck', 'key-released', 'key-stuck'],
      ['battery-failed', 'battery-replaced', 'battery-defective'],
    ];
    const events: readonly (readonly PhysicalEvent[])[] = [
      // Those of the whole pump have no channel; it is not looked at.
      ...causes.map(([begins, ends]) =>
        [begins, ends].map((event) => ({ event, channel: 'A' }) as PhysicalEvent),
      ),
      [60, 52, 20].map((celsius) => ({ event: 'temperature-changed', celsius })),
      [
        { event: 'line-clamped', channel: 'A' },
        { event: 'line-opened', channel: 'A' },
      ],
      [
        { event: 'air-entered', channel: 'A', volumeMicroL: 300 },
        { event: 'air-purged', channel: 'A' },
      ],
      [0, 100].map((volumeMl) => ({ event: 'reservoir-changed', channel: 'A', volumeMl })),
    ];
    // Few causes in one run, so that they come and go.
    const happenings = fc.subarray([...events], { minLength: 1, maxLength: 2 }).chain((few) =>
      fc.array(
        fc.oneof(
          { weight: 3, arbitrary: fc.constantFrom(...few.flat()) },
          {
            weight: 2,
            arbitrary: fc.constantFrom('clear', 'clear', 'resume A', 'resume A', 'wait' as const),
          },
        ),
        { minLength: 10, maxLength: 40 },
      ),
    );
    let cleared = 0;
    fc.assert(
      fc.property(happenings, (sequence) => {
        const rig = new Rig()
          .on()
          .infuse({ rateMlPerH: 60 })
          .infuse({ drug: 'heparin', rateMlPerH: 20 }, 'B');
        const there = new Set<string>();
        let isHot = false;
        let isClamped = false;
        for (const happening of sequence) {
          const seen = rig.facts.length;
          if (happening === 'clear') rig.nurse({ action: 'clear' });
          else if (happening === 'resume A') rig.nurse({ action: 'resume', channel: 'A' });
          else if (happening === 'wait') rig.run(MINUTE_MS);
          else {
            rig.pump.physical(happening);
            const taken = !rig.story().slice(seen).includes('event-not-taken');
            for (const [begins, ends, alarm] of taken ? causes : []) {
              const isOfPump = ['key-stuck', 'battery-defective'].includes(alarm);
              const channel = isOfPump || !('channel' in happening) ? null : happening.channel;
              if (happening.event === begins) there.add(`${alarm} ${channel}`);
              if (happening.event === ends) there.delete(`${alarm} ${channel}`);
            }
            if (happening.event === 'line-clamped') isClamped = true;
            if (happening.event === 'line-opened') isClamped = false;
            // Hot above 55 °C, until it is 50 °C or less.
            if (happening.event === 'temperature-changed') {
              isHot = happening.celsius > 55 || (isHot && happening.celsius > 50);
            }
          }
          for (const fact of rig.facts.slice(seen)) {
            if (fact.fact !== 'alarm' || fact.change !== 'cleared') continue;
            cleared += 1;
            const channel = rig.pump.reading().channels.find((each) => each.channel === fact.channel);
            expect(there).not.toContain(`${fact.alarm} ${fact.channel}`);
            if (fact.alarm === 'overheated') expect(isHot).toBe(false);
            if (fact.alarm === 'air-in-line') expect(channel?.airMicroL).toBeLessThanOrEqual(175);
            if (fact.alarm === 'reservoir-empty') expect(channel?.reservoirMl).toBeGreaterThan(0);
            // An open line empties itself.
            if (fact.alarm === 'downstream-occlusion' && isClamped)
              expect(channel?.pressureMmHg).toBeLessThan(525);
          }
        }
      }),
      { numRuns: 150 },
    );
    expect(cleared).toBeGreaterThan(40);
  });
});

describe('a PCA pump, whatever is pressed', () => {
  const press = fc.oneof(
    { weight: 6, arbitrary: fc.record({ key: fc.constant('demand' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ key: fc.constant('bolus' as const), volumeMl: fc.constantFrom(0.5, 2, 5) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        key: fc.constant('rate' as const),
        rateMlPerH: fc.constantFrom(0.2, 1, 2, 3.5),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        key: fc.constant('anew' as const),
        rateMlPerH: fc.constantFrom(0.2, 1, 2),
        loadingMl: fc.constantFrom(null, 1, 8),
      }),
    },
    { weight: 1, arbitrary: fc.record({ key: fc.constantFrom('pause', 'resume' as const) }) },
  );
  const model = modelOf('pca');
  const { lockoutMinutes, accumulatedLimitMl } = model.pca!;

  it('gives no demand dose within the lockout nor over the accumulated limit in any 4 hours', () => {
    const waits = fc.integer({ min: 1_000, max: 900_000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(press, waits), { minLength: 20, maxLength: 60 }), (presses) => {
        const rig = new Rig({ model }).on().infuse({ drug: null, rateMlPerH: 1, volumeToBeInfusedMl: 90 });
        rig.pump.physical({ event: 'reservoir-changed', channel: 'A', volumeMl: 1_000 });
        for (const [pressed, waitMs] of presses) {
          switch (pressed.key) {
            case 'demand':
              rig.pump.bedside('patient', { action: 'pca-demand', channel: 'A' });
              break;
            case 'bolus':
              rig.nurse({ action: 'bolus', channel: 'A', volumeMl: pressed.volumeMl });
              break;
            case 'rate':
              rig.nurse({ action: 'change-rate', channel: 'A', rateMlPerH: pressed.rateMlPerH });
              break;
            case 'anew': {
              const { rateMlPerH, loadingMl } = pressed;
              const loading = loadingMl === null ? {} : { loading: { volumeMl: loadingMl, rateMlPerH: 30 } };
              const programme = {
                orderId: null,
                drug: null,
                rateMlPerH,
                volumeToBeInfusedMl: 90,
                ...loading,
              };
              rig.nurse({ action: 'stop', channel: 'A' });
              rig.nurse({ action: 'programme', channel: 'A', programme });
              rig.nurse({ action: 'confirm', channel: 'A' });
              rig.nurse({ action: 'start', channel: 'A' });
              break;
            }
            default:
              rig.nurse({ action: pressed.key, channel: 'A' });
          }
          rig.run(waitMs);
        }
        const doses = rig.facts.flatMap((fact) =>
          fact.fact === 'event' && fact.event === 'pca-dose-started' ? [fact.atMs] : [],
        );
        for (const [index, atMs] of doses.entries()) {
          if (index > 0) expect(atMs - doses[index - 1]!).toBeGreaterThanOrEqual(lockoutMinutes * MINUTE_MS);
        }
        const total = (atMs: number): number => rig.pump.totalDeliveredMl('A', Math.max(0, atMs));
        for (let atMs = 0; atMs <= rig.clock.now(); atMs += 5 * MINUTE_MS) {
          expect(total(atMs) - total(atMs - 4 * HOUR_MS)).toBeLessThanOrEqual(accumulatedLimitMl + 1e-6);
        }
      }),
      { numRuns: 60 },
    );
  });
});
