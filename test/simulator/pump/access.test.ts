import { describe, expect, it } from 'vitest';
import { MINUTE_MS, modelOf, Rig } from './rig.ts';

const wrong = (rig: Rig): string => (rig.pump.codes.nurse === '1234' ? '4321' : '1234');
const unlock = (rig: Rig, code: string) => rig.nurse({ action: 'unlock', code });
const locked = (options: ConstructorParameters<typeof Rig>[0] = {}): Rig => {
  const rig = new Rig(options).on();
  rig.infuse(options.model === undefined ? {} : { drug: 'morphine', rateMlPerH: 1 });
  expect(rig.nurse({ action: 'lock' })).toEqual({ accepted: true });
  return rig;
};

describe('a locked keypad', () => {
  it('refuses what changes the therapy', () => {
    const rig = locked();
    for (const action of [
      { action: 'change-rate', channel: 'A', rateMlPerH: 20 },
      { action: 'bolus', channel: 'A', volumeMl: 1 },
      { action: 'stop', channel: 'A' },
      { action: 'power-off' },
    ] as const) {
      expect(rig.nurse(action)).toEqual({
        accepted: false,
        reason: 'the keypad is locked',
        control: null,
      });
    }
    expect(rig.channel().flowMlPerH).toBe(12);
    expect(rig.pump.reading().access).toBe('locked');
  });

  it('lets everybody pause, silence and press for pain', () => {
    const rig = locked({ model: modelOf('pca') });
    expect(rig.pump.bedside('patient', { action: 'pca-demand', channel: 'A' }).accepted).toBe(true);
    expect(rig.nurse({ action: 'pause', channel: 'A' })).toEqual({ accepted: true });
    rig.run(15 * MINUTE_MS);
    expect(rig.nurse({ action: 'silence' })).toEqual({ accepted: true });
  });

  it('opens with the code', () => {
    const rig = locked();
    expect(unlock(rig, rig.pump.codes.nurse)).toEqual({ accepted: true });
    expect(rig.nurse({ action: 'change-rate', channel: 'A', rateMlPerH: 20 })).toEqual({ accepted: true });
  });

  it('is locked out after three wrong codes in a row, for 5 minutes', () => {
    const rig = locked();
    expect(unlock(rig, wrong(rig))).toMatchObject({ reason: 'the code is wrong' });
    unlock(rig, wrong(rig));
    expect(unlock(rig, wrong(rig))).toMatchObject({ accepted: false, control: 'keypad-lockout' });
    expect(rig.pump.reading().access).toBe('lockedOut');
    expect(unlock(rig, rig.pump.codes.nurse)).toMatchObject({ control: 'keypad-lockout' });
    expect(rig.nurse({ action: 'pause', channel: 'A' })).toEqual({ accepted: true });
    rig.run(5 * MINUTE_MS);
    expect(rig.pump.reading().access).toBe('locked');
    expect(unlock(rig, rig.pump.codes.nurse)).toEqual({ accepted: true });
  });

  it('opens with the covered key too, whatever was tried before, and says in the log who gave which reason', () => {
    for (const tries of [0, 3]) {
      const rig = locked();
      for (let times = 0; times < tries; times++) unlock(rig, wrong(rig));
      expect(rig.nurse({ action: 'break-glass', reason: 'locked-out' })).toEqual({ accepted: true });
      expect(rig.pump.reading().access).toBe('unlocked');
      expect(rig.facts).toContainEqual(
        expect.objectContaining({ event: 'break-glass-used', detail: { by: 'nurse', reason: 'locked-out' } }),
      );
      rig.run(10 * MINUTE_MS);
      expect(rig.pump.reading().access).toBe('unlocked');
    }
  });

  it('wants a reason and somebody who works there, and has nothing to open where it is open', () => {
    const rig = locked();
    const press = { action: 'break-glass', reason: 'because' } as never;
    expect(rig.nurse(press)).toMatchObject({ accepted: false, reason: 'a reason is needed' });
    const reason = { action: 'break-glass', reason: 'patient-in-danger' } as const;
    expect(rig.pump.bedside('patient', reason)).toMatchObject({ accepted: false });
    expect(rig.pump.reading().access).toBe('locked');
    rig.nurse(reason);
    expect(rig.nurse(reason)).toMatchObject({ accepted: false });
  });

  it('counts anew after a right code, and never locks out without the control', () => {
    const rig = locked();
    unlock(rig, wrong(rig));
    unlock(rig, wrong(rig));
    unlock(rig, rig.pump.codes.nurse);
    rig.nurse({ action: 'lock' });
    expect(unlock(rig, wrong(rig))).toMatchObject({ control: null });
    const open = locked({ locksOut: false });
    for (let times = 0; times < 50; times++)
      expect(unlock(open, wrong(open))).toMatchObject({ control: null });
    expect(unlock(open, open.pump.codes.nurse)).toEqual({ accepted: true });
  });

  it('survives a loss of power with its lockout', () => {
    const rig = new Rig().on();
    rig.nurse({ action: 'lock' });
    for (let times = 0; times < 3; times++) unlock(rig, wrong(rig));
    rig.pump.physical({ event: 'battery-failed' });
    rig.pump.physical({ event: 'mains-lost' });
    rig.run(1);
    expect(rig.pump.reading()).toMatchObject({ on: false, access: 'lockedOut' });
    rig.run(5 * MINUTE_MS);
    expect(rig.pump.reading().access).toBe('locked');
  });
});

describe('service mode', () => {
  it.each(['A', 'B'])('is closed while anything is programmed, on channel %s too', (channel) => {
    const rig = new Rig().on().infuse({}, channel);
    const enter = () => rig.pump.bedside('biomed', { action: 'enter-service', code: rig.pump.codes.biomed });
    expect(enter()).toMatchObject({ accepted: false, reason: 'a therapy is programmed' });
    rig.nurse({ action: 'pause', channel });
    expect(enter()).toMatchObject({ accepted: false, reason: 'a therapy is programmed' });
    expect(rig.pump.reading().access).toBe('unlocked');
    rig.nurse({ action: 'stop', channel });
    expect(enter()).toEqual({ accepted: true });
  });

  const enter = (rig: Rig, code = rig.pump.codes.biomed) =>
    rig.pump.bedside('biomed', { action: 'enter-service', code });

  it('is for the biomedical engineer with his code, and only without a therapy', () => {
    const rig = new Rig().on();
    expect(rig.nurse({ action: 'enter-service', code: rig.pump.codes.biomed })).toMatchObject({
      accepted: false,
    });
    expect(enter(rig, rig.pump.codes.nurse)).toMatchObject({ reason: 'the code is wrong' });
    rig.infuse();
    expect(enter(rig)).toMatchObject({ reason: 'a therapy is programmed' });
    rig.nurse({ action: 'stop', channel: 'A' });
    expect(enter(rig)).toEqual({ accepted: true });
    expect(rig.pump.reading().access).toBe('service');
  });

  it('takes no therapy, and leaves a locked keypad behind', () => {
    const rig = new Rig().on();
    enter(rig);
    expect(rig.nurse({ action: 'recall', channel: 'A' })).toMatchObject({
      reason: 'the pump is in service mode',
      control: null,
    });
    const setting = { name: 'autoRestarts', value: 1 } as const;
    expect(rig.pump.bedside('biomed', { action: 'configure', channel: 'A', setting })).toEqual({
      accepted: true,
    });
    rig.pump.bedside('biomed', { action: 'leave-service' });
    expect(rig.pump.reading().access).toBe('locked');
  });

  it('ends with the power', () => {
    const rig = new Rig().on();
    enter(rig);
    rig.nurse({ action: 'power-off' });
    expect(rig.pump.reading().access).toBe('locked');
  });
});
