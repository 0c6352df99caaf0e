import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { THERAPY_STATES } from '../../protocol/index.ts';
import { bedsideScreen, type ScreenPaint } from '../../testbed/bedside-screen.ts';
import type { BedsideChannel, BedsideState } from '../../testbed/bedside-state.ts';

const CHANNEL: BedsideChannel = {
  channel: 'A',
  therapy: 'infusing',
  mode: 'primary',
  drug: 'dopamine',
  programmed: true,
  rateMlPerH: 13.1,
  dose: { value: 4.99, unit: 'mcg/kg/min' },
  infusedMl: 12.34,
  volumeToBeInfusedMl: 250,
  pressureMmHg: 131,
  occlusionLimitMmHg: 525,
  airMicroL: 0,
  secondary: null,
};

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
    waitsForConfirmation: false,
    alarms: [],
    channels: [{ ...CHANNEL, ...channel }],
    ...change,
  };
}

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
          { alarm: 'near-end', channel: 'A', priority: 'low', silencedUntilMs: null },
          { alarm: 'downstream-occlusion', channel: 'A', priority: 'high', silencedUntilMs: atMs + 90_000 },
        ],
      }),
    );
    expect(first).toContain('!!! A: DOWNSTREAM OCCLUSION  (high priority)  silenced for 90 s');
    expect(second).toContain('!   A: NEAR END  (low priority)');
  });

  it.each([
    ['a library that is not in use', { libraryInUse: false, library: null }, {}, 'LIBRARY NOT IN USE'],
    ['a library that waits', { libraryPending: '1.1.0' }, {}, '1.1.0 waits for a new patient'],
    ['a locked keypad', { access: 'locked' }, {}, 'KEYPAD LOCKED'],
    ['an order that waits', { waitsForConfirmation: true }, {}, 'AN ORDER WAITS FOR CONFIRMATION HERE'],
    ['the battery', { power: 'battery' as const }, {}, 'ON BATTERY'],
    ['a programme outside the library', {}, { drug: null }, 'NO DRUG NAMED'],
    ['a bolus', {}, { mode: 'bolus' }, 'A BOLUS'],
    ['a programme to confirm', {}, { therapy: 'programming' as const }, 'CONFIRM?'],
    ['air', {}, { airMicroL: 80.2 }, 'air 80 µL'],
    [
      'a second bag',
      {},
      { secondary: { drug: 'cefazolin', rateMlPerH: 100 } },
      'second bag: cefazolin 100 mL/h',
    ],
    ['a pump that is off', { on: false }, {}, 'off'],
    [
      'the line of a self-test',
      { line: 'SELF-TEST, firmware 1.2.0' },
      { therapy: 'selfTest' as const },
      'SELF-TEST, firmware 1.2.0',
    ],
    ['pressure without a limit', {}, { occlusionLimitMmHg: null }, 'pressure 131 mmHg'],
  ])('shows %s', (_, change, channel, text) => {
    expect(shown(change, channel)).toContain(text);
  });

  it('shows nothing of a programme where there is none', () => {
    const text = shown({}, { therapy: 'standby', programmed: false, drug: null });
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
      alarms: [{ alarm: 'x', channel: null, priority: 'high', silencedUntilMs: null }],
    });
    const painted = bedsideScreen(state, red).join('\n');
    expect(painted).toContain('<!!! X  (high priority)>');
    expect(painted.replaceAll(/[<>]/g, '')).toBe(bedsideScreen(state).join('\n'));
  });

  const text = fc.string({
    unit: fc.oneof(fc.constantFrom('a', ' ', '\u001b', '\n', '\u202e'), fc.constantFrom('…', '𝕏', 'z')),
  });
  const number = fc.oneof(fc.double({ noNaN: true, min: -10, max: 1e7 }), fc.constant(0));
  const channel = fc.record({
    channel: text,
    therapy: fc.constantFrom(...THERAPY_STATES),
    mode: text,
    drug: fc.option(text),
    programmed: fc.boolean(),
    rateMlPerH: number,
    dose: fc.option(fc.record({ value: number, unit: text })),
    infusedMl: number,
    volumeToBeInfusedMl: number,
    pressureMmHg: number,
    occlusionLimitMmHg: fc.option(number),
    airMicroL: fc.option(number),
    secondary: fc.option(fc.record({ drug: fc.option(text), rateMlPerH: number })),
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
    waitsForConfirmation: fc.boolean(),
    alarms: fc.array(
      fc.record({
        alarm: text,
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
});
