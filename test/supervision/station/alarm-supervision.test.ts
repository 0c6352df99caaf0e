import { beforeEach, describe, expect, test } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import { type ControlId, type EvidenceEntry, parseSerial, type Serial } from '../../../protocol/index.ts';
import { AlarmSupervision } from '../../../supervision/station/alarm-supervision.ts';

const SERIAL = parseSerial('LVP-0001') as Serial;
let clock: HeapClock;
let told: EvidenceEntry[];

function supervision(controls: ControlId[] = ['alarm-supervision']) {
  const notices: string[] = [];
  const watch = new AlarmSupervision({
    clock,
    controls: new Set(controls),
    evidence: (entry) => told.push(entry),
    noticed: ({ atMs, cause }) => notices.push(`${atMs / 1_000} s: ${cause}`),
  });
  watch.expectTelemetryEvery(30_000);
  return { watch, notices };
}

beforeEach(() => {
  clock = new HeapClock(0);
  told = [];
});

describe('a pump that says nothing', () => {
  test('is noticed after three periods, once, and told again when it is heard', () => {
    const { watch, notices } = supervision();
    for (let s = 0; s <= 300; s += 30) {
      clock.runTo(s * 1_000);
      watch.heard(SERIAL);
    }
    expect(notices).toEqual([]);
    clock.runTo(3_600_000);
    expect(notices).toEqual(['390 s: nothing was heard of it for 90 s']);
    watch.heard(SERIAL);
    clock.runTo(7_200_000);
    expect(notices).toHaveLength(2);
    expect(told.map(({ event, control }) => `${event} ${control}`)).toEqual([
      'supervision.pump-silent alarm-supervision',
      'supervision.pump-heard alarm-supervision',
      'supervision.pump-silent alarm-supervision',
    ]);
  });

  test('is not missed where nobody supervises alarms, nor where no telemetry is due', () => {
    const { watch, notices } = supervision([]);
    watch.heard(SERIAL);
    const idle = supervision();
    idle.watch.expectTelemetryEvery(Number.POSITIVE_INFINITY);
    idle.watch.heard(SERIAL);
    clock.runTo(3_600_000);
    expect([notices, idle.notices, told]).toEqual([[], [], []]);
  });

  test('is noticed 15 s after its last will, unless it is back by then', () => {
    const { watch, notices } = supervision();
    watch.heard(SERIAL);
    watch.lostLink(SERIAL);
    clock.runTo(10_000);
    watch.heard(SERIAL);
    clock.runTo(40_000);
    expect(notices).toEqual([]);
    watch.lostLink(SERIAL);
    clock.runTo(60_000);
    expect(notices).toEqual(['55 s: its session was cut']);
  });

  test('is left alone once the watch has ended', () => {
    const { watch, notices } = supervision();
    watch.heard(SERIAL);
    watch.stop();
    clock.runTo(3_600_000);
    expect(notices).toEqual([]);
  });
});

describe('a log with a gap', () => {
  const hear = (watch: AlarmSupervision, ...seqs: number[]) => {
    for (const seq of seqs) watch.numbered(SERIAL, seq, 0);
  };
  test('is noticed after a minute, unless what is missing came, or the pump has it no more', () => {
    const { watch, notices } = supervision();
    hear(watch, 5, 6, 8, 7);
    clock.runTo(70_000);
    watch.numbered(SERIAL, 12, 12);
    clock.runTo(140_000);
    expect(notices).toEqual([]);
    hear(watch, 14);
    clock.runTo(210_000);
    expect(notices).toEqual(['200 s: records of its log do not come']);
  });

  test('is none where the station itself was away', () => {
    const { watch, notices } = supervision();
    hear(watch, 5);
    watch.forgetNumbers();
    hear(watch, 50);
    clock.runTo(120_000);
    expect(notices).toEqual([]);
  });
});
