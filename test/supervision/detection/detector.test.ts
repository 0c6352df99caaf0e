import { describe, expect, it } from 'vitest';
import { CONTROL_IDS, type ControlId, type EvidenceEvent } from '../../../protocol/index.ts';
import type { DetectionRule } from '../../../supervision/detection/rule.ts';
import { createDetector } from '../../../supervision/index.ts';
import { event, rule } from './events.ts';

const ALL: ReadonlySet<ControlId> = new Set(CONTROL_IDS);

/** Seconds at which the rules alert, each event being looked at when it comes; in the end `untilS` has passed. */
function times(
  events: readonly EvidenceEvent[],
  rules: DetectionRule | readonly DetectionRule[],
  untilS = 0,
) {
  return alerts(events, rules, untilS).map(({ atMs }) => atMs / 1_000);
}

function alerts(
  events: readonly EvidenceEvent[],
  rules: DetectionRule | readonly DetectionRule[],
  untilS = 0,
) {
  const detector = createDetector([rules].flat(), ALL);
  return [...events.flatMap((one) => detector.observe(one)), ...detector.advance(untilS * 1_000)];
}

const named = (name: string, atS: number, parts: Partial<EvidenceEvent> = {}) =>
  event(atS, { event: name, ...parts });
const a = (atS: number, parts: Partial<EvidenceEvent> = {}) => named('a', atS, parts);
const b = (atS: number, parts: Partial<EvidenceEvent> = {}) => named('b', atS, parts);
const c = (atS: number, parts: Partial<EvidenceEvent> = {}) => named('c', atS, parts);

const abc = { a: { event: 'a' }, b: { event: 'b' }, c: { event: 'c' } };
const three = rule({ correlation: { type: 'event_count', atLeast: 3, within: '60s' } });

describe('a detector', () => {
  it('alerts at each event that fits, and says whom it is about', () => {
    const one = rule({ detection: { denied: { outcome: 'denied' }, condition: 'denied' } });
    const subject = 'urn:pumprange:pump:LVP-0001';
    expect(
      alerts([event(3, { subject, session: 'pump:LVP-0001' }), event(4, { outcome: 'allowed' })], one),
    ).toEqual([
      {
        rule: 'a-rule',
        level: 'medium',
        atMs: 3_000,
        sinceMs: 3_000,
        subject: '127.0.0.1',
        about: {
          identity: subject,
          address: '127.0.0.1',
          zone: null,
          session: 'pump:LVP-0001',
          certificate: null,
          pump: 'LVP-0001',
          object: null,
        },
      },
    ]);
  });

  it('never sees what a blue team could not', () => {
    const hidden = [a(0), a(1, { visibility: 'white' }), a(2, { visibility: 'red' })];
    expect(times(hidden, three)).toEqual([]);
  });

  it('tells nobody where anomaly detection is off, and asks for that only when it would have something to tell', () => {
    const asked: unknown[] = [];
    const none = new Set<ControlId>();
    const controls = { ...none, has: (id: ControlId) => asked.push(id) < 0 } as ReadonlySet<ControlId>;
    const detector = createDetector([three], controls);
    expect([a(0), a(1)].flatMap((one) => detector.observe(one))).toEqual([]);
    expect(asked).toEqual([]);
    expect(detector.observe(a(2))).toEqual([]);
    expect(asked).toEqual(['anomaly-detection']);
  });

  it('keeps quiet about the same subject for as long as the rule says', () => {
    const quiet = rule({ quiet: '10s' });
    expect(times([a(0), a(9), a(10), a(11), a(12, { address: 'other' })], quiet)).toEqual([0, 10, 12]);
  });

  it('reads only what the components of the rule report', () => {
    const ofPumps = rule({ source: ['pump'] });
    expect(
      times([a(0), a(1, { source: 'pump:LVP-0001' }), a(2, { source: 'pump-server' })], ofPumps),
    ).toEqual([1]);
  });
});

describe('a threshold', () => {
  it('is reached within its time, and counts anew after it', () => {
    expect(times([a(0), a(30), a(59)], three)).toEqual([59]);
    expect(times([a(0), a(30), a(60)], three)).toEqual([]);
    expect(times([a(0), a(1), a(2), a(3), a(4), a(5)], three)).toEqual([2, 5]);
  });

  it('counts each subject of its own, and none that is not named', () => {
    const other = { address: '127.0.0.2' };
    const seen = [a(0), a(1, other), a(2), a(3, other), a(4), a(5, other)];
    expect(alerts(seen, three).map(({ subject, atMs }) => [subject, atMs / 1_000])).toEqual([
      ['127.0.0.1', 4],
      ['127.0.0.2', 5],
    ]);
    expect(
      times(
        [0, 1, 2, 3].map((atS) => a(atS, { address: null })),
        three,
      ),
    ).toEqual([]);
  });
});

describe('a count of different values', () => {
  const addresses = rule({
    by: ['certificate'],
    correlation: { type: 'value_count', field: 'address', atLeast: 2, within: '60s' },
  });
  const from = (atS: number, address: string | null) => a(atS, { address, certificateFingerprint: 'f' });

  it('counts each once, and forgets what is too old', () => {
    expect(times([from(0, 'x'), from(1, 'x'), from(2, 'y')], addresses)).toEqual([2]);
    expect(times([from(0, 'x'), from(60, 'y')], addresses)).toEqual([]);
    expect(times([from(0, 'x'), from(50, 'x'), from(60, 'y')], addresses)).toEqual([60]);
    expect(times([from(0, 'x'), from(1, null)], addresses)).toEqual([]);
  });
});

describe('a sequence', () => {
  const sequence = rule({
    detection: { ...abc, condition: 'a' },
    correlation: { type: 'temporal_ordered', followedBy: ['b', 'c'], within: '60s' },
  });

  it('wants its events in their order and within its time', () => {
    expect(times([a(0), b(1), c(2)], sequence)).toEqual([2]);
    expect(times([b(0), a(1), c(2)], sequence)).toEqual([]);
    expect(times([a(0), b(1), c(60)], sequence)).toEqual([]);
    expect(times([a(0), b(1), a(30), c(59)], sequence)).toEqual([59]);
  });

  it('takes the latest beginning, so that an old one is not in the way', () => {
    expect(times([a(0), b(1), a(50), b(51), c(61)], sequence)).toEqual([61]);
  });

  it('does not take one event for two steps', () => {
    const twice = rule({ correlation: { type: 'temporal_ordered', followedBy: ['a'], within: '60s' } });
    expect(times([a(0), a(1)], twice)).toEqual([1]);
    expect(times([a(0)], twice)).toEqual([]);
  });

  it('is not hidden by a flood of its later events', () => {
    const flood = Array.from({ length: 1_000 }, (_, index) => c(1 + index / 1_000));
    expect(times([a(0), ...flood, b(10), c(11)], sequence)).toEqual([11]);
  });
});

describe('an absence', () => {
  const absence = rule({
    detection: { ...abc, condition: 'a' },
    correlation: { type: 'absence', expected: 'b or c', within: '10s' },
  });

  it('is told at the instant at which what should have come is missing', () => {
    expect(alerts([a(5)], absence, 100)).toMatchObject([{ atMs: 15_000, sinceMs: 5_000 }]);
    expect(times([a(5), b(14)], absence, 100)).toEqual([]);
    expect(times([a(5), a(14)], absence, 15)).toEqual([15]);
    expect(times([a(5)], absence, 14)).toEqual([]);
  });

  it('takes what comes at the very end of its time', () => {
    expect(times([a(5), b(15)], absence, 100)).toEqual([]);
    expect(times([a(5), b(15.001)], absence, 100)).toEqual([15]);
  });

  it('waits for each subject, and says when to look next', () => {
    const detector = createDetector([absence], ALL);
    detector.observe(a(0));
    detector.observe(a(3, { address: 'other' }));
    expect(detector.nextDueMs()).toBe(10_000);
    detector.observe(b(4));
    expect(detector.nextDueMs()).toBe(13_000);
    expect(detector.advance(12_999)).toEqual([]);
    expect(detector.advance(13_000)).toMatchObject([{ subject: 'other' }]);
    expect(detector.nextDueMs()).toBeUndefined();
  });
});

describe('a silence', () => {
  const silence = rule({
    detection: { a: abc.a, b: abc.b, condition: 'a' },
    correlation: { type: 'silence', until: 'b', within: '10s' },
  });

  it('is told once nothing has been heard for so long, and only of who was heard before', () => {
    expect(times([a(0), a(9), a(18)], silence, 27)).toEqual([]);
    expect(times([a(0), a(9), a(18)], silence, 28)).toEqual([28]);
    expect(times([c(0)], silence, 100)).toEqual([]);
    expect(times([a(0), a(40)], silence, 60)).toEqual([10, 50]);
  });

  it('ends with a farewell', () => {
    expect(times([a(0), b(5)], silence, 100)).toEqual([]);
  });
});

describe('the memory of a detector', () => {
  it('is bounded: of too many subjects the one not heard of for longest is forgotten', () => {
    const two = rule({ correlation: { type: 'event_count', atLeast: 2, within: '1h' } });
    const crowd = (size: number) =>
      Array.from({ length: size }, (_, index) => a(1 + index / 1_000, { address: `10.0.0.${index}` }));
    expect(times([a(0), ...crowd(9_000), a(100)], two)).toEqual([100]);
    expect(times([a(0), ...crowd(10_000), a(100)], two)).toEqual([]);
  });
});
