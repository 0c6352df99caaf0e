import { describe, expect, test } from 'vitest';
import type { ControlId, Layer } from '../../protocol/index.ts';
import type { Cell, FirmwareState } from '../../scenarios/index.ts';
import { loadExercise, runScenarios } from '../../testbed/index.ts';

const exercise = loadExercise();
const lost = (domain: Layer): Cell => ({ cell: 'lost', domain });
const without = (control: ControlId): Cell => ({ cell: 'removed', control });

async function attack(id: string, cell: Cell, firmware?: FirmwareState) {
  const { report } = await runScenarios(exercise, {
    what: [id],
    posture: 'layered',
    cell,
    ...(firmware && { firmware }),
  });
  const run = report.runs[0];
  if (run?.attack === undefined) throw new Error(`${id} is no attack`);
  return { ...run.attack, stoppedBy: run.stoppedBy };
}

describe('what is said in the name of a pump', () => {
  test('is refused by its missing signature where anybody may publish, if the pump can sign', async () => {
    const cell = without('topic-authorization');
    expect(await attack('forged-pump-log', cell, 'patched')).toMatchObject({
      succeeded: false,
      stoppedBy: ['signed-uplink'],
    });
    expect(await attack('forged-pump-log', cell, 'vulnerable')).toMatchObject({ succeeded: true });
  });

  test('hides no alarm while a silent pump is missed, and does where nobody misses it', async () => {
    expect(await attack('forged-all-well', { cell: 'all' })).toMatchObject({ harm: { alarmsMissed: 0 } });
    expect(await attack('forged-all-well', without('alarm-supervision'))).toMatchObject({
      harm: { alarmsMissed: 1 },
    });
  });
});

test('who the patients are is read out of telemetry without phi-minimization, and of new patients where anybody may read', async () => {
  const harvest = (control: ControlId) => attack('wildcard-record-harvest', without(control));
  expect(await harvest('phi-minimization')).toMatchObject({ succeeded: true, harm: { recordsRead: 4 } });
  expect(await harvest('topic-authorization')).toMatchObject({ succeeded: false, harm: { recordsRead: 1 } });
  expect(await attack('wildcard-record-harvest', { cell: 'all' })).toMatchObject({
    harm: { recordsRead: 0 },
  });
});

describe('a log that was changed on the machine that keeps it', () => {
  const ids = ['evidence-log-wiped', 'evidence-log-forged'] as const;
  const none = { recordsRead: 0, overMl: 0, underMl: 0 };

  test.each(ids)('is noticed by what is kept elsewhere, and only by that: %s', async (id) => {
    const alone: Cell = { cell: 'alone', control: 'evidence-offload' };
    expect(await attack(id, alone)).toMatchObject({ succeeded: false, bounded: true, harm: none });
    expect(await attack(id, { cell: 'all' })).toMatchObject({ succeeded: false });
    expect(await attack(id, without('evidence-offload'))).toMatchObject({ succeeded: true, bounded: false });
  });

  test.each(ids)('is there to be changed where supervision is lost, too: %s', async (id) => {
    expect(await attack(id, lost('supervision'))).toMatchObject({ succeeded: true, bounded: false });
  });
});

test('an insider reads of each who is admitted, and no control of the posture bounds it', async () => {
  for (const cell of [{ cell: 'bare' }, { cell: 'all' }] as const) {
    expect(await attack('insider-reads-records', cell)).toMatchObject({
      ...{ succeeded: true, bounded: false },
      harm: { recordsRead: 3 },
    });
  }
});
