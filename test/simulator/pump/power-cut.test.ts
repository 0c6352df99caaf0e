import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BedsideAction, Fact, Pump } from '../../../simulator/pump/index.ts';
import { memoryLog } from '../../../simulator/shell/log-store.ts';
import { ShellRig } from '../shell/shell-rig.ts';
import { HOUR_MS, MINUTE_MS, Rig } from './rig.ts';

const SALINE = {
  orderId: 'order-1',
  drug: 'sodium chloride 0.9%',
  rateMlPerH: 60,
  volumeToBeInfusedMl: 500,
} as const;
const SECOND = { ...SALINE, orderId: 'order-2', rateMlPerH: 100, volumeToBeInfusedMl: 50 };
const HANG = { event: 'secondary-hung', channel: 'A', volumeMl: 50 } as const;
const A = { channel: 'A' } as const;

/** A pump with its shell and a log that no server empties. */
class Bed {
  readonly log = memoryLog();
  readonly facts: Fact[] = [];
  readonly rig: ShellRig;
  readonly pump: Pump;

  constructor(batteryPercent: number) {
    this.rig = new ShellRig({ batteryPercent, logStore: this.log });
    this.rig.server.stop();
    this.rig.server = { start: () => undefined, stop: () => undefined } as ShellRig['server'];
    this.pump = this.rig.pump;
    this.pump.onFact((fact) => this.facts.push(fact));
  }

  press(...actions: readonly BedsideAction[]): void {
    for (const action of actions) expect(this.pump.bedside('nurse', action)).toEqual({ accepted: true });
  }

  infuse(programme: object = {}): void {
    const entry = { ...SALINE, ...programme };
    this.press(
      { action: 'programme', ...A, programme: entry },
      { action: 'confirm', ...A },
      { action: 'start', ...A },
    );
  }

  at(event: string): number | undefined {
    return this.facts.findLast((fact) => fact.fact === 'event' && fact.event === event)?.atMs;
  }

  channel() {
    return this.pump.channelReading('A')!;
  }
}

interface Way {
  readonly mode: string;
  /** Brings the pump, which is on, there; a few minutes there are left. */
  enter(bed: Bed): void | Promise<void>;
  /** What of the programme is kept; 0: nothing. */
  readonly wholeMl: number;
}

const runSecond = (bed: Bed): void => {
  bed.infuse();
  bed.pump.physical(HANG);
  bed.press({ action: 'programme-secondary', ...A, programme: SECOND }, { action: 'start-secondary', ...A });
};

const WAYS: readonly Way[] = [
  { mode: 'standby', enter: () => undefined, wholeMl: 0 },
  {
    mode: 'programming',
    enter: (bed) => bed.press({ action: 'programme', ...A, programme: SALINE }),
    wholeMl: 500,
  },
  {
    mode: 'ready',
    enter: (bed) => bed.press({ action: 'programme', ...A, programme: SALINE }, { action: 'confirm', ...A }),
    wholeMl: 500,
  },
  { mode: 'primary', enter: (bed) => bed.infuse(), wholeMl: 500 },
  {
    mode: 'loading',
    enter: (bed) => bed.infuse({ loading: { volumeMl: 250, rateMlPerH: 400 } }),
    wholeMl: 500,
  },
  { mode: 'secondary', enter: runSecond, wholeMl: 500 },
  {
    mode: 'bolus',
    enter: (bed) => {
      bed.infuse();
      bed.press({ action: 'bolus', ...A, volumeMl: 100 });
    },
    wholeMl: 500,
  },
  {
    mode: 'paused',
    enter: async (bed) => {
      runSecond(bed);
      await bed.rig.run(MINUTE_MS);
      bed.press({ action: 'pause', ...A });
    },
    wholeMl: 500,
  },
  {
    mode: 'stopped',
    enter: async (bed) => {
      bed.infuse();
      await bed.rig.run(MINUTE_MS);
      bed.pump.physical({ event: 'door-opened', ...A });
      bed.pump.physical({ event: 'door-closed', ...A });
    },
    wholeMl: 500,
  },
  {
    mode: 'keepVeinOpen',
    enter: async (bed) => {
      bed.infuse({ volumeToBeInfusedMl: 1 });
      await bed.rig.run(2 * MINUTE_MS);
    },
    wholeMl: 0,
  },
];

/** Lets the battery run empty. @returns what the channel did within the last second before. */
async function drain(bed: Bed) {
  bed.pump.physical({ event: 'mains-lost' });
  let before = bed.channel();
  for (let seconds = 0; bed.at('power-failed') === undefined; seconds += 1) {
    expect(seconds).toBeLessThan(1_800);
    before = bed.channel();
    await bed.rig.run(1_000);
  }
  return before;
}

/** The memory has every fact, each once, in order and at its time. */
function expectWholeLog(bed: Bed): void {
  const told = bed.facts.map((fact) => [
    fact.fact === 'event' ? fact.event : `${fact.alarm} ${fact.change}`,
    fact.channel,
    new Date(fact.atMs).toISOString(),
  ]);
  const kept = bed.log
    .records()
    .map(({ body }) => [
      'event' in body ? body.event : `${body.alarm} ${body.change}`,
      body.channel,
      body.happenedAt,
    ]);
  expect(kept).toEqual(told);
  expect(bed.log.records().map(({ seq }) => seq)).toEqual(told.map((_, index) => index));
  const times = bed.facts.map(({ atMs }) => atMs);
  expect(times).toEqual([...times].sort((one, other) => one - other));
}

describe('a battery that runs empty', () => {
  it.each(WAYS)(
    'in the mode $mode stops everything, keeps rest and settings, and loses no fact',
    async (way) => {
      for (const percent of [0.01, 0.13, 0.31]) {
        const bed = new Bed(percent);
        await bed.rig.start();
        bed.press({ action: 'power-on', newPatient: true });
        await bed.rig.run(70_000);
        bed.press({ action: 'configure', ...A, setting: { name: 'occlusionLimitMmHg', value: 300 } });
        await way.enter(bed);
        const before = await drain(bed);
        expect(before.mode).toBe(way.mode);

        const failedMs = bed.at('power-failed')!;
        const totalMl = (atMs: number) => bed.pump.totalDeliveredMl('A', atMs);
        const secondMs = bed.at('secondary-started');
        const secondMl = secondMs === undefined ? 0 : totalMl(failedMs) - totalMl(secondMs);
        const primaryMl = totalMl(failedMs) - secondMl;
        expect(bed.pump.reading()).toMatchObject({ on: false, batteryPercent: 0 });
        expect(bed.channel()).toMatchObject({ mode: 'off', motorRateMlPerH: 0, flowMlPerH: 0 });
        expect(bed.pump.alarms.map(({ alarm }) => alarm)).toEqual(['no-power']);
        const isEntry = way.mode === 'programming' || way.mode === 'ready';
        const ended = bed.facts.findLast(
          (fact) =>
            fact.fact === 'event' && fact.event === (isEntry ? 'programme-cancelled' : 'infusion-stopped'),
        );
        if (way.mode === 'standby') expect(ended).toBeUndefined();
        else {
          expect(ended).toMatchObject({ atMs: failedMs, detail: { by: 'power', orderId: 'order-1' } });
          expect(ended?.fact === 'event' && ended.detail.deliveredMl).toBeCloseTo(primaryMl, 2);
        }
        await bed.rig.run(3 * HOUR_MS);
        expect(totalMl(bed.rig.clock.now())).toBe(totalMl(failedMs));
        expectWholeLog(bed);

        bed.pump.physical({ event: 'mains-restored' });
        bed.press({ action: 'power-on', newPatient: false });
        await bed.rig.run(70_000);
        expect(bed.channel()).toMatchObject({ mode: 'standby', occlusionLimitMmHg: 300, secondary: null });
        if (way.wholeMl === 0) {
          expect(bed.pump.bedside('nurse', { action: 'recall', ...A })).toMatchObject({ accepted: false });
        } else {
          bed.press({ action: 'recall', ...A });
          expect(bed.channel()).toMatchObject({
            programmedRateMlPerH: 60,
            drug: SALINE.drug,
            orderId: 'order-1',
          });
          expect(bed.channel().volumeToBeInfusedMl).toBeCloseTo(way.wholeMl - primaryMl, 6);
          bed.press({ action: 'confirm', ...A }, { action: 'start', ...A });
          expect(bed.channel().reservoirMl).toBeCloseTo(1_000 - primaryMl, 6);
        }
        if (secondMs !== undefined) {
          expect(secondMl).toBeGreaterThan(0);
          // The second bag still hangs, with its rest.
          bed.press(
            { action: 'programme-secondary', ...A, programme: SECOND },
            { action: 'start-secondary', ...A },
          );
          expect(bed.channel().reservoirMl).toBeCloseTo(50 - secondMl, 6);
        }
        expectWholeLog(bed);
        expect(new Set(bed.log.records().map(({ bootId }) => bootId)).size).toBe(2);
      }
    },
  );

  it('in the self-test leaves nothing to take up, and loses no fact', async () => {
    const bed = new Bed(0.02);
    await bed.rig.start();
    bed.pump.physical({ event: 'mains-lost' });
    bed.press({ action: 'power-on', newPatient: true });
    expect(bed.channel().therapy).toBe('selfTest');
    await bed.rig.run(MINUTE_MS);
    expect(bed.at('power-failed')).toBeLessThan(bed.facts[0]!.atMs + 25_000);
    expect(bed.at('self-test-passed')).toBeUndefined();
    expect(bed.channel()).toMatchObject({ therapy: 'off', flowMlPerH: 0, totalDeliveredMl: 0 });
    expectWholeLog(bed);
    bed.pump.physical({ event: 'mains-restored' });
    bed.press({ action: 'power-on', newPatient: false });
    await bed.rig.run(70_000);
    expect(bed.channel().therapy).toBe('standby');
    expect(bed.pump.bedside('nurse', { action: 'recall', ...A })).toMatchObject({ accepted: false });
    expectWholeLog(bed);
  });

  it('whatever was done before, leaves the settings and the rest of the programme', () => {
    const setting = fc.constantFrom(
      { name: 'occlusionLimitMmHg', value: 300 } as const,
      { name: 'airLimitMicroL', value: 50 } as const,
      { name: 'keepVeinOpenMlPerH', value: 2 } as const,
      { name: 'autoRestarts', value: 7 } as const,
    );
    type Step = (rig: Rig, run: (ms: number) => void) => void;
    const pause: Step = (rig) => rig.nurse({ action: 'pause', ...A });
    const clamp: Step = (rig) => rig.pump.physical({ event: 'line-clamped', ...A });
    const during = fc.array(
      fc.constantFrom<Step>(
        pause,
        clamp,
        (rig) => rig.nurse({ action: 'resume', ...A }),
        (rig) => rig.nurse({ action: 'change-rate', ...A, rateMlPerH: 80 }),
        (rig) => rig.nurse({ action: 'bolus', ...A, volumeMl: 5 }),
        (rig) => rig.pump.physical({ event: 'line-opened', ...A }),
        (_, run) => run(30_000),
        (_, run) => run(2 * MINUTE_MS),
      ),
      { maxLength: 12 },
    );
    const cutIn = new Set<string>();
    fc.assert(
      fc.property(
        setting,
        during,
        fc.double({ min: 1, max: 6, noNaN: true }),
        fc.integer({ min: 0, max: 7 * HOUR_MS }),
        (set, steps, batteryPercent, offMs) => {
          const rig = new Rig({ batteryPercent }).on();
          rig.nurse({ action: 'configure', ...A, setting: set });
          rig.infuse(SALINE);
          rig.pump.physical({ event: 'mains-lost' });
          let before = rig.channel();
          /** With a look at the channel each 5 s, the last one before the end. */
          const run = (ms: number): void => {
            for (let leftMs = ms; leftMs > 0 && rig.pump.reading().on; leftMs -= 5_000) {
              before = rig.channel();
              rig.run(5_000);
            }
          };
          for (const step of steps) step(rig, run);
          run(2 * HOUR_MS);
          expect(rig.pump.reading().on).toBe(false);
          cutIn.add(before.mode);
          const ended = rig.lastEvent('infusion-stopped')!;
          expect(ended).toMatchObject({ atMs: rig.lastEvent('power-failed')?.atMs, detail: { by: 'power' } });
          const deliveredMl = Number(ended.detail.deliveredMl);
          // Within what the motor drove since the last look.
          expect(deliveredMl).toBeGreaterThanOrEqual(before.deliveredMl - 1e-3);
          const sinceMl = before.motorRateMlPerH * (5_000 / HOUR_MS);
          expect(deliveredMl).toBeLessThanOrEqual(before.deliveredMl + sinceMl + 1e-3);
          expect(rig.channel()).toMatchObject({ motorRateMlPerH: 0 });
          rig.run(offMs);
          rig.pump.physical({ event: 'mains-restored' });
          rig.on(false);
          expect(rig.nurse({ action: 'recall', ...A })).toEqual({ accepted: true });
          expect(rig.channel().volumeToBeInfusedMl).toBeCloseTo(500 - deliveredMl, 2);
          expect(rig.channel().programmedRateMlPerH).toBe(before.programmedRateMlPerH);
          if (set.name === 'occlusionLimitMmHg') expect(rig.channel().occlusionLimitMmHg).toBe(300);
        },
      ),
      {
        numRuns: 80,
        examples: [[], [pause], [clamp]].map((steps) => [{ name: 'autoRestarts', value: 7 }, steps, 2, 0]),
      },
    );
    for (const mode of ['primary', 'paused', 'stopped']) expect(cutIn).toContain(mode);
  });
});
