import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BedsideAction, type PhysicalEvent, SILENCE_MS } from '../../../simulator/pump/index.ts';
import { HOUR_MS, MINUTE_MS, modelOf, NOREPINEPHRINE, Rig } from './rig.ts';

/** What no keypad sends, but a socket may. */
const ODD: readonly unknown[] = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -1,
  -0,
  1e308,
  5e-324,
  '',
  '12',
  'x'.repeat(100_000),
  '\u0000\uD800\u202E',
  { toString: null },
  '__proto__',
  'constructor',
  null,
  undefined,
  true,
  [],
  [7],
  {},
  { valueOf: 1 },
];
const odd = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ODD) },
  { weight: 1, arbitrary: fc.anything() },
);

const PROGRAMME = {
  ...NOREPINEPHRINE,
  concentration: { amount: 4, amountUnit: 'mg', volumeMl: 250 },
  weightKg: 70,
  dose: { value: 8, unit: 'mcg/min' },
  loading: { volumeMl: 1, rateMlPerH: 20 },
  pca: { demandDoseMl: 1, lockoutMinutes: 10, accumulatedLimitMl: 15, accumulatedWindowHours: 4 },
};

const ACTIONS: readonly object[] = [
  { action: 'power-on', newPatient: true },
  { action: 'programme', channel: 'A', programme: PROGRAMME },
  { action: 'programme-secondary', channel: 'A', programme: NOREPINEPHRINE, overrideSoftLimit: true },
  ...['recall', 'start', 'pause', 'resume', 'stop', 'start-secondary', 'pca-demand'].map((action) => ({
    action,
    channel: 'A',
  })),
  { action: 'confirm', channel: 'A', overrideSoftLimit: true },
  { action: 'change-rate', channel: 'A', rateMlPerH: 20, overrideSoftLimit: true },
  { action: 'change-dose', channel: 'A', dose: 5, overrideSoftLimit: true },
  { action: 'bolus', channel: 'A', volumeMl: 5 },
  { action: 'configure', channel: 'A', setting: { name: 'autoRestarts', value: 1 } },
  { action: 'unlock', code: '1234' },
  { action: 'enter-service', code: '1234' },
];

const EVENTS: readonly object[] = [
  ...['line-clamped', 'line-opened', 'supply-clamped', 'air-purged', 'door-opened', 'channel-detached'].map(
    (event) => ({
      event,
      channel: 'A',
    }),
  ),
  { event: 'reservoir-changed', channel: 'A', volumeMl: 50, syringeMl: 50 },
  { event: 'secondary-hung', channel: 'A', volumeMl: 50 },
  { event: 'air-entered', channel: 'A', volumeMicroL: 60 },
  { event: 'air-leaking', channel: 'A', microLPerMl: 10 },
  { event: 'motor-slipping', channel: 'A', share: 0.5 },
  { event: 'sensor-failed', channel: 'A', sensor: 'air' },
  { event: 'sensor-repaired', channel: 'A', sensor: 'air' },
  { event: 'temperature-changed', celsius: 20 },
];

/** The same with one value somewhere in it replaced, or missing; the name of the key itself stays. */
function spoil(whole: object, path: number, by: unknown): object {
  const places: string[][] = [];
  const visit = (value: unknown, at: string[]): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      if (at.length === 0 && (name === 'action' || name === 'event')) continue;
      places.push([...at, name]);
      visit(inner, [...at, name]);
    }
  };
  visit(whole, []);
  const place = places[path % places.length]!;
  const copy: Record<string, unknown> = structuredClone(whole) as Record<string, unknown>;
  let inside = copy;
  for (const name of place.slice(0, -1)) inside = inside[name] as Record<string, unknown>;
  inside[place.at(-1)!] = by;
  return copy;
}

const situations: readonly (() => Rig)[] = [
  () => new Rig().on(),
  () => new Rig().on().infuse(),
  () =>
    new Rig({ model: modelOf('pca') })
      .on()
      .infuse({ drug: 'morphine', rateMlPerH: 1, volumeToBeInfusedMl: 20 }),
  () => new Rig({ model: modelOf('syringe') }).on().infuse(),
  () => {
    const rig = new Rig().on().infuse();
    rig.nurse({ action: 'pause', channel: 'A' });
    return rig;
  },
];

function expectWhole(rig: Rig): void {
  const reading = rig.pump.reading();
  for (const channel of reading.channels) {
    for (const value of Object.values(channel))
      if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
    expect(channel.motorRateMlPerH).toBeLessThanOrEqual(rig.pump.model.rateMlPerH.max);
    expect(typeof channel.reservoirMl).toBe('number');
  }
  expect(rig.alarms()).not.toContain('system-failure');
  expect(reading.display.length).toBeLessThan(1_000);
}

describe('a key with a value that it cannot have', () => {
  it('is refused with a reason that is shown and written down, and changes nothing; never an exception', () => {
    let refused = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...situations),
        fc.constantFrom(...ACTIONS),
        fc.nat(20),
        odd,
        (situation, action, place, value) => {
          const rig = situation();
          const before = rig.pump.reading().channels;
          const facts = rig.facts.length;
          const result = rig.nurse(spoil(action, place, value) as BedsideAction);
          expectWhole(rig);
          if (result.accepted) return;
          refused += 1;
          expect(result.reason.length).toBeGreaterThan(3);
          expect(result.reason.length).toBeLessThan(500);
          expect(rig.pump.reading().channels).toEqual(before);
          const fact = rig.facts[facts];
          expect(fact).toMatchObject({ event: 'action-refused', detail: { reason: result.reason } });
          expect(JSON.stringify(fact).length).toBeLessThan(1_000);
          expect(() => rig.run(HOUR_MS)).not.toThrow();
          expectWhole(rig);
        },
      ),
      { numRuns: 700 },
    );
    expect(refused).toBeGreaterThan(300);
  });

  it.each([
    [{ ...NOREPINEPHRINE, weightKg: 0 }, 'the weight is not within'],
    [{ ...NOREPINEPHRINE, weightKg: 900 }, 'the weight is not within'],
    [{ ...NOREPINEPHRINE, drug: 'unobtainium' }, 'unobtainium'],
    [{ ...NOREPINEPHRINE, rateMlPerH: Number.NaN }, 'the rate is not a number'],
    [{ ...NOREPINEPHRINE, rateMlPerH: -1 }, 'the rate is not a number above 0'],
    [{ ...NOREPINEPHRINE, rateMlPerH: 1e9 }, 'mL/h'],
    [{ ...NOREPINEPHRINE, drug: 'x'.repeat(10_000) }, 'the drug is not a text'],
  ])('%# says what is wrong', (programme, words) => {
    const rig = new Rig().on();
    expect(rig.nurse({ action: 'programme', channel: 'A', programme })).toMatchObject({
      accepted: false,
      reason: expect.stringContaining(words),
    });
    expect(rig.channel().therapy).toBe('standby');
  });

  it('that nobody knows is refused', () => {
    const rig = new Rig().on();
    for (const action of ['self-destruct', 'constructor', '__proto__', '']) {
      expect(rig.nurse({ action } as unknown as BedsideAction)).toMatchObject({ accepted: false });
    }
    expect(rig.nurse({ action: 'start' } as unknown as BedsideAction)).toMatchObject({ accepted: false });
    expectWhole(rig);
  });
});

const NO_KEY: readonly unknown[] = [
  ...ODD,
  7,
  Symbol('start'),
  () => 'start',
  ['start'],
  ...[null, undefined, 7, true, ['stop'], ['start'], { toString: null }, Symbol('stop')].map((action) => ({
    action,
    channel: 'A',
  })),
];

describe('what is no key at all', () => {
  it.each(situations.map((situation, index) => [index, situation] as const))(
    'is denied, and changes nothing: situation %i',
    (_, situation) => {
      for (const action of NO_KEY) {
        const rig = situation();
        const before = rig.pump.reading();
        const result = rig.nurse(action as BedsideAction);
        expect(result).toEqual({ accepted: false, reason: 'there is no such key', control: null });
        expect(rig.lastEvent('action-refused')).toMatchObject({ detail: { action: 'unknown', by: 'nurse' } });
        expect(rig.pump.reading()).toEqual(before);
        expectWhole(rig);
      }
    },
  );

  it('is told in few words, however long its name', () => {
    const rig = new Rig().on().infuse();
    rig.nurse({ action: 'x'.repeat(100_000), channel: 'y'.repeat(100_000) } as unknown as BedsideAction);
    expect(JSON.stringify(rig.facts.at(-1)).length).toBeLessThan(500);
    rig.pump.physical({ event: 'x'.repeat(100_000), channel: 'y' } as unknown as PhysicalEvent);
    expect(JSON.stringify(rig.facts.at(-1)).length).toBeLessThan(500);
    expectWhole(rig);
  });
});

describe('what is no event at all', () => {
  it.each(situations.map((situation, index) => [index, situation] as const))(
    'is a fact, and changes nothing: situation %i',
    (_, situation) => {
      const named = [['door-opened'], ['line-clamped'], { toString: null }, null, 7, true, Symbol('x')];
      for (const event of [...NO_KEY, ...named.map((name) => ({ event: name, channel: 'A' }))]) {
        const rig = situation();
        const before = rig.pump.reading();
        rig.pump.physical(event as PhysicalEvent);
        expect(rig.story().at(-1)).toBe('event-not-taken');
        expect(rig.pump.reading()).toEqual(before);
        expectWhole(rig);
      }
    },
  );
});

describe('a setting that is no number', () => {
  it.each(['occlusionLimitMmHg', 'keepVeinOpenMlPerH', 'airLimitMicroL', 'autoRestarts'])(
    '%s is refused',
    (name) => {
      const rig = new Rig().on();
      for (const value of ['50', [50], '5', true, null, undefined]) {
        const action = {
          action: 'configure',
          channel: 'A',
          setting: { name, value },
        } as unknown as BedsideAction;
        expect(rig.nurse(action)).toMatchObject({ reason: 'a setting is a name and a number' });
      }
    },
  );
});

describe('a physical event with a value that there cannot be', () => {
  it('is a fact and changes nothing; never an exception', () => {
    let notTaken = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...situations),
        fc.constantFrom(...EVENTS),
        fc.nat(20),
        odd,
        (situation, event, place, value) => {
          const rig = situation();
          const before = rig.pump.reading().channels;
          const facts = rig.facts.length;
          const result = rig.pump.physical(spoil(event, place, value) as PhysicalEvent);
          expectWhole(rig);
          const fact = rig.facts[facts];
          if (fact?.fact !== 'event' || fact.event !== 'event-not-taken') return;
          notTaken += 1;
          expect(result).toEqual({ taken: false, reason: fact.detail.reason });
          expect(String(fact.detail.reason)).not.toMatch(/^(?:undefined)?$/);
          expect(rig.pump.reading().channels).toEqual(before);
          expect(JSON.stringify(fact).length).toBeLessThan(500);
          expect(() => rig.run(HOUR_MS)).not.toThrow();
          expectWhole(rig);
        },
      ),
      { numRuns: 700 },
    );
    expect(notTaken).toBeGreaterThan(300);
  });

  it.each(ODD.filter((value) => typeof value !== 'number'))('%# is no number', (value) => {
    for (const [event, name] of [
      ['reservoir-changed', 'volumeMl'],
      ['air-entered', 'volumeMicroL'],
      ['air-leaking', 'microLPerMl'],
      ['motor-slipping', 'share'],
      ['temperature-changed', 'celsius'],
    ] as const) {
      const rig = new Rig().on().infuse();
      rig.pump.physical({ event, channel: 'A', [name]: value } as unknown as PhysicalEvent);
      expect(rig.story().at(-1)).toBe('event-not-taken');
    }
  });

  it('that nobody knows is a fact', () => {
    const rig = new Rig().on();
    rig.pump.physical({ event: 'meteorite', channel: 'A' } as unknown as PhysicalEvent);
    expect(rig.story().at(-1)).toBe('event-not-taken');
  });
});

describe('a remote command', () => {
  it('with any value is refused or within all limits', () => {
    fc.assert(
      fc.property(odd, odd, (channel, rateMlPerH) => {
        const rig = new Rig().on().infuse();
        rig.pump.remoteRate(channel as string, 20);
        rig.pump.remoteRate('A', rateMlPerH as number);
        rig.pump.remoteBolus(channel as string, 1);
        rig.pump.remoteBolus('A', rateMlPerH as number);
        rig.pump.remoteAlarmLimit(channel as string, 100);
        rig.pump.remoteAlarmLimit('A', rateMlPerH as number);
        rig.pump.remotePause(channel as string);
        expectWhole(rig);
        expect(rig.channel().motorRateMlPerH).toBeLessThanOrEqual(999);
      }),
      { numRuns: 300 },
    );
  });
});

describe('ten thousand keys in one instant', () => {
  it('are taken one by one, and the pump does what the last one left', () => {
    const rig = new Rig().on().infuse();
    for (let times = 0; times < 10_000; times++) {
      const action = times % 2 === 0 ? 'pause' : 'resume';
      expect(rig.nurse({ action, channel: 'A' }).accepted).toBe(true);
    }
    expectWhole(rig);
    expect(rig.channel()).toMatchObject({ therapy: 'infusing', flowMlPerH: 12 });
    expect(rig.run(HOUR_MS).channel().totalDeliveredMl).toBeCloseTo(12, 9);
  });

  it('do not lengthen a silence', () => {
    const rig = new Rig().on().infuse();
    rig.pump.physical({ event: 'door-opened', channel: 'A' });
    for (let times = 0; times < 10_000; times++) rig.nurse({ action: 'silence' });
    expect(rig.pump.reading().alarms[0]?.silencedUntilMs).toBe(rig.clock.now() + SILENCE_MS);
  });
});

describe('a clock that jumps', () => {
  it.each([1, 30, 3_650])('%d days ahead leaves a pump that did everything at its own time', (days) => {
    const rig = new Rig().on();
    const startMs = rig.clock.now();
    rig.infuse({ rateMlPerH: 60, volumeToBeInfusedMl: 30 });
    rig.run(days * 24 * HOUR_MS);
    expectWhole(rig);
    expect(rig.raised('infusion-complete')?.atMs).toBe(startMs + 30 * MINUTE_MS);
    expect(rig.channel().totalDeliveredMl).toBeLessThanOrEqual(1_000 + 1e-6);
  });
});
