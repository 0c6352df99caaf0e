import { durationMs } from '../../format/duration.ts';
import type { ExpectationOf } from '../../format/measures.ts';
import type { Observation, PumpSnapshot } from '../observation.ts';
import { type Finding, forEachPump } from './finding.ts';

type StateExpectation = ExpectationOf<
  | 'therapy-state'
  | 'library-in-use'
  | 'library-pending'
  | 'configuration-in-use'
  | 'firmware-running'
  | 'exposed-to'
  | 'supervision'
>;

const NAMES = {
  'therapy-state': 'state',
  'library-in-use': 'library',
  'library-pending': 'pending library',
  'configuration-in-use': 'configuration',
  'firmware-running': 'firmware',
  'exposed-to': 'pump is',
  supervision: 'pump is',
} as const satisfies Record<StateExpectation['measure'], string>;

/** What pumps were at an instant. A pump that was not read at that very instant does not hold. */
export function evaluateState(expectation: StateExpectation, observation: Observation): Finding {
  const { measure, pumps, equals, at } = expectation;
  const atMs = at === undefined ? observation.endMs : observation.startMs + durationMs(at);
  const expected = `${NAMES[measure]} ${equals} ${at === undefined ? 'at the end' : `at ${at}`}`;
  return forEachPump(pumps, observation, expected, ({ snapshots, channels }) => {
    const snapshot = snapshots.find((one) => one.atMs === atMs);
    if (snapshot === undefined) return { actual: 'not read then', held: false };
    const actual = stateOf(expectation, snapshot, channels);
    return { actual, held: actual === equals };
  });
}

function stateOf(expectation: StateExpectation, snapshot: PumpSnapshot, channels: readonly string[]): string {
  switch (expectation.measure) {
    case 'therapy-state': {
      const channel = expectation.channel ?? channels[0];
      return snapshot.channels.find((one) => one.channel === channel)?.therapy ?? `no channel ${channel}`;
    }
    case 'library-in-use':
      return snapshot.library.inUse ?? 'none';
    case 'library-pending':
      return snapshot.library.pending ?? 'none';
    case 'configuration-in-use':
      return snapshot.configuration ?? 'none';
    case 'firmware-running':
      return snapshot.firmware.running;
    case 'exposed-to': {
      if (snapshot.exposedTo === null) return 'unknown';
      return snapshot.exposedTo.includes(expectation.advisory) ? 'exposed' : 'not-exposed';
    }
    case 'supervision':
      return snapshot.supervision;
  }
}
