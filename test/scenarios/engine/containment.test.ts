import { describe, expect, it } from 'vitest';
import { containedAtMs } from '../../../scenarios/engine/containment.ts';
import type { Observation, ResponseAction } from '../../../scenarios/index.ts';
import { flows, intent, MINUTE_MS, observed, pump, START_MS } from './observed.ts';

const at = (minute: number): number => START_MS + minute * MINUTE_MS;

function response(minute: number, parts: Partial<ResponseAction> = {}): Observation['responses'][number] {
  const action = { action: 'revoke', outcome: 'succeeded', detail: '', pumps: [], staffActions: 1 } as const;
  return {
    playbook: 'revoke-it',
    rule: 'some-rule',
    alertAtMs: at(minute - 1),
    identity: null,
    address: null,
    pump: null,
    actions: [{ ...action, atMs: at(minute), ...parts }],
  };
}

const red = {
  successesMs: [at(5), at(6)],
  openConnections: 0,
  lastClosedMs: at(8),
  touch: {
    touches: [
      { atMs: at(5), identities: new Set(['urn:pumprange:pump:LVP-0009']), pumps: new Set<string>() },
    ],
    held: new Set<string>(),
    addresses: new Set<string>(),
  },
};
const minuteOf = (ms: number | null) => (ms === null ? null : (ms - START_MS) / MINUTE_MS);
const contained = (run: Partial<Observation>, traces: Partial<typeof red> = {}) =>
  minuteOf(containedAtMs(observed({ responses: [response(8)], ...run }), { ...red, ...traces }));

describe('containment', () => {
  it('is when the last connection of the adversary was ended by what the defenders did', () => {
    expect(contained({})).toBe(8);
    expect(contained({}, { lastClosedMs: at(9) })).toBe(9);
    expect(contained({}, { openConnections: 1 })).toBeNull();
  });

  it('is none where nobody did anything that took effect', () => {
    expect(contained({ responses: [] })).toBeNull();
    expect(contained({ responses: [response(8, { outcome: 'refused' })] })).toBeNull();
    expect(contained({ responses: [response(8, { action: 'note' })] })).toBeNull();
    expect(contained({ responses: [response(8, { isIdle: true })] })).toBeNull();
  });

  it('is none before the adversary has achieved its last', () => {
    expect(contained({}, { successesMs: [at(10)] })).toBeNull();
    expect(contained({ responses: [response(8), response(12)] }, { successesMs: [at(10)] })).toBe(12);
  });

  it('is none by what was done to somebody else', () => {
    const about = (identity: string) => contained({ responses: [{ ...response(8), identity }] });
    expect(about('urn:pumprange:nurse-station:station-01')).toBeNull();
    expect(about('urn:pumprange:pump:LVP-0009')).toBe(8);
  });

  it('waits until nothing more is heard', () => {
    expect(contained({ received: [{ connection: 'c', topic: 't', atMs: at(20) }] })).toBe(20);
  });

  it('waits until every pump flows as ordered again', () => {
    const intents = [intent(1, 20)];
    const flow = (...pairs: [number, number][]) => ({ intents, pumps: [pump({ flows: flows(...pairs) })] });
    expect(contained(flow([1, 20], [6, 60], [15, 20]))).toBe(15);
    expect(contained(flow([1, 20], [6, 60]))).toBeNull();
    expect(contained(flow([1, 20.5]))).toBe(8);
    // The order ends by itself, an hour after the run.
    const ending = [intent(1, 20, { volumeToBeInfusedMl: 40 })];
    expect(contained({ ...flow([1, 20]), intents: ending })).toBe(8);
  });

  it('blames no adversary for what was off before it came', () => {
    const intents = [intent(1, 20)];
    expect(contained({ intents, pumps: [pump({ flows: flows([1, 10]) })] })).toBe(8);
  });
});
