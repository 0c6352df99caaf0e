import { describe, expect, it } from 'vitest';
import type { AlarmPriority } from '../../../protocol/index.ts';
import { ALARM_KINDS, type AlarmName } from '../../../simulator/pump/alarms.ts';
import type { PhysicalEvent, ProgrammeEntry } from '../../../simulator/pump/index.ts';
import { firmwareOf, HOUR_MS, MINUTE_MS, modelOf, NOREPINEPHRINE, Rig, shippedModel } from './rig.ts';

interface Case {
  readonly rig: () => Rig;
  readonly cause: (rig: Rig) => void;
  /** How long after its cause, in milliseconds; with a tolerance of 1 ms for rounding up. */
  readonly afterMs: number;
  readonly priority: AlarmPriority;
  /** What ends the cause; `null`: it ends with the alarm itself, or by itself. */
  readonly cure: ((rig: Rig) => void) | null;
  /** Whether somebody has to clear it afterwards. */
  readonly clears: boolean;
}

const infusing =
  (programme: Partial<ProgrammeEntry> = {}, options: ConstructorParameters<typeof Rig>[0] = {}) =>
  () =>
    new Rig(options).on().infuse(programme);
const standby =
  (options: ConstructorParameters<typeof Rig>[0] = {}) =>
  () =>
    new Rig(options).on();
const physical = (event: PhysicalEvent) => (rig: Rig) => rig.pump.physical(event);
const SALINE = { drug: 'sodium chloride 0.9%', rateMlPerH: 60, volumeToBeInfusedMl: 500 } as const;
const SYRINGE = modelOf('syringe');
/** How long a volume takes, in milliseconds. */
const lasts = (volumeMl: number, rateMlPerH: number): number => (volumeMl / rateMlPerH) * HOUR_MS;
const A = 'A';

const stopping = (
  cause: PhysicalEvent,
  cure: PhysicalEvent,
  afterMs = 0,
  rig: () => Rig = infusing(SALINE),
): Case => ({ rig, cause: physical(cause), afterMs, priority: 'high', cure: physical(cure), clears: true });

/** Every alarm and alert, caused as it is caused on a ward. */
const CASES: Readonly<Record<Exclude<AlarmName, 'system-failure'>, Case>> = {
  // 525 mmHg less 15 of the vein, at 0.0008 mL/mmHg.
  'downstream-occlusion': stopping(
    { event: 'line-clamped', channel: A },
    { event: 'line-opened', channel: A },
    lasts(510 * 0.0008, 60),
    () => {
      const rig = new Rig().on();
      rig.nurse({ action: 'configure', channel: A, setting: { name: 'autoRestarts', value: 0 } });
      return rig.infuse(SALINE);
    },
  ),
  'upstream-occlusion': stopping(
    { event: 'supply-clamped', channel: A },
    { event: 'supply-opened', channel: A },
    lasts(0.25, 60),
  ),
  'air-in-line': stopping(
    { event: 'air-leaking', channel: A, microLPerMl: 100 },
    { event: 'air-purged', channel: A },
    lasts(1.75, 60),
  ),
  'reservoir-empty': stopping(
    { event: 'reservoir-changed', channel: A, volumeMl: 5 },
    { event: 'reservoir-changed', channel: A, volumeMl: 500 },
    lasts(5, 60),
  ),
  'door-open': stopping({ event: 'door-opened', channel: A }, { event: 'door-closed', channel: A }),
  'syringe-not-held': stopping(
    { event: 'barrel-unclamped', channel: A },
    { event: 'barrel-clamped', channel: A },
    0,
    infusing({}, { model: SYRINGE }),
  ),
  'plunger-disengaged': stopping(
    { event: 'plunger-disengaged', channel: A },
    { event: 'plunger-engaged', channel: A },
    0,
    infusing({}, { model: SYRINGE }),
  ),
  'channel-disconnected': stopping(
    { event: 'channel-detached', channel: A },
    { event: 'channel-attached', channel: A },
  ),
  'sensor-failed': stopping(
    { event: 'sensor-failed', channel: A, sensor: 'pressure' },
    { event: 'sensor-repaired', channel: A, sensor: 'pressure' },
  ),
  'flow-error': stopping(
    { event: 'motor-slipping', channel: A, share: 0.89 },
    { event: 'motor-slipping', channel: A, share: 1 },
    15 * MINUTE_MS,
  ),
  'key-stuck': stopping({ event: 'key-stuck' }, { event: 'key-released' }, 30_000),
  watchdog: stopping({ event: 'controller-hung' }, { event: 'controller-recovered' }, 3 * MINUTE_MS),
  overheated: stopping(
    { event: 'temperature-changed', celsius: 60 },
    { event: 'temperature-changed', celsius: 30 },
  ),
  'battery-defective': stopping({ event: 'battery-failed' }, { event: 'battery-replaced' }),
  'self-test-failed': {
    rig: () => {
      const rig = new Rig({ firmware: { ...firmwareOf('lvp', '1.0.0'), selfTest: 'fails' } });
      rig.nurse({ action: 'power-on', newPatient: true });
      return rig;
    },
    cause: () => undefined,
    afterMs: Number.NaN,
    priority: 'high',
    cure: (rig) => rig.nurse({ action: 'power-off' }),
    clears: false,
  },
  'no-power': {
    rig: () => {
      const rig = infusing(SALINE)();
      rig.pump.physical({ event: 'battery-failed' });
      return rig;
    },
    cause: physical({ event: 'mains-lost' }),
    afterMs: 0,
    priority: 'high',
    cure: physical({ event: 'mains-restored' }),
    clears: false,
  },
  'dose-limit': {
    rig: infusing(SALINE),
    cause: (rig) => rig.nurse({ action: 'bolus', channel: A, volumeMl: 101 }),
    afterMs: 0,
    priority: 'high',
    cure: null,
    clears: true,
  },
  'infusion-complete': {
    rig: infusing({ ...SALINE, volumeToBeInfusedMl: 10 }),
    cause: () => undefined,
    afterMs: 10 * MINUTE_MS,
    priority: 'medium',
    cure: (rig) => rig.nurse({ action: 'stop', channel: A }),
    clears: false,
  },
  'programme-cleared': {
    rig: standby(),
    cause: (rig) => rig.nurse({ action: 'programme', channel: A, programme: NOREPINEPHRINE }),
    afterMs: 10 * MINUTE_MS,
    priority: 'medium',
    cure: null,
    clears: true,
  },
  'limits-failed': {
    rig: infusing(SALINE),
    cause: physical({ event: 'library-corrupted' }),
    afterMs: 0,
    priority: 'medium',
    cure: null,
    clears: false,
  },
  'battery-depleted': {
    // 480 minutes at full charge in a slow delivery: so much lasts some 25 minutes.
    rig: infusing({}, { batteryPercent: 5 }),
    cause: physical({ event: 'mains-lost' }),
    afterMs: Number.NaN,
    priority: 'high',
    cure: physical({ event: 'mains-restored' }),
    clears: false,
  },
  'battery-low': {
    rig: infusing({}, { batteryPercent: 5 }),
    cause: physical({ event: 'mains-lost' }),
    afterMs: Number.NaN,
    priority: 'medium',
    cure: physical({ event: 'mains-restored' }),
    clears: false,
  },
  'set-misloaded': {
    rig: infusing(SALINE),
    cause: physical({ event: 'set-misloaded', channel: A }),
    afterMs: 0,
    priority: 'medium',
    cure: physical({ event: 'set-loaded', channel: A }),
    clears: false,
  },
  'near-end': {
    rig: infusing({ ...SALINE, volumeToBeInfusedMl: 30 }),
    cause: () => undefined,
    afterMs: 20 * MINUTE_MS,
    priority: 'low',
    cure: (rig) => rig.run(10 * MINUTE_MS),
    clears: false,
  },
  'reservoir-low': {
    rig: infusing(SALINE),
    cause: physical({ event: 'reservoir-changed', channel: A, volumeMl: 30 }),
    afterMs: 20 * MINUTE_MS,
    priority: 'low',
    cure: physical({ event: 'reservoir-changed', channel: A, volumeMl: 500 }),
    clears: false,
  },
  'dose-out-of-range': {
    rig: infusing({ drug: 'vasopressin', rateMlPerH: 6 }),
    cause: (rig) => rig.nurse({ action: 'change-rate', channel: A, rateMlPerH: 8, overrideSoftLimit: true }),
    afterMs: 0,
    priority: 'low',
    cure: (rig) => rig.nurse({ action: 'change-rate', channel: A, rateMlPerH: 6 }),
    clears: false,
  },
  idle: {
    rig: standby(),
    cause: (rig) => rig.nurse({ action: 'programme', channel: A, programme: NOREPINEPHRINE }),
    afterMs: 5 * MINUTE_MS,
    priority: 'low',
    cure: (rig) => rig.nurse({ action: 'confirm', channel: A }),
    clears: false,
  },
  'input-waiting': {
    rig: infusing(SALINE),
    cause: (rig) => rig.nurse({ action: 'pause', channel: A }),
    afterMs: 15 * MINUTE_MS,
    priority: 'low',
    cure: (rig) => rig.nurse({ action: 'resume', channel: A }),
    clears: false,
  },
};

describe('the list of alarms', () => {
  it('has a physical cause for each; a failed machine is in pump.test.ts', () => {
    expect(Object.keys(CASES).sort()).toEqual(
      Object.keys(ALARM_KINDS)
        .filter((name) => name !== 'system-failure')
        .sort(),
    );
  });
});

describe.each(Object.entries(CASES))(
  'the alarm %s',
  (name, { rig: make, cause, afterMs, priority, cure, clears }) => {
    const caused = (): { rig: Rig; fromMs: number } => {
      const rig = make();
      expect(rig.alarms()).not.toContain(name);
      cause(rig);
      const fromMs = rig.clock.now();
      for (let waited = 0; !rig.alarms().includes(name); waited += 1_000) {
        expect(waited).toBeLessThan(HOUR_MS);
        rig.run(1_000);
      }
      return { rig, fromMs };
    };

    it('comes at its time with its priority, and stops delivery if it is one of those', () => {
      const { rig, fromMs } = caused();
      expect(rig.raised(name)).toMatchObject({ priority });
      if (!Number.isNaN(afterMs)) {
        expect(rig.raised(name)!.atMs - fromMs).toBeGreaterThanOrEqual(Math.floor(afterMs));
        expect(rig.raised(name)!.atMs - fromMs).toBeLessThanOrEqual(Math.ceil(afterMs) + 1);
      }
      const flowing = rig.channel().flowMlPerH > 0;
      if (ALARM_KINDS[name as AlarmName].stops) expect(flowing).toBe(false);
      expect(rig.pump.reading().alarms.find(({ alarm }) => alarm === name)?.channel).toBe(
        /^(key|watchdog|overheated|battery|self-test|no-power|limits)/.test(name) ? null : 'A',
      );
    });

    it('stays until its cause is gone, whatever key is pressed', () => {
      if (cure === null) return;
      const { rig } = caused();
      rig.nurse({ action: 'silence' });
      rig.nurse({ action: 'clear' });
      rig.run(1_000);
      expect(rig.alarms()).toContain(name);
      cure(rig);
      expect(rig.alarms().includes(name)).toBe(clears);
    });

    it('is cleared by somebody where it latches or reports something over', () => {
      if (!clears) return;
      const { rig } = caused();
      cure?.(rig);
      rig.nurse({ action: 'clear' });
      expect(rig.alarms()).not.toContain(name);
    });
  },
);

describe('an alarm whose cause comes back before it was cleared', () => {
  it.each([
    ['door-open', { event: 'door-opened', channel: A }, { event: 'door-closed', channel: A }],
    [
      'air-in-line',
      { event: 'air-entered', channel: A, volumeMicroL: 300 },
      { event: 'air-purged', channel: A },
    ],
    [
      'reservoir-empty',
      { event: 'reservoir-changed', channel: A, volumeMl: 0 },
      { event: 'reservoir-changed', channel: A, volumeMl: 500 },
    ],
    [
      'sensor-failed',
      { event: 'sensor-failed', channel: A, sensor: 'air' },
      { event: 'sensor-repaired', channel: A, sensor: 'air' },
    ],
  ] satisfies [string, PhysicalEvent, PhysicalEvent][])('%s is not cleared', (name, begins, ends) => {
    const rig = infusing(SALINE)();
    rig.pump.physical(begins);
    rig.run(1);
    rig.pump.physical(ends);
    rig.pump.physical(begins);
    expect(rig.nurse({ action: 'clear' })).toMatchObject({ reason: 'the cause is still there' });
    expect(rig.alarms()).toEqual([name]);
  });
});

describe('what is wrong before the pump is switched on', () => {
  it('is told as soon as it is ready', () => {
    const rig = new Rig();
    rig.pump.physical({ event: 'channel-detached', channel: 'B' });
    rig.pump.physical({ event: 'set-misloaded', channel: A });
    expect(rig.alarms()).toEqual([]);
    expect(rig.on().alarms().sort()).toEqual(['channel-disconnected', 'set-misloaded']);
  });
});

describe('an occlusion', () => {
  it('is found after a time that goes as 1/rate', () => {
    const msAt = (rateMlPerH: number): number => {
      const rig = infusing({ drug: null, rateMlPerH, volumeToBeInfusedMl: 500 })();
      const fromMs = rig.clock.now();
      rig.pump.physical({ event: 'line-clamped', channel: A });
      rig.run(10 * HOUR_MS);
      return rig.raised('downstream-occlusion')!.atMs - fromMs;
    };
    const at100 = msAt(100);
    for (const rate of [1, 10, 50]) expect(msAt(rate) / at100).toBeCloseTo(100 / rate, 2);
  });

  it.each(['lvp', 'pca', 'syringe'])(
    'of a %s lets at most 0.5 mL into the patient when it is released, or says so',
    (id) => {
      const model = shippedModel(id);
      const { min, max, preset, step } = model.occlusionMmHg;
      const limits = [...new Set([min, preset, max])];
      for (let mmHg = min; mmHg <= max; mmHg += step * 4) limits.push(mmHg);
      for (const value of limits) {
        const rig = new Rig({ model }).on();
        rig.nurse({ action: 'configure', channel: A, setting: { name: 'occlusionLimitMmHg', value } });
        rig.nurse({ action: 'configure', channel: A, setting: { name: 'autoRestarts', value: 0 } });
        rig.infuse({ drug: null, rateMlPerH: 3, volumeToBeInfusedMl: 40 });
        rig.pump.physical({ event: 'line-clamped', channel: A });
        rig.run(HOUR_MS);
        const beforeMl = rig.channel().totalDeliveredMl;
        rig.pump.physical({ event: 'line-opened', channel: A });
        rig.run(10_000);
        const bolusMl = rig.channel().totalDeliveredMl - beforeMl;
        const told = rig.lastEvent('release-bolus-exceeded');
        if (bolusMl > 0.5)
          expect(told?.detail).toMatchObject({ reason: expect.stringContaining(`${value} mmHg`) });
        else expect(told).toBeUndefined();
        if (value === preset) expect(bolusMl).toBeLessThanOrEqual(0.5);
      }
    },
  );
});

describe('what a model does not have', () => {
  const DOOR = ['door-opened', 'door-closed'] as const;
  const SYRINGE_HOLDER = [
    ...(['barrel-unclamped', 'barrel-clamped'] as const),
    ...(['plunger-disengaged', 'plunger-engaged'] as const),
  ];
  it.each([
    ...DOOR.map((event) => ['syringe', event] as const),
    ...SYRINGE_HOLDER.flatMap((event) => [['lvp', event] as const, ['pca', event] as const]),
  ])('does not fail: a %s pump knows no %s', (model, event) => {
    for (const runs of [true, false]) {
      const rig = new Rig({ model: modelOf(model) }).on();
      if (runs) rig.infuse({ drug: null, rateMlPerH: 1, volumeToBeInfusedMl: 20 });
      const before = rig.pump.reading();
      rig.pump.physical({ event, channel: A });
      expect(rig.facts.at(-1)).toMatchObject({
        event: 'event-not-taken',
        channel: A,
        detail: { event: `physical.${event}` },
      });
      expect(rig.pump.reading()).toEqual(before);
    }
  });
});

describe('a flow that is off', () => {
  it.each([
    [0.9, false],
    [0.899, true],
    [1.1, false],
    [1.101, true],
    [0.5, true],
    [2, true],
  ])('by a share of %d stops after 15 min: %s', (share, stops) => {
    const rig = infusing(SALINE)();
    rig.pump.physical({ event: 'motor-slipping', channel: A, share });
    rig.run(15 * MINUTE_MS - 1);
    expect(rig.channel()).toMatchObject({ therapy: 'infusing', flowMlPerH: expect.closeTo(60 * share, 6) });
    expect(rig.alarms()).toEqual([]);
    rig.run(1);
    expect(rig.alarms()).toEqual(stops ? ['flow-error'] : []);
    expect(rig.channel()).toMatchObject(
      stops ? { therapy: 'stopped', motorRateMlPerH: 0, flowMlPerH: 0 } : { therapy: 'infusing' },
    );
  });

  it('begins anew when it was right in between, and is not seen without a flow sensor', () => {
    const rig = infusing(SALINE)();
    const slip = (share: number) => rig.pump.physical({ event: 'motor-slipping', channel: A, share });
    slip(0.5);
    rig.run(14 * MINUTE_MS);
    slip(1);
    slip(0.5);
    expect(rig.run(14 * MINUTE_MS).alarms()).toEqual([]);
    expect(rig.run(MINUTE_MS).alarms()).toEqual(['flow-error']);
    // A sensor that has failed stops the infusion itself: there is no flow that could be off.
    const blind = infusing(SALINE)();
    blind.pump.physical({ event: 'motor-slipping', channel: A, share: 0.5 });
    blind.run(14 * MINUTE_MS);
    blind.pump.physical({ event: 'sensor-failed', channel: A, sensor: 'flow' });
    expect(blind.channel()).toMatchObject({ therapy: 'stopped', flowMlPerH: 0 });
    blind.run(20 * MINUTE_MS);
    expect(blind.story()).not.toContain('flow-error raised');
    expect(blind.nurse({ action: 'resume', channel: A })).toMatchObject({ accepted: false });
    blind.pump.physical({ event: 'sensor-repaired', channel: A, sensor: 'flow' });
    blind.nurse({ action: 'clear' });
    expect(blind.nurse({ action: 'resume', channel: A })).toEqual({ accepted: true });
    expect(blind.run(15 * MINUTE_MS - 1).story()).not.toContain('flow-error raised');
    expect(blind.run(1).alarms()).toEqual(['flow-error']);
  });
});

describe('a smaller syringe', () => {
  it('is not put in while the pump drives, and nothing starts that is too fast for it', () => {
    const rig = new Rig({ model: SYRINGE })
      .on()
      .infuse({ drug: null, rateMlPerH: 400, volumeToBeInfusedMl: 40 });
    const smaller: PhysicalEvent = { event: 'reservoir-changed', channel: A, volumeMl: 5, syringeMl: 5 };
    rig.pump.physical(smaller);
    expect(rig.story().at(-1)).toBe('event-not-taken');
    rig.nurse({ action: 'pause', channel: A });
    rig.pump.physical(smaller);
    expect(rig.nurse({ action: 'resume', channel: A })).toMatchObject({
      reason: 'the syringe of 5 mL is too small for the rate',
    });
  });

  it('slows a bolus down to its own maximum', () => {
    const rig = new Rig({ model: SYRINGE }).on();
    rig.pump.physical({ event: 'reservoir-changed', channel: A, volumeMl: 1, syringeMl: 1 });
    rig.infuse({ drug: null, rateMlPerH: 2, volumeToBeInfusedMl: 1 });
    rig.nurse({ action: 'bolus', channel: A, volumeMl: 0.5 });
    expect(rig.channel()).toMatchObject({ mode: 'bolus', flowMlPerH: 30 });
  });
});
