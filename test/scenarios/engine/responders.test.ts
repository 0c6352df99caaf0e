import { describe, expect, it } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import { type Alert, parseSerial } from '../../../protocol/index.ts';
import type { StageAction, StepResult } from '../../../scenarios/engine/port.ts';
import { Responders } from '../../../scenarios/engine/responders.ts';
import { type Playbook, playbookSchema } from '../../../scenarios/format/playbook.ts';
import { alertOf, START_MS } from './observed.ts';

const SERIALS = ['LVP-0001', 'LVP-0002'].map((serial) => parseSerial(serial)!);
const THIEF = { kind: 'pump', id: 'LVP-0009' } as const;
const STOLEN = 'urn:pumprange:pump:LVP-0009';

function playbook(parts: object = {}): Playbook {
  return playbookSchema.parse({
    id: 'revoke-it',
    title: 'Revoke it',
    summary: 'For a test.',
    trigger: { rules: ['some-rule'] },
    delay: { notice: '20s', decide: '30s', act: '10s' },
    actions: [{ do: 'revoke' }],
    ...parts,
  });
}

/** A ward on which every action succeeds, unless the test says otherwise. */
function ward(playbooks: readonly Playbook[], perform?: (action: StageAction) => Promise<StepResult>) {
  const clock = new HeapClock(START_MS);
  const alerts: Alert[] = [];
  const performed: { readonly atS: number; readonly action: StageAction }[] = [];
  const stage = {
    alerts: () => alerts,
    perform: (action: StageAction) => {
      performed.push({ atS: (clock.now() - START_MS) / 1_000, action });
      return perform?.(action) ?? Promise.resolve({ outcome: 'succeeded', detail: 'done' } as const);
    },
  };
  const responders = new Responders(stage, clock, SERIALS, playbooks);
  responders.answerWith(playbooks.map(({ id }) => id));
  return {
    responders,
    performed,
    raise(parts: Partial<Alert>, rule = 'some-rule'): void {
      alerts.push(alertOf(rule, { atMs: clock.now(), ...parts }));
      responders.heed();
    },
    async pass(seconds: number): Promise<void> {
      const untilMs = clock.now() + seconds * 1_000;
      for (
        let dueMs = clock.nextDueMs();
        dueMs !== undefined && dueMs <= untilMs;
        dueMs = clock.nextDueMs()
      ) {
        clock.fireInstant();
        await new Promise((resolve) => setImmediate(resolve));
      }
      clock.moveTo(untilMs);
    },
  };
}

const about = (parts: Partial<Alert['about']>): Partial<Alert> => ({
  about: { ...alertOf('x').about, ...parts },
});

describe('responders', () => {
  it('act once people have noticed, decided and acted, on whom the alert names', async () => {
    const { raise, pass, performed, responders } = ward([playbook()]);
    raise(about({ identity: STOLEN }));
    await pass(59);
    expect(performed).toEqual([]);
    await pass(1);
    expect(performed).toEqual([{ atS: 60, action: { do: 'revoke', identity: THIEF } }]);
    expect(responders.responses()).toMatchObject([
      {
        playbook: 'revoke-it',
        rule: 'some-rule',
        alertAtMs: START_MS,
        identity: STOLEN,
        actions: [{ action: 'revoke', outcome: 'succeeded', atMs: START_MS + 60_000, staffActions: 1 }],
      },
    ]);
  });

  it('answer rules and levels, and nothing else', async () => {
    const onLevel = playbook({ id: 'on-level', trigger: { level: 'high' } });
    const { raise, pass, responders } = ward([playbook(), onLevel]);
    raise({ level: 'medium', ...about({ identity: STOLEN }) }, 'other-rule');
    raise({ level: 'critical', ...about({ identity: STOLEN }) }, 'other-rule');
    await pass(100);
    expect(responders.responses().map((one) => one.playbook)).toEqual(['on-level']);
  });

  it('do not do the same twice about the same, nor more often than the playbook says', async () => {
    const { raise, pass, performed } = ward([playbook({ most: 2 })]);
    for (const id of ['a', 'a', 'b', 'c']) raise(about({ identity: `urn:pumprange:pump:${id}` }));
    await pass(100);
    expect(performed.map(({ action }) => action)).toEqual([
      { do: 'revoke', identity: { kind: 'pump', id: 'a' } },
      { do: 'revoke', identity: { kind: 'pump', id: 'b' } },
    ]);
  });

  it('take their actions one after the other, and go on where one cannot be done', async () => {
    const actions = [
      { do: 'manual-fallback' },
      { do: 'revoke', after: '1m' },
      { do: 'bedside-check', pumps: 'all', after: '1m' },
      { do: 'note', what: 'the vendor is called', staffActions: 0 },
      { do: 'restore', after: '5m' },
    ];
    const { raise, pass, performed, responders } = ward([playbook({ actions })], (action) =>
      action.do === 'bedside-check'
        ? Promise.reject(new Error('nobody is free'))
        : Promise.resolve({ outcome: 'succeeded', detail: 'done' }),
    );
    raise(about({ pump: 'LVP-0002' }));
    await pass(1_000);
    expect(performed).toEqual([
      { atS: 60, action: { do: 'network-cut', pumps: ['LVP-0002'] } },
      { atS: 180, action: { do: 'bedside-check', pumps: SERIALS } },
      { atS: 480, action: { do: 'network-restore', pumps: ['LVP-0002'] } },
    ]);
    const [response] = responders.responses();
    expect(response?.actions.map(({ action, outcome, detail }) => [action, outcome, detail])).toEqual([
      ['manual-fallback', 'succeeded', 'done'],
      ['revoke', 'skipped', 'the alert names no identity'],
      ['bedside-check', 'refused', 'nobody is free'],
      ['note', 'succeeded', 'the vendor is called'],
      ['restore', 'succeeded', 'done'],
    ]);
  });

  it('move addresses and identities out of reach, switch services off, and stop the server', async () => {
    const actions = [
      { do: 'quarantine' },
      { do: 'quarantine', whom: 'identity' },
      { do: 'services-off', pumps: 'all', services: ['console', 'files'] },
      { do: 'stop-server' },
    ];
    const { raise, pass, performed, responders } = ward([playbook({ actions })], (action) =>
      action.do === 'set-service' && action.pump === 'LVP-0002'
        ? Promise.resolve({ outcome: 'refused', detail: 'it is off' })
        : Promise.resolve({ outcome: 'succeeded', detail: 'done' }),
    );
    raise(about({ address: '127.20.9.9', identity: STOLEN }));
    await pass(100);
    const off = (pump: string, service: string) => ({ do: 'set-service', pump, service, on: false });
    expect(performed.map(({ action }) => action)).toEqual([
      { do: 'quarantine', who: { address: '127.20.9.9' } },
      { do: 'quarantine', who: { identity: THIEF } },
      ...['LVP-0001', 'LVP-0002'].flatMap((pump) => [off(pump, 'console'), off(pump, 'files')]),
      { do: 'server-stop' },
    ]);
    // What is not done to all is not done.
    expect(responders.responses()[0]?.actions[2]).toMatchObject({ outcome: 'refused', detail: 'it is off' });
  });

  it('carry out a playbook at once where somebody says so', async () => {
    const { responders, performed } = ward([playbook()]);
    const result = await responders.run({ do: 'run-playbook', playbook: 'revoke-it', identity: THIEF });
    expect(result).toEqual({ outcome: 'succeeded', detail: '1 of 1 actions of revoke-it succeeded' });
    expect(performed).toEqual([{ atS: 0, action: { do: 'revoke', identity: THIEF } }]);
    expect(responders.responses()).toMatchObject([{ rule: null, alertAtMs: null, identity: STOLEN }]);
    await expect(responders.run({ do: 'run-playbook', playbook: 'no-such' })).rejects.toMatchObject({
      code: 'PR_STEP_FAILED',
    });
  });
});
