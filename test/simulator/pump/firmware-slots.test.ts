import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../clock/index.ts';
import { firmwareOf, MINUTE_MS, Rig } from './rig.ts';

const V10 = firmwareOf('lvp', '1.0.0');
const V11 = firmwareOf('lvp', '1.1.0');
const FAILS = { ...V11, version: '1.1.1', selfTest: 'fails' } as const;
const HANGS = { ...V11, version: '1.1.2', selfTest: 'hangs' } as const;
type Version = typeof V10;

const slotsOf = (rig: Rig) => {
  const { active, slots } = rig.pump.reading().firmware;
  return { active, A: slots.A, B: slots.B };
};
const confirmed = (version: string) => ({ state: 'confirmed', version });

/** A pump in standby with a package on its way. */
function updating(personality: Version): Rig {
  const rig = new Rig().on();
  rig.pump.transfer('firmware', { step: 'download-started', version: personality.version });
  rig.pump.transfer('firmware', { step: 'download-ended', version: personality.version });
  rig.pump.stageFirmware(personality);
  return rig;
}

/** The plug is pulled and the battery is dead. */
function losePower(rig: Rig): void {
  rig.pump.physical({ event: 'mains-lost' });
  rig.pump.physical({ event: 'battery-failed' });
  expect(rig.pump.reading().on).toBe(false);
}

function restorePower(rig: Rig): void {
  rig.pump.physical({ event: 'mains-restored' });
  rig.pump.physical({ event: 'battery-replaced' });
}

function pullPlug(rig: Rig, forMs = MINUTE_MS): void {
  losePower(rig);
  rig.run(forMs);
  restorePower(rig);
}

/** It starts, passes its self-test and can be used; whatever runs is whole and was confirmed before or is now. */
function expectBoots(rig: Rig): void {
  rig.run(10 * MINUTE_MS);
  rig.nurse({ action: 'power-on', newPatient: true });
  rig.run(10 * MINUTE_MS);
  const reading = rig.pump.reading();
  expect(reading.display).not.toContain('OUT OF ORDER');
  expect(rig.channel().therapy).toBe('standby');
  expect(reading.firmware.slots[reading.firmware.active].state).toBe('confirmed');
}

describe('the slots of a pump', () => {
  it('begin with one version and one that is empty', () => {
    const rig = new Rig();
    expect(slotsOf(rig)).toEqual({
      active: 'A',
      A: confirmed('1.0.0'),
      B: { state: 'empty', version: null },
    });
  });

  it('take turns: the one that does not run is written, tried and confirmed', () => {
    const rig = new Rig().on();
    rig.pump.stageFirmware(V11);
    expect(slotsOf(rig)).toMatchObject({ active: 'A', B: { state: 'writing', version: '1.1.0' } });
    rig.run(20_000);
    expect(slotsOf(rig)).toMatchObject({ active: 'A', B: { state: 'staged', version: '1.1.0' } });
    rig.run(90_000);
    expect(slotsOf(rig)).toMatchObject({ active: 'B', B: { state: 'trial', version: '1.1.0' } });
    expect(rig.pump.reading().display).toBe('SELF-TEST, firmware 1.1.0 in slot B, ON TRIAL');
    rig.run(MINUTE_MS);
    expect(slotsOf(rig)).toEqual({ active: 'B', A: confirmed('1.0.0'), B: confirmed('1.1.0') });
    rig.pump.stageFirmware(firmwareOf('lvp', '1.2.0'));
    rig.run(5 * MINUTE_MS);
    expect(slotsOf(rig)).toEqual({ active: 'A', A: confirmed('1.2.0'), B: confirmed('1.1.0') });
  });

  it('are written while a therapy runs, which does not notice', () => {
    const rig = new Rig().on().infuse();
    rig.pump.stageFirmware(V11);
    rig.run(MINUTE_MS);
    expect(slotsOf(rig)).toMatchObject({ active: 'A', B: { state: 'staged', version: '1.1.0' } });
    expect(rig.channel().therapy).toBe('infusing');
    expect(rig.channel().deliveredMl).toBeCloseTo(12 / 60, 1);
  });

  it('keep the package that is being written from being fetched again', () => {
    const rig = new Rig().on();
    expect(rig.pump.incomingFirmware).toBeNull();
    rig.pump.stageFirmware(V11);
    expect(rig.pump.incomingFirmware).toBe('1.1.0');
  });

  it('give way to the newer of two packages', () => {
    const rig = new Rig().on().infuse();
    rig.pump.stageFirmware(V11);
    rig.run(10_000);
    rig.pump.stageFirmware(firmwareOf('lvp', '1.2.0'));
    rig.run(15_000);
    expect(slotsOf(rig).B).toEqual({ state: 'writing', version: '1.2.0' });
    rig.run(10_000);
    expect(slotsOf(rig).B).toEqual({ state: 'staged', version: '1.2.0' });
  });
});

describe('a package that bricks', () => {
  it.each([
    ['fails its self-test', FAILS, 'self-test-failed'],
    ['hangs when it starts', HANGS, 'watchdog-reset'],
  ] as const)('because it %s is rolled back, and is not started again', (_, personality, said) => {
    const rig = new Rig().on();
    rig.pump.stageFirmware(personality);
    rig.run(10 * MINUTE_MS);
    expect(rig.story()).toEqual(expect.arrayContaining([said, 'firmware-rolled-back', 'self-test-passed']));
    expect(slotsOf(rig)).toEqual({
      active: 'A',
      A: confirmed('1.0.0'),
      B: { state: 'failed', version: personality.version },
    });
    expect(rig.pump.highestEpoch).toBe(1);
    expect(rig.channel().therapy).toBe('standby');
    rig.nurse({ action: 'power-off' });
    rig.on();
    expect(rig.pump.firmware.version).toBe('1.0.0');
  });

  it('leaves room for one that does not', () => {
    const rig = new Rig().on();
    rig.pump.stageFirmware(HANGS);
    rig.run(10 * MINUTE_MS);
    rig.pump.stageFirmware(V11);
    rig.run(10 * MINUTE_MS);
    expect(slotsOf(rig)).toEqual({ active: 'B', A: confirmed('1.0.0'), B: confirmed('1.1.0') });
  });
});

/** Where the plug is pulled: when after the offer, what is in slot B then, and what runs in the end. Slot A has 1.0.0 always. */
const STEPS: readonly (readonly [
  step: string,
  personality: Version,
  afterMs: number,
  other: string,
  runs: string,
])[] = [
  ['staging', V11, 10_000, 'writing', '1.1.0'],
  ['applying, at its first instant', V11, 20_000, 'staged', '1.1.0'],
  ['applying', V11, 60_000, 'staged', '1.1.0'],
  ['on trial', V11, 120_000, 'failed', '1.0.0'],
  ['rolling back', FAILS, 165_000, 'failed', '1.0.0'],
  ['on trial with a version that hangs', HANGS, 150_000, 'failed', '1.0.0'],
  ['rolling back from one that hangs', HANGS, 210_000, 'failed', '1.0.0'],
];

describe('a loss of power', () => {
  it.each(['downloading', 'verifying'] as const)('while %s leaves what ran', (step) => {
    const rig = new Rig().on();
    rig.pump.transfer('firmware', { step: 'download-started', version: '1.1.0' });
    if (step === 'verifying') rig.pump.transfer('firmware', { step: 'download-ended', version: '1.1.0' });
    pullPlug(rig);
    expectBoots(rig);
    expect(slotsOf(rig)).toEqual({
      active: 'A',
      A: confirmed('1.0.0'),
      B: { state: 'empty', version: null },
    });
    // The transfer goes on when the radio is back.
    rig.pump.stageFirmware(V11);
    rig.run(10 * MINUTE_MS);
    expect(rig.pump.firmware).toBe(V11);
  });

  it.each(STEPS)(
    'while %s leaves a slot that is whole, and it starts',
    (_, personality, afterMs, other, runs) => {
      const rig = updating(personality);
      rig.run(afterMs);
      losePower(rig);
      rig.run(MINUTE_MS);
      expect(slotsOf(rig)).toMatchObject({ active: 'A', A: confirmed('1.0.0'), B: { state: other } });
      restorePower(rig);
      expectBoots(rig);
      expect(rig.pump.firmware.version).toBe(runs);
    },
  );

  it('while staged behind a therapy leaves it staged, and it is applied afterwards', () => {
    const rig = new Rig().on().infuse();
    rig.pump.stageFirmware(V11);
    rig.run(MINUTE_MS);
    losePower(rig);
    rig.run(MINUTE_MS);
    expect(slotsOf(rig)).toMatchObject({ active: 'A', B: { state: 'staged', version: '1.1.0' } });
    restorePower(rig);
    expectBoots(rig);
    expect(rig.pump.firmware).toBe(V11);
  });

  it('while confirming goes back: what was not confirmed is not trusted', () => {
    const rig = updating(V11);
    rig.run(110_000);
    for (let round = 0; round < 200 && rig.channel().therapy !== 'standby'; round++) rig.run(500);
    expect(rig.channel().therapy).toBe('standby');
    expect(slotsOf(rig)).toMatchObject({ active: 'B', B: { state: 'trial', version: '1.1.0' } });
    pullPlug(rig);
    expect(slotsOf(rig)).toEqual({
      active: 'A',
      A: confirmed('1.0.0'),
      B: { state: 'failed', version: '1.1.0' },
    });
    expect(rig.pump.highestEpoch).toBe(1);
    expectBoots(rig);
  });

  it('while staging only delays: the writing begins anew with the supply', () => {
    const rig = updating(V11);
    rig.run(10_000);
    pullPlug(rig);
    rig.run(19_000);
    expect(slotsOf(rig).B).toEqual({ state: 'writing', version: '1.1.0' });
    expectBoots(rig);
    expect(rig.pump.firmware).toBe(V11);
  });

  it.each([
    ['passes', V11],
    ['fails', FAILS],
    ['hangs', HANGS],
  ] as const)('at any instant of an update that %s leaves a pump that boots', (_, personality) => {
    const random = seededRandom(20);
    for (let round = 0; round < 60; round++) {
      // Every 5 s of the update and somewhere between, and sometimes once more.
      const rig = updating(personality);
      rig.run(round * 5_000 + random.int(0, 4_999));
      pullPlug(rig, random.int(1, 300_000));
      if (random.next() < 0.5) {
        rig.run(random.int(0, 200_000));
        pullPlug(rig, random.int(1, 100_000));
      }
      expectBoots(rig);
      if (personality.selfTest !== 'passes') expect(rig.pump.firmware).toBe(V10);
    }
  });
});
