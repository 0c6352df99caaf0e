import { expect, it } from 'vitest';
import { HeapClock, seededRandom, unsettled } from '../../clock/index.ts';
import { createMemoryPki } from '../../pki/index.ts';
import { type ControlId, DEFAULT_SETTINGS, parseSerial } from '../../protocol/index.ts';
import { loadWardData } from '../../testbed/data.ts';
import { addPump } from '../../testbed/fleet.ts';

const data = loadWardData();

function pumpUnder(controls: readonly ControlId[]) {
  const clock = new HeapClock(Date.UTC(2026, 0, 5));
  const pki = createMemoryPki({ clock, evidence: () => undefined });
  const { pump } = addPump(
    {
      serial: parseSerial('LVP-0001')!,
      model: 'lvp',
      careArea: 'adult-icu',
      firmware: '1.1.0',
      library: null,
    },
    {
      clock,
      settling: unsettled,
      random: seededRandom(1),
      pki,
      judge: pki.judge({ revocation: false }),
      posture: {
        id: 'of-the-test',
        title: 'Of the test',
        controls: new Set(controls),
        settings: DEFAULT_SETTINGS,
      },
      data,
      evidence: () => undefined,
      endpoint: () => {
        throw new Error('nobody connects here');
      },
      telemetryEveryMs: 10_000,
    },
  );
  pump.bedside('nurse', { action: 'power-on', newPatient: true });
  clock.runTo(clock.now() + 70_000);
  pump.bedside('nurse', { action: 'lock' });
  const { nurse, biomed } = pump.codes;
  const wrong = ['0000', '1111', '2222'].find((code) => code !== nurse && code !== biomed)!;
  for (let tries = 0; tries < 5; tries++) pump.bedside('nurse', { action: 'unlock', code: wrong });
  return pump.bedside('nurse', { action: 'unlock', code: nurse });
}

it('locks the keypad of a pump after wrong codes where the posture has it, and only there', () => {
  expect(pumpUnder(['keypad-lockout'])).toMatchObject({ accepted: false, control: 'keypad-lockout' });
  expect(pumpUnder([])).toEqual({ accepted: true });
});
