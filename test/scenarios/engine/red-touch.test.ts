import { describe, expect, it } from 'vitest';
import { parseSerial } from '../../../protocol/index.ts';
import { isOfRed, redTouch } from '../../../scenarios/engine/red-touch.ts';
import type { Step } from '../../../scenarios/format/steps.ts';
import { type Observation, parseScenario } from '../../../scenarios/index.ts';
import { alertOf, MINUTE_MS, START_MS } from './observed.ts';

const at = (minute: number): number => START_MS + minute * MINUTE_MS;
const NOBODY = alertOf('x').about;

/** A tool listens, and later commands one of two pumps with the key of a station. */
const parsed = parseScenario(
  `id: x
title: x
family: attack
summary: x
duration: 10m
fleet:
  - { model: lvp, serial: LVP-0001, careArea: adult-icu, firmware: 1.0.0 }
  - { model: lvp, serial: LVP-0002, careArea: adult-icu, firmware: 1.0.0 }
attack:
  success: [{ id: over, what: over, measure: delivered-over-order, pumps: all, atLeastMl: 5 }]
  expected: { layered: bounded }
steps:
  - id: arrive
    team: red
    actor: somebody
    trigger: { at: 1m }
    action:
      do: connect
      connection: tool
      as:
        credential: stolen-certificate
        of: { kind: observer, id: watch-01 }
        claims: { kind: nurse-station, id: station-01 }
      to: broker
      listener: any
  - id: listen
    team: red
    actor: somebody
    trigger: { at: 2m }
    action: { do: subscribe, connection: tool, filter: pumps/+/command }
  - id: publish
    team: red
    actor: somebody
    trigger: { at: 5m }
    action: { do: publish, connection: tool, topic: pumps/LVP-0001/command, payload: { text: x } }
  - id: flood
    team: red
    actor: somebody
    trigger: { at: 8m }
    action:
      do: send-malformed
      as: { credential: none }
      listener: any
      malformation: length-of-five-bytes
`,
  'x.yaml',
);
if (!('value' in parsed)) throw new Error(JSON.stringify(parsed.problems));
const { steps } = parsed.value;

const outcome = (stepId: string, minute: number): Observation['steps'][number] => ({
  ...{ stepId, outcome: 'succeeded', detail: '', atMs: at(minute) },
});
const touch = redTouch(steps, {
  steps: [outcome('arrive', 1), outcome('listen', 2), outcome('publish', 5), outcome('flood', 8)],
  adversaryAddresses: ['127.20.255.254'],
});
const isRed = (minute: number, about: Partial<typeof NOBODY>) =>
  isOfRed(touch, { atMs: at(minute), about: { ...NOBODY, ...about } });

describe('an alert is of the doing of an adversary', () => {
  it('about an identity that it shows or claims, from then on', () => {
    expect(isRed(0, { identity: 'urn:pumprange:observer:watch-01' })).toBe(false);
    expect(isRed(1, { identity: 'urn:pumprange:observer:watch-01' })).toBe(true);
    expect(isRed(1, { identity: 'urn:pumprange:nurse-station:station-01' })).toBe(true);
    expect(isRed(9, { identity: 'urn:pumprange:nurse-station:station-02' })).toBe(false);
  });

  it('about a pump that it did something to, and not where it only listens', () => {
    expect(isRed(3, { pump: 'LVP-0001', identity: 'urn:pumprange:nurse-station:station-02' })).toBe(false);
    expect(isRed(5, { pump: 'LVP-0001' })).toBe(true);
    expect(isRed(5, { pump: 'LVP-0002' })).toBe(false);
  });

  it('about any pump, once it does something to what all of them need', () => {
    expect(isRed(8, { pump: 'LVP-0002' })).toBe(true);
  });

  it('about where it stands, and about nobody at all', () => {
    expect(isRed(1, { address: '127.20.255.254' })).toBe(true);
    expect(isRed(1, { address: '127.26.0.12' })).toBe(false);
    expect(isRed(1, {})).toBe(true);
    expect(isRed(0, {})).toBe(false);
  });

  it('holds the keys that it shows, and none of whom it only claims to be', () => {
    expect([...touch.held]).toEqual(['urn:pumprange:observer:watch-01']);
  });

  it('holds the name that an enrolment gave it, and none that was refused', () => {
    const enrol: Step = {
      ...{ id: 'ask', team: 'red', actor: 'somebody', trigger: { at: '1m' } },
      action: { do: 'enrol', as: { credential: 'none' }, pump: parseSerial('LVP-0001')!, keepAs: 'papers' },
    };
    const heldAfter = (outcome: 'succeeded' | 'refused') => [
      ...redTouch([enrol], { steps: [{ stepId: 'ask', outcome, detail: '', atMs: at(1) }] }).held,
    ];
    expect(heldAfter('succeeded')).toEqual(['urn:pumprange:pump:LVP-0001']);
    expect(heldAfter('refused')).toEqual([]);
  });
});
