import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bedsideHelp, parseBedsideCommand } from '../../testbed/bedside-commands.ts';
import { bedsideRequests } from '../../testbed/bedside-requests.ts';
import { VERBS } from '../../testbed/bedside-vocabulary.ts';

const TWO = ['A', 'B'];
const parse = (text: string, channels = TWO) => parseBedsideCommand(text, channels);
const pressed = (action: string, rest: object = {}) => ({ kind: 'press', action: { action, ...rest } });
const happened = (event: string, rest: object = {}) => ({ kind: 'physical', event: { event, ...rest } });
const A = { channel: 'A' };

describe('a typed line', () => {
  it.each([
    [
      'programme A heparin rate 25 volume 250',
      pressed('programme', {
        ...A,
        programme: { orderId: null, drug: 'heparin', rateMlPerH: 25, volumeToBeInfusedMl: 250 },
      }),
    ],
    [
      'programme A dopamine dose 5 mcg/kg/min weight 70 volume 250',
      pressed('programme', {
        ...A,
        programme: {
          orderId: null,
          drug: 'dopamine',
          dose: { value: 5, unit: 'mcg/kg/min' },
          weightKg: 70,
          volumeToBeInfusedMl: 250,
        },
      }),
    ],
    [
      'program b sodium chloride 0.9% volume 100 time 30 order o-7 loading 10 at 200',
      pressed('programme', {
        channel: 'B',
        programme: {
          orderId: 'o-7',
          drug: 'sodium chloride 0.9%',
          volumeToBeInfusedMl: 100,
          durationMinutes: 30,
          loading: { volumeMl: 10, rateMlPerH: 200 },
        },
      }),
    ],
    [
      'programme A - rate 5 volume 9 concentration 400 mg in 250',
      pressed('programme', {
        ...A,
        programme: {
          orderId: null,
          drug: null,
          rateMlPerH: 5,
          volumeToBeInfusedMl: 9,
          concentration: { amount: 400, amountUnit: 'mg', volumeMl: 250 },
        },
      }),
    ],
    [
      'programme A morphine rate 1 volume 50 pca 1 lockout 8 limit 15 hours 4',
      pressed('programme', {
        ...A,
        programme: {
          orderId: null,
          drug: 'morphine',
          rateMlPerH: 1,
          volumeToBeInfusedMl: 50,
          pca: { demandDoseMl: 1, lockoutMinutes: 8, accumulatedLimitMl: 15, accumulatedWindowHours: 4 },
        },
      }),
    ],
    ['confirm A', pressed('confirm', { ...A, overrideSoftLimit: false })],
    ['confirm A override', pressed('confirm', { ...A, overrideSoftLimit: true })],
    ['  START   a ', pressed('start', A)],
    ['pause A', pressed('pause', A)],
    ['resume A', pressed('resume', A)],
    ['stop A', pressed('stop', A)],
    ['rate A 30 override', pressed('change-rate', { ...A, rateMlPerH: 30, overrideSoftLimit: true })],
    ['dose A 5', pressed('change-dose', { ...A, dose: 5, overrideSoftLimit: false })],
    ['bolus A .5', pressed('bolus', { ...A, volumeMl: 0.5, overrideSoftLimit: false })],
    [
      'secondary A cefazolin rate 100 volume 50 override',
      pressed('programme-secondary', {
        ...A,
        programme: { orderId: null, drug: 'cefazolin', rateMlPerH: 100, volumeToBeInfusedMl: 50 },
        overrideSoftLimit: true,
      }),
    ],
    ['start-secondary A', pressed('start-secondary', A)],
    ['demand A', pressed('pca-demand', A)],
    ['recall A', pressed('recall', A)],
    ['silence', pressed('silence')],
    ['clear', pressed('clear')],
    ['on', pressed('power-on', { newPatient: false })],
    ['on new', pressed('power-on', { newPatient: true })],
    ['off', pressed('power-off')],
    ['lock', pressed('lock')],
    ['unlock 1234', pressed('unlock', { code: '1234' })],
    ['service 9', pressed('enter-service', { code: '9' })],
    ['leave-service', pressed('leave-service')],
    [
      'set A occlusion 300',
      pressed('configure', { ...A, setting: { name: 'occlusionLimitMmHg', value: 300 } }),
    ],
    ['bag A 500', happened('reservoir-changed', { ...A, volumeMl: 500 })],
    ['syringe A 50 48', happened('reservoir-changed', { ...A, volumeMl: 48, syringeMl: 50 })],
    ['syringe A 20', happened('reservoir-changed', { ...A, volumeMl: 20, syringeMl: 20 })],
    ['second-bag A 50', happened('secondary-hung', { ...A, volumeMl: 50 })],
    ['clamp A', happened('line-clamped', A)],
    ['open A', happened('line-opened', A)],
    ['clamp-supply A', happened('supply-clamped', A)],
    ['door A open', happened('door-opened', A)],
    ['door A closed', happened('door-closed', A)],
    ['load A wrong', happened('set-misloaded', A)],
    ['barrel A closed', happened('barrel-clamped', A)],
    ['plunger A out', happened('plunger-disengaged', A)],
    ['channel B off', happened('channel-detached', { channel: 'B' })],
    ['purge A', happened('air-purged', A)],
    ['air A 200', happened('air-entered', { ...A, volumeMicroL: 200 })],
    ['leak A 3', happened('air-leaking', { ...A, microLPerMl: 3 })],
    ['slip A 0.5', happened('motor-slipping', { ...A, share: 0.5 })],
    ['sensor A air failed', happened('sensor-failed', { ...A, sensor: 'air' })],
    ['key stuck', happened('key-stuck')],
    ['controller recovered', happened('controller-recovered')],
    ['temperature -4', happened('temperature-changed', { celsius: -4 })],
    ['battery failed', happened('battery-failed')],
    ['corrupt-library', happened('library-corrupted')],
    ['mains off', happened('mains-lost')],
    ['mains on', happened('mains-restored')],
    ['as patient', { kind: 'role', role: 'patient' }],
    ['wait 1.5', { kind: 'wait', ms: 1_500 }],
    ['help', { kind: 'local', what: 'help' }],
    ['?', { kind: 'local', what: 'help' }],
    ['exit', { kind: 'local', what: 'quit' }],
    ['drugs', { kind: 'local', what: 'drugs' }],
    ['', { kind: 'nothing' }],
    ['  # a remark', { kind: 'nothing' }],
  ])('%s', (text, command) => {
    expect(parse(text)).toEqual(command);
  });

  it.each([
    ['pasue A', 'not known: pasue', 'did you mean pause?'],
    ['zzzzzzzz', 'not known: zzzzzzzz', 'see help'],
    ['start', 'the channel is missing', 'this pump has channel A and B'],
    ['start C', 'there is no channel C', 'this pump has channel A and B'],
    ['rate A fast', 'the rate in mL/h is not a number: fast', 'a number such as 25 or 0.5'],
    ['rate A -5', 'the rate in mL/h is not a number: -5', 'a number such as 25 or 0.5'],
    ['rate A 1e3', 'the rate in mL/h is not a number: 1e3', 'a number such as 25 or 0.5'],
    ['rate A', 'the rate in mL/h is missing', 'usage: rate A ML/H [override]'],
    ['confirm A ovrride', 'what follows is not known: ovrride', 'did you mean override?'],
    ['door A ajar', 'the state is not known: ajar', 'one of open, closed'],
    ['as doctor', 'who is not known: doctor', 'one of nurse, pharmacist, biomed, patient'],
    ['silence now', 'not expected here: now', 'usage: silence'],
    ['programme A rate 25', 'the drug is missing', 'its name as `drugs` lists it, or - for none'],
    ['programme A heparin rate 25 rate 30', 'rate is there twice', undefined],
    ['programme A heparin rate 25 volumee 30', 'not part of a programme: volumee', 'did you mean volume?'],
    ['programme A x loading 5', 'at is missing before the end', undefined],
    ['programme A x rate 1 override', 'not expected here: override', undefined],
    [
      'programme A x pca 1 lockout 8 limit 9 hours 3',
      'a limit over 3 h is not known',
      'over 1, 2 or 4 hours',
    ],
    [`rate A ${'9'.repeat(400)}`, expect.stringContaining('is not a number'), undefined],
    [`${'a'.repeat(2_000)}`, 'the line is too long', undefined],
    ['rate A \u001b[2J', 'the rate in mL/h is not a number: ?[2J', undefined],
    ['constructor', 'not known: constructor', undefined],
    ['set A __proto__ 5', expect.stringContaining('not known'), undefined],
  ])('%s is not understood, and says what would be', (text, reason, hint) => {
    expect(parse(text)).toEqual({ kind: 'error', reason, hint: hint ?? expect.any(String) });
  });

  it('names no channel where there is only one', () => {
    expect(parse('rate 30', ['A'])).toEqual(parse('rate A 30'));
    expect(parse('start', ['A'])).toEqual(parse('start A'));
    expect(parse('programme heparin rate 25 volume 250', ['A'])).toEqual(
      parse('programme A heparin rate 25 volume 250'),
    );
    expect(parse('start B', ['A'])).toMatchObject({ kind: 'error', reason: 'there is no channel B' });
  });

  const word = fc.oneof(
    fc.constantFrom(...Object.keys(VERBS), 'A', 'B', 'rate', 'volume', 'override', 'in', 'at', 'open', 'new'),
    fc.integer({ min: -5, max: 2_000_000_000 }).map(String),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );

  it('never throws, and what it makes passes the schema of the socket', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word, { maxLength: 9 }).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(line, fc.constantFrom([], ['A'], TWO), (text, channels) => {
        const command = parse(text, channels);
        const serial = 'LVP-0001';
        if (command.kind === 'press') {
          const { action } = command;
          const request = { serial, role: 'nurse', action };
          // A name can be longer than the socket takes; nothing else can be wrong.
          const { error } = bedsideRequests['bedside.press'].safeParse(request);
          expect(error?.issues.filter(({ code }) => code !== 'too_big') ?? []).toEqual([]);
        }
        if (command.kind === 'physical') {
          const { event } = command;
          expect(bedsideRequests['bedside.physical'].safeParse({ serial, event }).error).toBeUndefined();
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the help', () => {
  it('has every verb, and no line beyond the columns', () => {
    const lines = bedsideHelp(79);
    for (const verb of Object.keys(VERBS)) {
      expect(
        lines.some((line) => line === `  ${verb}` || line.startsWith(`  ${verb} `)),
        verb,
      ).toBe(true);
    }
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(79);
  });
});
