import { beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import { HeapClock, seededRandom } from '../../clock/index.ts';
import type { Intent } from '../../protocol/index.ts';
import type { BedsideAction, BedsideRole, PhysicalEvent } from '../../simulator/pump/index.ts';
import { Caregiver, startShift } from '../../simulator/ward/index.ts';
import { BedsideDesk } from '../../testbed/bedside-desk.ts';
import { type bedsideRequests, KEYPAD_ROLES } from '../../testbed/bedside-requests.ts';
import { bedsideStateSchema } from '../../testbed/bedside-state.ts';
import { placePumps, WARD_LIBRARIES } from '../simulator/ward/rig.ts';

const LVP = { serial: 'LVP-0001' };
const MINUTE_MS = 60_000;

/** A ward of three pumps and the desk of its keypads. */
function ward() {
  const clock = new HeapClock(0);
  const intents: Intent[] = [];
  const random = seededRandom(5);
  const pumps = placePumps(clock, random, 3).map(({ pump }) => pump);
  const caregiver = new Caregiver({
    clock,
    intents: (intent) => intents.push(intent),
    libraries: WARD_LIBRARIES,
    role: 'nurse',
  });
  const shift = startShift({ clock, random: random.fork('shift'), pumps, caregiver });
  const told: string[] = [];
  const desk = new BedsideDesk({
    pumps,
    press: (pump, action, role) => caregiver.press(pump, action, role),
    handOver: (serial) => {
      told.push(`over ${serial}`);
      shift.handOver(serial);
    },
    takeBack: (serial) => {
      told.push(`back ${serial}`);
      shift.takeBack(serial);
    },
  });
  const sit = () => {
    const notices: unknown[] = [];
    const session = desk.session((method, params) => notices.push([method, params]));
    const call = (method: string, params?: unknown) => session.methods[method]!(params);
    const press = (action: unknown, role = 'nurse') => call('bedside.press', { ...LVP, role, action });
    return { ...session, notices, call, press };
  };
  return { clock, intents, pumps, told, sit };
}

describe('the keypads of a ward', () => {
  let floor = ward();
  beforeEach(() => {
    floor = ward();
    floor.clock.runTo(10 * MINUTE_MS);
  });

  it('are listed, with who has one', () => {
    const nurse = floor.sit();
    nurse.call('bedside.open', LVP);
    expect(nurse.call('pumps')).toEqual([
      { serial: 'LVP-0001', model: 'lvp', careArea: 'adult-icu', firmware: '1.0.0', taken: true },
      { serial: 'SYR-0001', model: 'syringe', careArea: 'adult-icu', firmware: '1.0.0', taken: false },
      { serial: 'PCA-0001', model: 'pca', careArea: 'adult-icu', firmware: '1.0.0', taken: false },
    ]);
  });

  it('show a display of the schema that the client reads', () => {
    const { lines, state } = floor.sit().call('bedside.open', LVP) as { lines: string[]; state: unknown };
    expect(bedsideStateSchema.parse(state)).toEqual(state);
    expect(lines.join('\n')).toContain('LVP-0001');
  });

  it('have one for each pump, several at once for different ones, and free again when somebody leaves', () => {
    const [one, two] = [floor.sit(), floor.sit()];
    one.call('bedside.open', LVP);
    expect(() => two.call('bedside.open', LVP)).toThrow(
      expect.objectContaining({ code: 'PR_BEDSIDE_TAKEN' }),
    );
    two.call('bedside.open', { serial: 'SYR-0001' });
    one.call('bedside.close', LVP);
    two.call('bedside.open', LVP);
    two.close();
    expect(floor.told).toEqual([
      'over LVP-0001',
      'over SYR-0001',
      'back LVP-0001',
      'over LVP-0001',
      'back SYR-0001',
      'back LVP-0001',
    ]);
    two.close();
    expect(floor.told).toHaveLength(6);
  });

  it('say which pump was probably meant', () => {
    expect(() => floor.sit().call('bedside.open', { serial: 'LVP-0007' })).toThrow(
      expect.objectContaining({
        code: 'PR_PUMP_UNKNOWN',
        message: expect.stringContaining('did you mean LVP-0001?'),
      }),
    );
  });

  it.each(['bedside.display', 'bedside.close', 'bedside.drugs'])(
    'answer %s only to who has opened it',
    (method) => {
      floor.sit().call('bedside.open', LVP);
      expect(() => floor.sit().call(method, LVP)).toThrow('bedside.open comes first');
    },
  );

  it('read the code on the label to who has opened it, to each role its own', () => {
    const nurse = floor.sit();
    nurse.call('bedside.open', LVP);
    const code = (role: string) => nurse.call('bedside.code', { ...LVP, role });
    const { codes } = floor.pumps[0]!;
    expect(['nurse', 'pharmacist', 'biomed', 'patient'].map(code)).toEqual([
      { code: codes.nurse },
      { code: codes.nurse },
      { code: codes.biomed },
      { code: null },
    ]);
    expect(() => floor.sit().call('bedside.code', { ...LVP, role: 'nurse' })).toThrow(
      'bedside.open comes first',
    );
  });

  it('say what hands did, and why they did not', () => {
    const nurse = floor.sit();
    nurse.call('bedside.open', LVP);
    const hand = (event: object) => nurse.call('bedside.physical', { ...LVP, event });
    expect(hand({ event: 'line-clamped', channel: 'A' })).toEqual({ taken: true });
    expect(hand({ event: 'mains-restored' })).toEqual({ taken: false, reason: 'the plug is in already' });
  });

  it('press keys and use hands only for who has opened it', () => {
    const stranger = floor.sit();
    expect(() => stranger.press({ action: 'silence' })).toThrow('bedside.open comes first');
    expect(() => stranger.call('bedside.physical', { ...LVP, event: { event: 'mains-lost' } })).toThrow(
      'bedside.open comes first',
    );
    expect(floor.pumps[0]!.reading().power).toBe('mains');
  });

  it.each([
    ['nothing', undefined],
    ['no action', { ...LVP, role: 'nurse' }],
    ['an unknown action', { ...LVP, role: 'nurse', action: { action: 'explode' } }],
    ['an unknown role', { ...LVP, role: 'root', action: { action: 'silence' } }],
    ['an unknown key', { ...LVP, role: 'nurse', action: { action: 'silence', loud: true } }],
    ['no number', { ...LVP, role: 'nurse', action: { action: 'bolus', channel: 'A', volumeMl: '5' } }],
    ['a negative one', { ...LVP, role: 'nurse', action: { action: 'bolus', channel: 'A', volumeMl: -5 } }],
    [
      'an infinite one',
      {
        ...LVP,
        role: 'nurse',
        action: { action: 'bolus', channel: 'A', volumeMl: Number.POSITIVE_INFINITY },
      },
    ],
    ['a long text', { ...LVP, role: 'nurse', action: { action: 'unlock', code: 'x'.repeat(65) } }],
  ])('take no press of %s', (_, params) => {
    const nurse = floor.sit();
    nurse.call('bedside.open', LVP);
    expect(() => nurse.call('bedside.press', params)).toThrow(
      expect.objectContaining({ name: 'InvalidParamsError' }),
    );
  });

  it('carry out, refuse with the control, tell facts, and write what was keyed as ordered', () => {
    const { intents, pumps } = floor;
    const nurse = floor.sit();
    nurse.call('bedside.open', LVP);
    nurse.press({ action: 'stop', channel: 'A' });
    intents.length = 0;
    const programme = (rateMlPerH: number) => ({
      action: 'programme',
      channel: 'A',
      programme: { orderId: null, drug: 'propofol', weightKg: 70, rateMlPerH, volumeToBeInfusedMl: 50 },
    });
    expect(nurse.press(programme(300))).toMatchObject({ accepted: false, control: 'dose-limits' });
    expect(nurse.press(programme(10))).toEqual({ accepted: true });
    nurse.press({ action: 'confirm', channel: 'A', overrideSoftLimit: true });
    expect(intents).toEqual([]);
    expect(nurse.press({ action: 'start', channel: 'A' })).toEqual({ accepted: true });
    expect(intents).toMatchObject([
      { drug: 'propofol', rateMlPerH: 10, volumeToBeInfusedMl: 50, orderId: 'bedside-1' },
    ]);
    nurse.call('bedside.physical', { ...LVP, event: { event: 'door-opened', channel: 'A' } });
    expect(nurse.notices).toContainEqual([
      'fact',
      { ...LVP, fact: expect.objectContaining({ fact: 'alarm', alarm: 'door-open', change: 'raised' }) },
    ]);
    expect(pumps[0]!.reading().alarms.map(({ alarm }) => alarm)).toContain('door-open');
    nurse.close();
    const count = nurse.notices.length;
    floor.clock.runTo(20 * MINUTE_MS);
    expect(nurse.notices).toHaveLength(count);
  });
});

it('the schemas have every key, every event and every role of the pump', () => {
  type Request<M extends keyof typeof bedsideRequests> = z.infer<(typeof bedsideRequests)[M]>;
  expectTypeOf<Request<'bedside.press'>['action']['action']>().toEqualTypeOf<BedsideAction['action']>();
  expectTypeOf<Request<'bedside.physical'>['event']['event']>().toEqualTypeOf<PhysicalEvent['event']>();
  expectTypeOf<(typeof KEYPAD_ROLES)[number]>().toEqualTypeOf<BedsideRole>();
  expect(KEYPAD_ROLES).toContain('nurse');
});
