import { describe, expect, it } from 'vitest';
import { disruptionOf } from '../../../scenarios/engine/disruption.ts';
import type { Observation } from '../../../scenarios/index.ts';
import { scenarioWith } from '../../helpers/rehearsal.ts';
import { evidence, MINUTE_MS, observed, START_MS } from './observed.ts';

const STATION = 'urn:pumprange:nurse-station:station-01';
const THIEF = 'urn:pumprange:observer:watch-01';
const OURS = '127.26.0.12';
const THEIRS = '127.20.255.254';
const at = (minute: number): number => START_MS + minute * MINUTE_MS;

const { steps } = scenarioWith([
  {
    ...{ do: 'connect', connection: 'tool', to: 'broker', listener: 'tls' },
    as: { credential: 'stolen-certificate', of: { kind: 'observer', id: 'watch-01' } },
  },
]);

function answered(
  action: 'revoke' | 'quarantine',
  whom: { readonly identity?: string; readonly address?: string },
): Observation['responses'][number] {
  return {
    ...{
      playbook: 'a-playbook',
      rule: 'a-rule',
      alertAtMs: at(2),
      identity: null,
      address: null,
      pump: null,
    },
    ...whom,
    actions: [{ action, outcome: 'succeeded', detail: '', atMs: at(3), pumps: [], staffActions: 1 }],
  };
}

const session = (minute: number, event: string, subject: string, address: string) =>
  evidence({ receiptTimeMs: at(minute), event, subject, address });

const disruption = (response: Observation['responses'][number], ...events: Observation['evidence']) =>
  disruptionOf(
    steps,
    observed({
      responses: [response],
      evidence: events,
      adversaryAddresses: [THEIRS],
      steps: [{ stepId: 'step-0', outcome: 'succeeded', detail: '', atMs: at(1) }],
    }),
  );

describe('what defenders did to their own', () => {
  it('is a false response and a lost session where they revoke whom nobody stole from', () => {
    const found = disruption(
      answered('revoke', { identity: STATION }),
      session(3, 'session.dropped', STATION, OURS),
      session(7, 'session.opened', STATION, OURS),
    );
    expect(found.falseResponses).toMatchObject([{ action: 'revoke', whom: STATION, atMs: at(3) }]);
    expect(found.lostSessions).toEqual([{ identity: STATION, offlineMs: 4 * MINUTE_MS }]);
  });

  it('lasts to the end where it does not come back', () => {
    const found = disruption(
      answered('revoke', { identity: STATION }),
      session(3, 'session.dropped', STATION, OURS),
    );
    expect(found.lostSessions).toEqual([{ identity: STATION, offlineMs: 57 * MINUTE_MS }]);
  });

  it('is none where they hit the key that was stolen, but its owner loses what he had', () => {
    const found = disruption(
      answered('revoke', { identity: THIEF }),
      session(3, 'session.dropped', THIEF, THEIRS),
      session(3, 'session.dropped', THIEF, OURS),
    );
    expect(found.falseResponses).toEqual([]);
    expect(found.lostSessions.map(({ identity }) => identity)).toEqual([THIEF]);
    const alone = disruption(
      answered('revoke', { identity: THIEF }),
      session(3, 'session.dropped', THIEF, THEIRS),
    );
    expect(alone).toEqual({ falseResponses: [], lostSessions: [] });
  });

  it('is judged by the address where somebody is moved out of reach', () => {
    expect(disruption(answered('quarantine', { address: THEIRS })).falseResponses).toEqual([]);
    const found = disruption(
      answered('quarantine', { address: OURS }),
      session(3, 'session.closed', STATION, OURS),
    );
    expect(found.falseResponses).toMatchObject([{ action: 'quarantine', whom: OURS }]);
    expect(found.lostSessions).toHaveLength(1);
  });
});
