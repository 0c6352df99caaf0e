import { describe, expect, test } from 'vitest';
import type { ControlId, PatientIdentifiers } from '../../../protocol/index.ts';
import { ShellRig } from './shell-rig.ts';

const PATIENT: PatientIdentifiers = {
  encounter: 'TRAINING-ENC-00000001-000001',
  patientName: 'TRAINING, Kilo Lima-0001',
  recordNumber: 'TRAINING-00000001',
  bed: 'adult-icu/bed-07',
};
const MINUTE_MS = 60_000;

async function admitted(controls: readonly ControlId[]): Promise<ShellRig> {
  const rig = await new ShellRig({ controls: new Set(controls), admit: () => PATIENT }).start();
  rig.pump.bedside('nurse', { action: 'power-on', newPatient: true });
  await rig.run(3 * MINUTE_MS);
  return rig;
}

/** Topics on which the record number was seen, without the serial number. */
function topicsWith(rig: ShellRig, text: string): string[] {
  const found = rig.heard.filter(({ message }) => JSON.stringify(message).includes(text));
  return [...new Set(found.map(({ topic }) => topic.split('/')[2] ?? ''))].sort();
}

describe('who the patient is', () => {
  test('stands with phi-minimization in the topic of the patient and nowhere else', async () => {
    const rig = await admitted(['phi-minimization']);
    for (const value of Object.values(PATIENT)) expect(topicsWith(rig, value)).toEqual(['patient']);
    expect(rig.on('telemetry').length).toBeGreaterThan(10);
  });

  test('stands without it where old pumps put it, too', async () => {
    const rig = await admitted([]);
    for (const value of Object.values(PATIENT)) {
      expect(topicsWith(rig, value)).toEqual(['event', 'patient', 'status', 'telemetry']);
    }
  });

  test('is said when a new patient comes, again to a new session, and not for the patient who stays', async () => {
    let number = 0;
    const rig = new ShellRig({
      controls: new Set<ControlId>(['phi-minimization']),
      admit: () => {
        number += 1;
        return { ...PATIENT, recordNumber: `TRAINING-0000000${number}` };
      },
    });
    await rig.start();
    const said = () => rig.on('patient').map(({ message }) => message.body.recordNumber);
    expect(said()).toEqual([]);
    rig.pump.bedside('nurse', { action: 'power-on', newPatient: true });
    await rig.run(2 * MINUTE_MS);
    rig.pump.bedside('nurse', { action: 'power-off' });
    rig.pump.bedside('nurse', { action: 'power-on', newPatient: false });
    await rig.run(2 * MINUTE_MS);
    expect(said()).toEqual(['TRAINING-00000001']);
    rig.shell.renewSession();
    await rig.run(MINUTE_MS);
    expect(said()).toEqual(['TRAINING-00000001', 'TRAINING-00000001']);
    rig.pump.bedside('nurse', { action: 'power-off' });
    rig.pump.bedside('nurse', { action: 'power-on', newPatient: true });
    await rig.run(2 * MINUTE_MS);
    expect(said().at(-1)).toBe('TRAINING-00000002');
  });
});
