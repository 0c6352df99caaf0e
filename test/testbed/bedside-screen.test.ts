import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { THERAPY_STATES } from '../../protocol/index.ts';
import type { ScreenPaint } from '../../testbed/bedside-rows.ts';
import { bedsideScreen } from '../../testbed/bedside-screen.ts';
import {
  type BedsideChannel,
  type BedsideState,
  bedsideState,
  bedsideStateSchema,
} from '../../testbed/bedside-state.ts';
import { MINUTE_MS, modelOf, Rig } from '../simulator/pump/rig.ts';

const CHANNEL: BedsideChannel = {
  channel: 'A',
  therapy: 'infusing',
  mode: 'primary',
  running: {
    phase: 'primary',
    drug: 'dopamine',
    rateMlPerH: 13.1,
    dose: { value: 4.99, unit: 'mcg/kg/min' },
    infusedMl: 12.34,
    volumeToBeInfusedMl: 250,
    leftMl: 237.66,
    leftMinutes: (237.66 / 13.1) * 60,
  },
  next: null,
  shownBack: [],
  nextShownBack: [],
  pressureMmHg: 131,
  occlusionLimitMmHg: 525,
  airMicroL: 0,
};
const running = (change: Partial<NonNullable<BedsideChannel['running']>>) => ({
  running: { ...CHANNEL.running!, ...change },
});

function stateWith(change: Partial<BedsideState> = {}, channel: Partial<BedsideChannel> = {}): BedsideState {
  return {
    serial: 'LVP-0001',
    model: 'Large-volume pump',
    careArea: 'adult-icu',
    atMs: 1_700_000_000_000,
    on: true,
    power: 'mains',
    batteryPercent: 98.4,
    access: 'unlocked',
    libraryInUse: true,
    library: '1.0.0',
    libraryPending: null,
    line: 'A INFUSING …',
    alarms: [],
    channels: [{ ...CHANNEL, ...channel }],
    ...change,
  };
}

const OCCLUSION = {
  alarm: 'downstream-occlusion',
  text: 'OCCLUSION DOWNSTREAM',
  channel: 'A',
  priority: 'high',
  silencedUntilMs: null,
} as const;

const shown = (change: Partial<BedsideState> = {}, channel: Partial<BedsideChannel> = {}) =>
  bedsideScreen(stateWith(change, channel)).join('\n');

describe('the display', () => {
  it('shows state, drug, rate, dose, volumes, time left, pressure against its limit, battery, clock and library', () => {
    const text = shown();
    const clock = new Date(1_700_000_000_000).toTimeString().slice(0, 8);
    for (const part of [
      'LVP-0001  Large-volume pump, adult-icu',
      clock,
      'A INFUSING  dopamine',
      '13.1 mL/h  4.99 mcg/kg/min',
      'infused 12.3 of 250 mL, 237.7 mL and 18 h 09 min left',
      '[####............] 131 of 525 mmHg',
      'battery 98 %, on mains',
      'library 1.0.0',
      'TRAINING, NOT FOR HUMAN USE',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('shows alarms with the marks and words of their priority, the most urgent first, and a silence', () => {
    const atMs = 1_700_000_000_000;
    const [, first, second] = bedsideScreen(
      stateWith({
        atMs,
        alarms: [
          { alarm: 'near-end', text: 'NEAR END', channel: 'A', priority: 'low', silencedUntilMs: null },
          {
            alarm: 'downstream-occlusion',
            text: 'OCCLUSION DOWNSTREAM',
            channel: 'A',
            priority: 'high',
            silencedUntilMs: atMs + 90_000,
          },
        ],
      }),
    );
    expect(first).toContain('!!! A: OCCLUSION DOWNSTREAM  (high priority)  silenced for 90 s');
    expect(second).toContain('!   A: NEAR END  (low priority)');
  });

  it.each([
    ['a library that is not in use', { libraryInUse: false, library: null }, {}, 'LIBRARY NOT IN USE'],
    ['a library that waits', { libraryPending: '1.1.0' }, {}, '1.1.0 waits for a new patient'],
    ['a locked keypad', { access: 'locked' }, {}, 'KEYPAD LOCKED'],
    ['the battery', { power: 'battery' as const }, {}, 'ON BATTERY'],
    ['a programme outside the library', {}, running({ drug: null }), 'NO DRUG NAMED'],
    ['a bolus', {}, { mode: 'bolus' }, 'A BOLUS'],
    ['a programme to confirm', {}, { therapy: 'programming' as const }, 'CONFIRM?'],
    ['air', {}, { airMicroL: 80.2 }, 'air 80 µL'],
    [
      'a dose however small',
      {},
      running({ dose: { value: 0.00012346, unit: 'mg/kg/min' } }),
      '0.0001235 mg/kg/min',
    ],
    ['a rate in the steps of the pump', {}, running({ rateMlPerH: 123.45 }), '123.45 mL/h'],
    ['what is shown back', {}, { shownBack: ['weight 70 kg'] }, 'weight 70 kg'],
    ['a pump that is off', { on: false }, {}, 'off'],
    [
      'that a pump is off because it has no power',
      { on: false, alarms: [{ ...OCCLUSION, channel: null, text: 'NO POWER' }] },
      {},
      '!!! NO POWER  (high priority)',
    ],
    [
      'the line of a self-test',
      { line: 'SELF-TEST, firmware 1.2.0' },
      { therapy: 'selfTest' as const },
      'SELF-TEST, firmware 1.2.0',
    ],
  ])('shows %s', (_, change, channel, text) => {
    expect(shown(change, channel)).toContain(text);
  });

  it('shows nothing of a programme where there is none', () => {
    const text = shown({}, { therapy: 'standby', running: null });
    expect(text).toContain('A STANDBY');
    expect(text).not.toMatch(/infused|mL\/h|NO DRUG/);
  });

  it('colours without a change of what is read', () => {
    const red: ScreenPaint = {
      high: (text) => `<${text}>`,
      medium: (text) => `<${text}>`,
      low: (text) => `<${text}>`,
      running: (text) => `<${text}>`,
      strong: (text) => `<${text}>`,
      faint: (text) => `<${text}>`,
    };
    const state = stateWith({
      alarms: [{ alarm: 'x', text: 'X', channel: null, priority: 'high', silencedUntilMs: null }],
    });
    const painted = bedsideScreen(state, red).join('\n');
    expect(painted).toContain('<!!! X  (high priority)>');
    expect(painted.replaceAll(/[<>]/g, '')).toBe(bedsideScreen(state).join('\n'));
  });

  const text = fc.string({
    unit: fc.oneof(fc.constantFrom('a', ' ', '\u001b', '\n', '\u202e'), fc.constantFrom('…', '𝕏', 'z')),
  });
  const number = fc.oneof(fc.double({ noNaN: true, min: -10, max: 1e7 }), fc.constant(0));
  const anyRunning = fc.record({
    phase: fc.constantFrom('loading', 'primary', 'secondary', 'bolus', 'pcaDose', 'keepVeinOpen'),
    drug: fc.option(text),
    rateMlPerH: number,
    dose: fc.option(fc.record({ value: number, unit: text })),
    infusedMl: number,
    volumeToBeInfusedMl: number,
    leftMl: fc.option(number),
    leftMinutes: fc.option(number),
  });
  const channel = fc.record({
    channel: text,
    therapy: fc.constantFrom(...THERAPY_STATES),
    mode: text,
    running: fc.option(anyRunning),
    next: fc.option(anyRunning),
    shownBack: fc.array(text, { maxLength: 3 }),
    nextShownBack: fc.array(text, { maxLength: 3 }),
    pressureMmHg: number,
    occlusionLimitMmHg: number,
    airMicroL: number,
  });
  const anyState = fc.record({
    serial: text,
    model: text,
    careArea: text,
    atMs: fc.oneof(fc.maxSafeNat(), fc.constant(0)),
    on: fc.boolean(),
    power: fc.constantFrom('mains' as const, 'battery' as const),
    batteryPercent: number,
    access: text,
    libraryInUse: fc.boolean(),
    library: fc.option(text),
    libraryPending: fc.option(text),
    line: text,
    alarms: fc.array(
      fc.record({
        alarm: text,
        text,
        channel: fc.option(text),
        priority: fc.constantFrom('low' as const, 'medium' as const, 'high' as const),
        silencedUntilMs: fc.option(fc.maxSafeNat()),
      }),
      { maxLength: 3 },
    ),
    channels: fc.array(channel, { minLength: 1, maxLength: 3 }),
  });

  it('is a frame of one width below the columns of the terminal, whatever is in it, and moves no cursor', () => {
    fc.assert(
      fc.property(anyState, fc.integer({ min: 60, max: 100 }), (state, columns) => {
        const lines = bedsideScreen(state, undefined, columns);
        for (const line of lines) {
          expect([...line]).toHaveLength(columns - 1);
          expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        }
      }),
    );
  });

  it('has 79 columns where there are 80, and two channels fit on 24 rows with the keys below', () => {
    const lines = bedsideScreen(
      stateWith({ channels: [CHANNEL, { ...CHANNEL, channel: 'B' }] }),
      undefined,
      80,
    );
    for (const line of lines) expect([...line]).toHaveLength(79);
    expect(lines.length).toBeLessThanOrEqual(16);
  });

  it('leaves out on a short terminal what matters least, and never a high alarm or that no limits hold', () => {
    const state = stateWith({
      libraryInUse: false,
      alarms: [
        { ...OCCLUSION, text: 'NEAR END', priority: 'low' },
        { ...OCCLUSION, channel: 'B', text: 'DOOR OPEN' },
        OCCLUSION,
      ],
      channels: [CHANNEL, { ...CHANNEL, channel: 'B' }],
    });
    const all = bedsideScreen(state);
    for (let most = 3; most < all.length; most += 1) {
      const lines = bedsideScreen(state, undefined, 80, most);
      expect(lines).toHaveLength(most);
      expect(lines[1]).toContain('!!! B: DOOR OPEN');
      if (most >= 4) expect(lines[2]).toContain('!!! A: OCCLUSION DOWNSTREAM');
      if (most >= 5) expect(lines.join('\n')).toContain('LIBRARY NOT IN USE');
      if (most >= 7) expect(lines.join('\n')).toMatch(/A INFUSING[\s\S]*B INFUSING/);
    }
    expect(bedsideScreen(state, undefined, 80, all.length)).toEqual(all);
  });
});

describe('the display of a pump', () => {
  /** What the display shows of a pump, line by line, without the frame. */
  const rowsOf = ({ pump }: Rig): string[] => {
    const { serial, model, careArea } = pump;
    const state = bedsideState({ serial, model: model.title, careArea, reading: pump.reading() });
    expect(bedsideStateSchema.parse(state)).toEqual(state);
    return bedsideScreen(state).map((line) => line.slice(2, -2).trimEnd());
  };
  const PROPOFOL = { drug: 'propofol', weightKg: 70, rateMlPerH: 10, volumeToBeInfusedMl: 50 };
  const AMIODARONE = { orderId: null, drug: 'amiodarone', rateMlPerH: 30, volumeToBeInfusedMl: 50 };

  it('shows a second bag before its start, while it runs, and in a pause, each with its own figures', () => {
    const rig = new Rig().on().infuse(PROPOFOL);
    rig.pump.physical({ event: 'secondary-hung', channel: 'A', volumeMl: 50 });
    const action = { action: 'programme-secondary', channel: 'A', overrideSoftLimit: true } as const;
    rig.nurse({ ...action, programme: AMIODARONE });
    expect(rowsOf(rig)).toContainEqual(expect.stringMatching(/^A INFUSING +propofol +10 mL\/h/));
    expect(rowsOf(rig)).toContainEqual(
      expect.stringMatching(/^ {2}second bag: amiodarone 30 mL\/h {2}\S+ mg\/min$/),
    );
    expect(rowsOf(rig)).toContainEqual(expect.stringMatching(/^ {4}50 mL in 1 h 40 min, \d+ mg in \d+ mL$/));
    rig.nurse({ action: 'start-secondary', channel: 'A' });
    rig.run(20 * MINUTE_MS);
    expect(rowsOf(rig)).toContainEqual(
      expect.stringMatching(/^A SECONDARY +amiodarone +30 mL\/h {2}\S+ mg\/min$/),
    );
    expect(rowsOf(rig)).toContain('  infused 10.0 of 50 mL, 40.0 mL and 1 h 20 min left');
    expect(rowsOf(rig)).toContainEqual(
      expect.stringMatching(/^ {2}then: propofol 10 mL\/h {2}\S+ mcg\/kg\/min$/),
    );
    rig.nurse({ action: 'pause', channel: 'A' });
    expect(rowsOf(rig)).toContainEqual(expect.stringMatching(/^A PAUSED +amiodarone +30 mL\/h/));
    expect(rowsOf(rig)).toContain('  second bag, infused 10.0 of 50 mL, 40.0 mL and 1 h 20 min left');
  });

  it('shows a bolus and what keeps the vein open at their own rates', () => {
    const fluid = { drug: 'sodium chloride 0.9%', rateMlPerH: 60, volumeToBeInfusedMl: 100 };
    const rig = new Rig().on().infuse(fluid);
    rig.nurse({ action: 'bolus', channel: 'A', volumeMl: 50 });
    rig.run(3 * MINUTE_MS);
    expect(rowsOf(rig)).toContainEqual(expect.stringMatching(/^A BOLUS +sodium chloride 0.9% +500 mL\/h$/));
    expect(rowsOf(rig)).toContain('  infused 25.0 of 100 mL, 25.0 mL and 0 h 03 min left of the bolus');
    rig.run(60 * MINUTE_MS);
    expect(rowsOf(rig)).toContainEqual(expect.stringMatching(/^A KEEP OPEN +sodium chloride 0.9% +5 mL\/h$/));
    expect(rowsOf(rig)).toContainEqual(expect.stringMatching(/^ {2}infused 100\.6 of 100 mL$/));
  });

  it('shows back before the start what the button gives, and the loading dose', () => {
    const rig = new Rig({ model: modelOf('pca') }).on();
    const entry = { orderId: null, drug: null, rateMlPerH: 1, volumeToBeInfusedMl: 50, weightKg: 70 };
    const concentration = { amount: 50, amountUnit: 'mg', volumeMl: 50 } as const;
    const programme = { ...entry, concentration, loading: { volumeMl: 2, rateMlPerH: 10 } };
    expect(rig.nurse({ action: 'programme', channel: 'A', programme })).toEqual({ accepted: true });
    const expected = [
      '  50 mg in 50 mL',
      '  weight 70 kg',
      '  loading dose 2 mL at 10 mL/h',
      '  button gives 1 mL, locked for 8 min',
      '  at most 15 mL in 4 h',
    ];
    expect(rowsOf(rig)).toEqual(expect.arrayContaining(expected));
    rig.nurse({ action: 'confirm', channel: 'A', overrideSoftLimit: true });
    expect(rowsOf(rig)).toEqual(expect.arrayContaining(expected));
    expect(rig.nurse({ action: 'start', channel: 'A' })).toEqual({ accepted: true });
    expect(rowsOf(rig)).not.toContain('  weight 70 kg');
    expect(rowsOf(rig)).toContain('  infused 0.0 of 50 mL, 2.0 mL and 0 h 12 min left of the loading dose');
  });

  it('says that there is no power, in the words of the pump', () => {
    const rig = new Rig({ batteryPercent: 1 }).on().infuse(PROPOFOL);
    rig.pump.physical({ event: 'battery-failed' });
    rig.pump.physical({ event: 'mains-lost' });
    rig.run(MINUTE_MS);
    expect(rig.pump.reading().on).toBe(false);
    expect(rowsOf(rig)[1]).toBe('!!! NO POWER  (high priority)');
    expect(rowsOf(rig)).toContain('off');
  });
});
